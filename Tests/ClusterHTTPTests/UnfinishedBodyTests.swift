import AsyncHTTPClient
import ClusterKit
import NIOCore
import NIOHTTP1
import Testing

/// A body that does not come holds nobody up.
@Suite(.timeLimit(.minutes(10))) struct UnfinishedBodyTests {
    /// How long the first piece of a body may take to arrive. Nothing tells that it has: on a busy machine it may take
    /// longer, and then the next try gives it more time.
    private static let pauses: [Duration] = [.milliseconds(300), .seconds(2), .seconds(10), .seconds(30)]

    /// A request whose body has begun and does not go on, and what ends it.
    private func request(to cluster: TestCluster) -> (HTTPClientRequest, AsyncStream<ByteBuffer>.Continuation) {
        let (pieces, source) = AsyncStream.makeStream(of: ByteBuffer.self)
        source.yield(ByteBuffer(string: "{"))
        var request = HTTPClientRequest(url: cluster.vault.address + "/v1/secret/data/x")
        request.method = .PUT
        request.body = .stream(pieces, length: .known(Int64(100)))
        return (request, source)
    }

    @Test func aHalfSentBodyDoesNotHoldUpTheEnd() async throws {
        let recorder = LogRecorder()
        var status: UInt?
        for pause in Self.pauses where status == nil {
            status = try await withCluster(logger: recorder.logger) { cluster in
                let (request, source) = request(to: cluster)
                async let reply = cluster.http.execute(request, timeout: .seconds(300))
                try await Task.sleep(for: pause)
                await cluster.shutDown()
                // Without a reply it had not arrived.
                let status = try? await reply.status.code
                source.finish()
                return status
            }
        }
        #expect(status == 408)
        #expect(!recorder.lines.contains { $0.contains("a request failed") })
    }

    @Test func aClientThatLeavesAmidItsBodyIsNoErrorOfTheServer() async throws {
        let recorder = LogRecorder()
        @Sendable func isOver() -> Bool {
            recorder.lines.contains { $0.contains("did not come") || $0.contains("a request failed") }
        }
        for pause in Self.pauses where !isOver() {
            try await withCluster(logger: recorder.logger) { cluster in
                let (request, source) = request(to: cluster)
                let timeout = TimeAmount.nanoseconds(pause.nanoseconds)
                _ = try? await cluster.http.execute(request, timeout: timeout)
                source.finish()
                for _ in 0..<100 where !isOver() { try await Task.sleep(for: .milliseconds(50)) }
            }
        }
        #expect(recorder.lines.contains { $0.contains("did not come") })
        #expect(!recorder.lines.contains { $0.contains("a request failed") })
    }
}
