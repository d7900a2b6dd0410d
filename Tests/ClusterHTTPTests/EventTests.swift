import AsyncHTTPClient
import ClusterKit
import NIOCore
import NIOHTTP1
import Testing

/// Changes are told in order, once, and only to those who asked.
struct EventTests {
    /// One line of the stream: its index, and topic, key and job of each event.
    private struct Line: Sendable {
        var index: Int
        var events: [(topic: String, key: String, value: JSONValue)]
    }

    /// Reads lines until `count` of them told something.
    private func read(
        _ count: Int, of response: HTTPClientResponse, heartbeats: Int = 0
    ) async throws -> (lines: [Line], heartbeats: Int) {
        var pending: [UInt8] = []
        var lines: [Line] = []
        var silent = 0
        for try await buffer in response.body {
            pending += Array(buffer: buffer)
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                guard case .object(let object) = try JSONParser.parse(Array(pending[..<end])) else { continue }
                pending.removeSubrange(...end)
                if case .integer(let index)? = object["Index"], case .array(let events)? = object["Events"] {
                    lines.append(Line(index: index, events: events.compactMap(Self.event)))
                } else {
                    silent += 1
                }
                if lines.count >= count, silent >= heartbeats { return (lines, silent) }
            }
        }
        return (lines, silent)
    }

    private static func event(_ value: JSONValue) -> (topic: String, key: String, value: JSONValue)? {
        guard case .object(let object) = value, case .string(let topic)? = object["Topic"],
            case .string(let key)? = object["Key"]
        else { return nil }
        return (topic, key, value)
    }

    @Test func changesComeInOrderAndOnlyWhatIsAskedFor() async throws {
        try await withCluster { cluster in
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Job")
            #expect(stream.headers.first(name: "Content-Type") == "application/json")
            for number in 0..<5 { _ = try await cluster.server.register(Sample.job("job-\(number)")) }
            let (lines, _) = try await read(5, of: stream)
            #expect(lines.flatMap(\.events).map(\.key) == (0..<5).map { "job-\($0)" })
            #expect(lines.flatMap(\.events).allSatisfy { $0.topic == "Job" })
            #expect(lines.map(\.index) == lines.map(\.index).sorted())
        }
    }

    @Test func aKeyPicksOneObjectAndWhatBelongsToIt() async throws {
        try await withCluster { cluster in
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Evaluation:b&topic=Job:b")
            _ = try await cluster.server.register(Sample.job("a"))
            _ = try await cluster.server.register(Sample.job("b"))
            let (lines, _) = try await read(1, of: stream)
            let events = lines.flatMap(\.events)
            #expect(events.map(\.topic).sorted() == ["Evaluation", "Job"])
            #expect(events.contains { $0.key == "b" })
        }
    }

    @Test func aStreamBeginsAtTheRevisionThatIsNamed() async throws {
        try await withCluster { cluster in
            var revisions: [UInt64] = []
            for number in 0..<4 {
                revisions.append(try await cluster.server.register(Sample.job("job-\(number)")).revision.number)
            }
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Job&index=\(revisions[1])")
            let (lines, _) = try await read(3, of: stream)
            #expect(lines.flatMap(\.events).map(\.key) == ["job-1", "job-2", "job-3"])
        }
    }

    /// What becomes of an older version is no registration of the job.
    @Test func anOlderVersionIsNotToldAsTheJob() async throws {
        try await withCluster { cluster in
            var job = Sample.job("svc")
            for program in ["/bin/one", "/bin/two"] {
                job.groups[0].tasks[0].config = ["command": .string(program)]
                _ = try await cluster.server.register(job)
            }
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Job&index=1")
            _ = try await cluster.server.tag(job.id, version: 0, as: "golden")
            _ = try await cluster.server.setStability(job.id, version: 1, isStable: true)
            let (lines, _) = try await read(3, of: stream)
            let jobs = lines.flatMap(\.events).compactMap { $0.value["Payload"]?["Job"] }
            #expect(jobs.map { $0["Version"] } == [.integer(0), .integer(1), .integer(1)])
            #expect(jobs.map { $0["Stable"] } == [.bool(false), .bool(false), .bool(true)])
        }
    }

    @Test func silenceIsToldAndEventsAreShapedAsNomads() async throws {
        try await withCluster(records: Sample.records, streamHeartbeat: .milliseconds(5)) { cluster in
            let stream = try await cluster.open("GET", "/v1/event/stream")
            let (_, heartbeats) = try await read(0, of: stream, heartbeats: 3)
            #expect(heartbeats >= 3)
        }
        try await withCluster(records: Sample.records) { cluster in
            let stream = try await cluster.open("GET", "/v1/event/stream?topic=Node")
            _ = try await cluster.server.setEligibility(Sample.node, .ineligible)
            let (lines, _) = try await read(1, of: stream)
            let recorded = try Shape.fixture("event_stream.ndjson").split(separator: UInt8(ascii: "\n"))
            let samples = try recorded.map { try JSONParser.parse(Array($0)) }.flatMap { line -> [JSONValue] in
                guard case .object(let object) = line, case .array(let events)? = object["Events"] else { return [] }
                return events
            }
            let sample = try #require(samples.first { Self.event($0)?.topic == "Node" })
            let ours = try #require(lines.first?.events.first?.value)
            #expect(Shape().differences(ours, from: sample) == [])
        }
    }
}
