import ClusterKit
import ClusterSQLite
import Logging

/// Jobs on their way from a client to the disk, through a real server on a real store.
struct CommitScenario {
    let name: String
    let nodes: Int
    let jobs: Int
    /// The instances of each job.
    let count: Int
    /// How many clients register jobs at one time.
    let clients: Int
    let scheduler: SchedulerChoice

    private var placements: Int { jobs * count }
    private static let logger = Logger(label: "commit") { _ in SwiftLogNoOpLogHandler() }

    /// What committing costs, what the state weighs, and what opening the folder again takes.
    func run(in folder: String) async throws -> [CommitFigure] {
        _ = try await serve(folder) { server, _ in
            try await inParallel(clients: 64, nodes) { _ = try await server.register(Self.node($0)) }
            return CommitFigure(scenario: name, nodes: nodes, placements: 0, used: Usage.now - Usage.now)
        }
        let empty = try await open(folder)
        let committed = try await serve(folder) { server, watch in try await commit(to: server, watch) }
        var opened = try await open(folder)
        // Nodes were there before.
        opened.bytes -= empty.bytes
        return [committed, opened]
    }

    private func serve(
        _ folder: String, _ body: (Server, PlacementWatch) async throws -> CommitFigure
    ) async throws -> CommitFigure {
        let store = try await SQLiteStore.open(folder: folder, logger: Self.logger)
        let watch = PlacementWatch()
        let server = Server(
            store: store, scheduler: WatchedScheduler(base: scheduler.scheduler, watch: watch),
            // Nobody sends heartbeats here.
            configuration: ServerConfiguration(heartbeatTTL: .seconds(3600)), logger: Self.logger, seed: 1)
        let figure = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let figure = try await body(server, watch)
            group.cancelAll()
            return figure
        }
        await store.close()
        return figure
    }

    private func commit(to server: Server, _ watch: PlacementWatch) async throws -> CommitFigure {
        // The session of the scheduler is there once the server leads.
        _ = await server.untilLeading()
        let memory = Memory.used
        let (before, placing) = (Usage.now, watch.seconds)
        try await inParallel(clients: clients, jobs) { _ = try await server.register(job($0)) }
        // What is acknowledged is stored; what was placed for it follows in the same group or the next.
        while case let seen = server.snapshot, seen.allocations.count < placements {
            guard seen.evaluations.unordered.contains(where: { $0.status == .pending }) else { break }
            _ = await server.snapshot(of: .allocations, beyond: seen.revision, atMost: .milliseconds(100))
        }
        let used = Usage.now - before
        var figure = CommitFigure(
            scenario: "\(name)-\(scheduler)", nodes: nodes, placements: server.snapshot.allocations.count, used: used)
        figure.bytes = Memory.used - memory
        figure.placing = watch.seconds - placing
        figure.jobs = jobs
        return figure
    }

    private func open(_ folder: String) async throws -> CommitFigure {
        let memory = Memory.used
        let before = Usage.now
        let store = try await SQLiteStore.open(folder: folder, logger: Self.logger)
        var figure = CommitFigure(
            scenario: "\(name)-\(scheduler)-open", nodes: nodes, placements: store.durable.allocations.count,
            used: Usage.now - before)
        figure.bytes = Memory.used - memory
        await store.close()
        return figure
    }

    /// Does `body` for 0..<`total`, by so many clients that each wait for their answer.
    private func inParallel(
        clients: Int, _ total: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<min(clients, total) {
                group.addTask {
                    for number in stride(from: client, to: total, by: clients) { try await body(number) }
                }
            }
            try await group.waitForAll()
        }
    }

    static func node(_ number: Int) -> Node {
        Node(
            id: NodeID(high: 1, low: UInt64(number)), name: "node-\(number)",
            capacity: Resources(cpuMHz: 64_000, memoryMiB: 262_144, diskMiB: 1_000_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
    }

    private func job(_ number: Int) -> Job { Self.job(number, count: count) }

    static func job(_ number: Int, count: Int) -> Job {
        let task = TaskSpec(
            name: "work", config: ["command": "/bin/sleep", "args": ["1000000"]],
            resources: TaskResources(cpuMHz: 100, memoryMiB: 64))
        return Job(
            id: JobID("pull-request-check-\(number)"), groups: [TaskGroup(name: "all", count: count, tasks: [task])])
    }
}
