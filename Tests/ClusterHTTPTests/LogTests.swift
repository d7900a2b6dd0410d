import ClusterClient
import ClusterKit
import Testing

/// The output of tasks, whole, in frames, and as it is written.
struct LogTests {
    private static let target = "/v1/client/fs/logs/\(Sample.allocation)?task=srv&type=stdout"

    private func withLogs<Value: Sendable>(
        _ output: String, firstPart: Int? = nil,
        _ body: @Sendable @escaping (TestCluster, ClusterClient) async throws -> Value
    ) async throws -> Value {
        try await withCluster(records: Sample.records) { cluster in
            let client = try ClusterClient(servers: [cluster.address], timeout: .seconds(600))
            let bytes = Array(output.utf8)
            let agent = ScriptedAgent(
                link: client, node: Sample.node, output: bytes, firstPart: firstPart ?? bytes.count)
            let value = try await with(agent) { try await body(cluster, client) }
            await client.close()
            return value
        }
    }

    @Test func aFrameIsShapedAsNomads() async throws {
        let reply = try await withLogs("out\n") { cluster, _ in try await cluster.get(Self.target) }
        let sample = try JSONParser.parse(try Shape.fixture("fs_logs_framed.json"))
        #expect(try reply.json == sample)
        #expect(reply.header("Content-Type") == "application/json")
    }

    @Test func plainOutputIsTheBytes() async throws {
        let text = String(repeating: "0123456789abcdef\n", count: 20_000)
        try await withLogs(text) { cluster, client in
            let reply = try await cluster.get(Self.target + "&plain=true")
            #expect(reply.text == text)
            #expect(reply.header("Content-Type") == "text/plain")
            let tail = try await client.logs(of: "\(Sample.allocation)", task: "srv", from: .end(offset: 5))
            #expect(tail == Array("cdef\n".utf8))
            let rest = try await client.logs(of: "\(Sample.allocation)", task: "srv", from: .start(offset: 339_990))
            #expect(rest == Array(text.utf8.dropFirst(339_990)))
        }
    }

    @Test func followingGoesOnUntilTheTaskHasEnded() async throws {
        let text = "first \"}{\" line\n" + String(repeating: "and more\n", count: 10_000)
        let found = try await withLogs(text, firstPart: 7) { _, client in
            var found: [UInt8] = []
            for try await piece in try await client.followLogs(of: "\(Sample.allocation)", task: "srv") {
                found += piece.bytes
                #expect(piece.end == found.count)
            }
            return found
        }
        #expect(String(decoding: found, as: UTF8.self) == text)
    }

    @Test func wrongQuestionsAreRefused() async throws {
        let path = "/v1/client/fs/logs/\(Sample.allocation)"
        let cases = [
            (path, 400), ("\(path)?task=srv", 400), ("\(path)?task=srv&type=x", 400),
            ("\(path)?task=none&type=stdout", 404), ("\(path)?task=srv&type=stdout&origin=middle", 400),
            ("\(path)?task=srv&type=stdout&offset=-1", 400),
            ("/v1/client/fs/logs/00000000-0000-0000-0000-000000000000?task=srv&type=stdout", 404),
        ]
        try await withLogs("x") { cluster, _ in
            for (target, status) in cases {
                let reply = try await cluster.get(target)
                #expect(reply.status == status, "\(target): \(reply.text)")
                #expect(!reply.text.isEmpty)
            }
        }
    }
}
