import ClusterClient
import ClusterKit
import ClusterTesting
import Foundation
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

    /// A simulation may take longer than any other call, and a server that plays one is there.
    @Test func aSimulationHasTimeOfItsOwn() async throws {
        let endpoint = try ScriptedEndpoint(
            .chosen { _ in
                Thread.sleep(forTimeInterval: 1)
                return ScriptedEndpoint.http(
                    "400 Bad Request", "heard", headers: ["Connection: close", "X-Cluster-Error: invalid"])
            })
        defer { endpoint.close() }
        let client = try ClusterClient(servers: ["http://127.0.0.1:\(endpoint.port)"], timeout: .milliseconds(400))
        let heard = await #expect(throws: ClusterError.self) { try await client.whatIf(WhatIfQuestion()) }
        #expect(heard?.message == "heard")
        endpoint.answer(with: .nothing)
        let late = await #expect(throws: ClusterError.self) {
            try await client.whatIf(WhatIfQuestion(), timeout: .milliseconds(400))
        }
        #expect(late?.message == "the simulation takes longer than 400ms, or another one runs")
        let other = await #expect(throws: ClusterError.self) { try await client.jobs() }
        #expect(other?.message.contains("it does not answer in time") == true)
        await client.close()
    }

    @Test func whatIsClosedTwiceEndsQuietlyToo() async throws {
        let client = try ClusterClient(servers: ["http://127.0.0.1:1"])
        await client.close()
        await client.close()
        await #expect(throws: (any Error).self) { try await client.jobs() }
    }
}
