import ClusterClient
import Foundation
import Testing

/// A machine is emptied while its work goes on elsewhere.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct DrainTests {
    @Test func aDrainedMachineIsEmptyAndItsWorkRunsElsewhere() async throws {
        let scratch = try Scratch()
        let server = try await RunningServer(arguments: [])
        let first = try RunningAgent("one", server: server.address, scratch: scratch)
        defer { first.killTasks() }
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        let job = """
            job "web" {
              group "web" {
                count = 2
                migrate {
                  health_check     = "task_states"
                  min_healthy_time = "100ms"
                }
                task "sleep" {
                  driver = "raw_exec"
                  config {
                    command = "/bin/sleep"
                    args    = ["3600"]
                  }
                  resources {
                    cpu    = 50
                    memory = 32
                  }
                }
              }
            }
            """
        #expect(await eventually { try? await client.nodes().value.count == 1 })
        let run = try await server.cluster("job", "run", "-", input: job)
        #expect(run.status == 0, "\(run)")
        let second = try RunningAgent("two", server: server.address, scratch: scratch)
        defer { second.killTasks() }
        #expect(await eventually { try? await client.nodes().value.count == 2 })
        let node = try #require(try await client.nodes().value.first { $0.name == "one" })

        let drain = try await server.cluster("node", "drain", "-enable", "-deadline", "10m", node.id)
        #expect(drain.status == 0 && drain.output.contains("drain complete"), "\(drain)")
        #expect(drain.output.contains("told to stop"), "\(drain)")
        #expect(await eventually { first.tasks.isEmpty })
        let found = try await client.allocations(of: "web").value
        #expect(found.filter { $0.desiredStatus == "run" }.map(\.nodeName) == ["two", "two"])
        #expect(found.filter { $0.nodeName == "one" }.map(\.clientStatus) == ["complete", "complete"])
        let status = try await server.cluster("node", "status", node.id)
        #expect(status.output.contains("ineligible"), "\(status)")

        let ended = try await server.cluster("node", "drain", "-disable", node.id)
        #expect(ended.status == 0, "\(ended)")
        #expect(try await client.node(node.id).value.eligibility == "eligible")
        _ = try await client.stop("web", purge: true)
        #expect(await eventually { second.tasks.isEmpty })
        await client.close()
    }
}
