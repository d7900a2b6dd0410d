import ClusterClient
import ClusterKit
import ClusterTesting
import Foundation
import Synchronization
import Testing

/// Whatever is killed, nothing that was acknowledged is lost, and no task notices.
@Suite(.serialized, .timeLimit(.minutes(15))) struct KillTests {
    @Test func workMovesWhenItsNodeIsLost() async throws {
        let scratch = try Scratch()
        let server = try await RunningServer(arguments: ["--heartbeat-ttl", "1s", "--heartbeat-grace", "10s"])
        let agents = [
            "one": try RunningAgent("one", server: server.address, scratch: scratch),
            "two": try RunningAgent("two", server: server.address, scratch: scratch),
        ]
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        _ = try await client.register(Jobs.shell("moving", script: "sleep 100000"))
        func running() async throws -> AllocationWire? {
            try await client.allocations(of: "moving").value.first { $0.clientStatus == "running" }
        }
        #expect(try await eventually { try await running() != nil })
        let first = try #require(try await running())
        agents[first.nodeName]?.crash()
        agents[first.nodeName]?.killTasks()
        #expect(try await eventually { try await running().map { $0.nodeName != first.nodeName } })
        let left = try await client.allocations(of: "moving").value.first { $0.id == first.id }
        #expect(left?.clientStatus == "lost")
        _ = try await client.stop("moving", purge: true)
        #expect(await eventually { agents.values.allSatisfy(\.tasks.isEmpty) })
        await client.close()
    }

    @Test func fiftyKillsOfAnAgentAreNotNoticed() async throws {
        let scratch = try Scratch()
        // An agent that is killed again and again on a busy machine may be heard of late.
        let server = try await RunningServer(arguments: ["--heartbeat-grace", "10m"])
        let agent = try RunningAgent("one", server: server.address, scratch: scratch)
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        let steady = "echo pid $$; i=0; while :; do echo $i; i=$((i+1)); sleep 0.2; done"
        let ending = "sleep $((NOMAD_ALLOC_INDEX + 1)); echo done; exit $((NOMAD_ALLOC_INDEX + 10))"
        _ = try await client.register(Jobs.shell("steady", count: 20, script: steady))
        #expect(
            try await eventually {
                try await client.allocations(of: "steady").value.filter { $0.clientStatus == "running" }.count == 20
            })
        let before = Set(agent.leaders)
        #expect(before.count == 20)
        _ = try await client.register(Jobs.shell("ending", count: 10, kind: .batch, script: ending))
        for round in 0..<50 {
            try await Task.sleep(for: .milliseconds(60 + round * 37 % 300))
            agent.crash()
            try agent.start()
        }
        #expect(
            try await eventually {
                try await client.allocations(of: "ending").value.filter { $0.clientStatus == "failed" }.count == 10
            })
        for allocation in try await client.allocations(of: "ending").value {
            let index = try #require(allocation.name.firstMatch(of: #/\[(\d+)\]/#).flatMap { Int($0.1) })
            let codes = allocation.tasks?["main"]?.events?.filter { $0.type == "Terminated" }.map(\.exitCode)
            #expect(codes == [index + 10])
            let log = try await client.logs(of: allocation.id, task: "main")
            #expect(String(decoding: log, as: UTF8.self) == "done\n")
        }
        let steadies = try await client.allocations(of: "steady").value
        #expect(steadies.count == 20 && steadies.allSatisfy { $0.clientStatus == "running" })
        #expect(Set(agent.leaders) == before, "a task was replaced")
        for allocation in steadies {
            let log = String(decoding: try await client.logs(of: allocation.id, task: "main"), as: UTF8.self)
            let lines = log.split(separator: "\n")
            #expect(lines.first.flatMap { pid_t($0.dropFirst(4)) }.map(before.contains) == true)
            #expect(lines.dropFirst().map(String.init) == (0..<lines.count - 1).map(String.init), "bytes were lost")
        }
        _ = try await client.stop("steady", purge: true)
        #expect(await eventually { agent.tasks.isEmpty })
        await client.close()
    }

    @Test func fiftyKillsOfAServerLoseNothing() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let port = try QuietPort.pick()
        var server = try await RunningServer(arguments: [], data: data, port: port)
        let address = server.address
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let client = try ClusterClient(servers: [address], timeout: .seconds(600))
                    var turn = 0
                    while !load.isOver {
                        turn += 1
                        let id = "job-\(number)-\(turn)"
                        do {
                            _ = try await client.register(Jobs.unplaceable(id))
                            load.acknowledge(id)
                        } catch {
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                    await client.close()
                }
            }
            for round in 0..<50 {
                try await Task.sleep(for: .milliseconds(50 + round * 53 % 200))
                server.crash()
                server = try await RunningServer(arguments: [], data: data, port: port)
            }
            load.end()
            try await group.waitForAll()
        }
        let client = try ClusterClient(servers: [address], timeout: .seconds(600))
        let stored = Set(try await client.jobs().value.map(\.id))
        let promised = load.acknowledged
        #expect(promised.count > 100, "there was load")
        #expect(promised.filter { !stored.contains($0) } == [])
        await client.close()
    }

    @Test func aFolderOfTenThousandAllocationsOpensWithAll() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let filled = try await Executables.run("FillFolder", [data + "/store", "10000"])
        #expect(filled.status == 0 && filled.output.hasPrefix("10000 allocations"), "\(filled)")
        for _ in 0..<2 {
            let server = try await RunningServer(arguments: [], data: data)
            let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
            let allocations = try await client.allocations().value
            #expect(allocations.count == 10_000)
            #expect(allocations.allSatisfy { $0.clientStatus == "running" && $0.tasks?["work"] != nil })
            await client.close()
            server.crash()
        }
    }
}

/// What clients were told is stored.
private final class Load: Sendable {
    private let state = Mutex((acknowledged: [String](), isOver: false))

    var acknowledged: [String] { state.withLock { $0.acknowledged } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func acknowledge(_ id: String) { state.withLock { $0.acknowledged.append(id) } }
    func end() { state.withLock { $0.isOver = true } }
}
