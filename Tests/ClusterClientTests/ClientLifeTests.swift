import ClusterClient
import ClusterKit
import ClusterTesting
import Testing

@Suite(.timeLimit(.minutes(10))) struct ClientLifeTests {
    /// As it goes for whoever leaves on an error before the call of `close()`: a connection pool that is let go open
    /// traps in a debug build.
    @Test func aClientThatNobodyClosedEndsQuietly() async throws {
        let endpoint = try ScriptedEndpoint(ScriptedEndpoint.http("200 OK", "[]", headers: ["X-Nomad-Index: 1"]))
        defer { endpoint.close() }
        weak var gone: ClusterClient?
        do {
            let client = try ClusterClient(servers: ["http://127.0.0.1:\(endpoint.port)"], timeout: .seconds(600))
            gone = client
            #expect(try await client.jobs().value.isEmpty)
        }
        #expect(gone == nil)
        #expect(endpoint.visits == 1)
    }

    @Test func whatIsClosedTwiceEndsQuietlyToo() async throws {
        let client = try ClusterClient(servers: ["http://127.0.0.1:1"])
        await client.close()
        await client.close()
        await #expect(throws: (any Error).self) { try await client.jobs() }
    }
}
