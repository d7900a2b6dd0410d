import AsyncHTTPClient
import ClusterKit
import NIOCore
import NIOHTTP1
import Testing

/// A body that does not come holds nobody up.
struct UnfinishedBodyTests {
    @Test(.timeLimit(.minutes(1))) func aHalfSentBodyDoesNotHoldUpTheEnd() async throws {
        let recorder = LogRecorder()
        let status = try await withCluster(logger: recorder.logger) { cluster in
            let (pieces, source) = AsyncStream.makeStream(of: ByteBuffer.self)
            source.yield(ByteBuffer(string: "{"))
            var request = HTTPClientRequest(url: cluster.vault.address + "/v1/secret/data/x")
            request.method = .PUT
            request.body = .stream(pieces, length: .known(Int64(100)))
            let asked = request
            async let reply = cluster.http.execute(asked, timeout: .seconds(50))
            // Long enough for the first piece to arrive.
            try await Task.sleep(for: .milliseconds(300))
            await cluster.shutDown()
            let status = try await reply.status.code
            source.finish()
            return status
        }
        #expect(status == 408)
        #expect(!recorder.lines.contains { $0.contains("a request failed") })
    }

    @Test(.timeLimit(.minutes(1))) func aClientThatLeavesAmidItsBodyIsNoErrorOfTheServer() async throws {
        let recorder = LogRecorder()
        try await withCluster(logger: recorder.logger) { cluster in
            let (pieces, source) = AsyncStream.makeStream(of: ByteBuffer.self)
            source.yield(ByteBuffer(string: "{"))
            var request = HTTPClientRequest(url: cluster.vault.address + "/v1/secret/data/x")
            request.method = .PUT
            request.body = .stream(pieces, length: .known(Int64(100)))
            let asked = request
            _ = try? await cluster.http.execute(asked, timeout: .milliseconds(300))
            source.finish()
            while !recorder.lines.contains(where: { $0.contains("did not come") || $0.contains("a request failed") }) {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        #expect(!recorder.lines.contains { $0.contains("a request failed") })
    }
}
