import ClusterClient
import ClusterKit
import Foundation
import Testing

/// What may run only once never runs twice, whatever stands still.
@Suite(.serialized, .timeLimit(.minutes(15))) struct LeaseChainTests {
    /// A shell that holds a lock for as long as anything of it runs, and complains when another does.
    private func job(lock: String) -> [UInt8] {
        let script = """
            exec 9>>\(lock); flock -n 9 || echo overlap >>\(lock).overlap
            echo $NOMAD_ALLOC_ID $$ $CLUSTER_FENCE >>\(lock).starts; exec sleep 100000
            """
        let task = TaskSpec(
            name: "main", config: ["command": "/bin/sh", "args": ["-c", .string(script)]],
            resources: TaskResources(cpuMHz: 10, memoryMiB: 16), killTimeout: .seconds(1))
        var group = TaskGroup(name: "all", tasks: [task], disk: EphemeralDisk(sizeMiB: 200))
        group.atMostOne = true
        return JobDocument(Job(id: JobID("single"), groups: [group])).json
    }

    private func starts(_ lock: String) -> [[Substring]] {
        let text = (try? String(contentsOfFile: lock + ".starts", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { $0.split(separator: " ") }
    }

    @Test(arguments: [SIGSTOP, SIGKILL]) func theShimEndsTheTaskBeforeAnotherStarts(signal: Int32) async throws {
        let scratch = try Scratch()
        let server = try await RunningServer(arguments: ["--heartbeat-ttl", "2s", "--heartbeat-grace", "4s"])
        let agents = [
            "one": try RunningAgent("one", server: server.address, scratch: scratch),
            "two": try RunningAgent("two", server: server.address, scratch: scratch),
        ]
        let client = try ClusterClient(servers: [server.address], timeout: .seconds(600))
        let lock = scratch.path + "/lock"
        _ = try await client.register(job(lock: lock))
        #expect(await eventually { starts(lock).count == 1 })
        let first = try #require(
            try await client.allocations(of: "single").value.first { $0.id == starts(lock)[0][0] })
        let agent = try #require(agents[first.nodeName])
        // It goes on for longer than one lease as long as its agent does.
        try await Task.sleep(for: .seconds(9))
        #expect(starts(lock).count == 1 && agent.leaders.count == 1)
        if signal == SIGSTOP { agent.freeze() } else { agent.crash() }
        #expect(await eventually { starts(lock).count == 2 })
        #expect(!FileManager.default.fileExists(atPath: lock + ".overlap"))
        #expect(agent.tasks.isEmpty, "nothing of the first one is left")
        #expect(Int(starts(lock)[1][2]) ?? 0 > Int(starts(lock)[0][2]) ?? 0)
        if signal == SIGSTOP { agent.thaw() } else { try agent.start() }
        #expect(
            try await eventually {
                try await client.nodes().value.allSatisfy { $0.status == "ready" }
            })
        #expect(
            try await eventually {
                try await client.allocations(of: "single").value.map(\.clientStatus).sorted() == ["lost", "running"]
            })
        try await Task.sleep(for: .seconds(3))
        #expect(starts(lock).count == 2 && agent.tasks.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: lock + ".overlap"))
        _ = try await client.stop("single", purge: true)
        #expect(await eventually { agents.values.allSatisfy(\.tasks.isEmpty) })
        await client.close()
    }
}
