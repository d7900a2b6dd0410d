import ClusterKit
import ClusterTesting
import Logging
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The order of the tasks of a group, as real processes see it.
@Suite(.timeLimit(.minutes(10))) struct TaskOrderProcessTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let none = RestartPolicy(attempts: 0, interval: .seconds(60), delay: .zero)

    /// A task that writes down when it begins, and when it ends because it is told to.
    private func task(_ name: String, _ lifecycle: TaskLifecycle? = nil, leads: Bool = false) -> TaskSpec {
        let log = #"log() { echo "$NOMAD_TASK_NAME $1" >> $NOMAD_ALLOC_DIR/data/log; }; "#
        let isShort = lifecycle.map { !$0.isSidecar } ?? false
        let work =
            isShort
            ? "log begins; sleep 0.2; log ends"
            : "trap 'log ends; exit 0' INT; log begins; while :; do sleep 0.05; done"
        return TaskSpec(
            name: name, config: ["command": "/bin/sh", "args": ["-c", .string(log + work)]],
            resources: TaskResources(memoryMiB: 10), lifecycle: lifecycle, isLeader: leads)
    }

    private func withAgent(
        of server: Server, _ folder: ScratchFolder, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        var settings = AgentConfiguration(dataFolder: folder.path + "/agent")
        settings.secrets = .folder
        settings.stopTasksOnShutdown = true
        let driver = try ProcessDriver(supervision: .inProcess, stateFolder: folder.path + "/tasks", logger: Self.quiet)
        let agent = Agent(link: server, drivers: [driver], configuration: settings, logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await agent.run() }
            try await body()
            group.cancelAll()
        }
    }

    private func until(_ what: String, _ holds: () throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            if try holds() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ClusterError(.unavailable, "waited in vain until \(what)")
    }

    private func lines(of path: String) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func processesBeginAndEndInTheirOrder() async throws {
        let folder = try ScratchFolder()
        let job = Job(
            id: JobID("site"),
            groups: [
                TaskGroup(
                    name: "g",
                    tasks: [
                        task("after", TaskLifecycle(.poststop)), task("helper"), task("main", leads: true),
                        task("proxy", TaskLifecycle(.prestart, isSidecar: true)),
                        task("init", TaskLifecycle(.prestart)), task("greet", TaskLifecycle(.poststart)),
                    ], restart: none)
            ])
        try await withServer { server in
            try await withAgent(of: server, folder) {
                _ = try await server.register(job)
                try await until("it is placed") { !server.snapshot.allocations.sorted.isEmpty }
                let id = try #require(server.snapshot.allocations.sorted.first?.id)
                let log = "\(folder.path)/agent/alloc/\(id)/alloc/data/log"
                try await until("the last task begins") { lines(of: log).contains("greet ends") }
                _ = try await server.stop(job.id)
                try await until("it has ended") { server.snapshot.allocations[id]?.isTerminal == true }
                #expect(server.snapshot.allocations[id]?.client == .complete)
                let written = lines(of: log)
                func place(_ line: String) -> Int { written.firstIndex(of: line) ?? -1 }
                #expect(written.count == 12, "\(written)")
                for main in ["main", "helper"] {
                    #expect(place("init ends") < place("\(main) begins"))
                    #expect(place("proxy begins") < place("\(main) begins"))
                }
                #expect(
                    written.suffix(5) == ["main ends", "helper ends", "proxy ends", "after begins", "after ends"],
                    "\(written)")
            }
        }
    }
}
