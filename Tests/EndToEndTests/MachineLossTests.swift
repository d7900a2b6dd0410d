import ClusterClient
import Foundation
import Testing

/// A machine dies under load, with all that runs on it.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Executables.toolPath("wrk") != nil && Executables.toolPath("dig") != nil, "skipped: needs wrk, dig"))
struct MachineLossTests {
    @Test func onlyWhatIsInFlightToALostMachineFails() async throws {
        let scratch = try Scratch()
        let server = try await RunningServer(arguments: ["--heartbeat-ttl", "1s", "--heartbeat-grace", "10s"])
        let agents = [
            "one": try RunningAgent("one", server: server.address, scratch: scratch),
            "two": try RunningAgent("two", server: server.address, scratch: scratch),
        ]
        defer { for agent in agents.values { agent.killTasks() } }
        let job = try WebJob.file(
            services: WebJob.service(check: WebJob.check()),
            constraint: """
                constraint {
                  operator = "distinct_hosts"
                  value    = "true"
                }
                """)
        #expect(try await server.cluster("job", "run", "-detach", "-", input: job).status == 0)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 2 }, "\(server.said)")
        let load = try await ProxyLoad.during(server) { count in
            #expect(await eventually { count() > 100 })
            agents["one"]?.crash()
            agents["one"]?.killTasks()
            let before = count()
            #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 1 }, "it is not noticed")
            #expect(await eventually { count() > before + 100 }, "the other instance does not serve")
        }
        // A connection has one request in flight; what is sent later goes to the instance that is left.
        #expect(load.failures <= ProxyLoad.connections, "\(load)")
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        let found = try await client.allocations(of: "web").value
        #expect(found.filter { $0.clientStatus == "running" }.map(\.nodeName) == ["two"])
        #expect(found.filter { $0.clientStatus == "lost" }.map(\.nodeName) == ["one"])
        // The one that is left says why it is alone.
        let status = try await server.cluster("job", "status", "web")
        #expect(status.output.contains("Placement Failure") && status.output.contains("distinct_hosts"), "\(status)")
        _ = try await client.stop("web", purge: true)
        #expect(await eventually { agents.values.allSatisfy(\.tasks.isEmpty) })
        await client.close()
    }
}
