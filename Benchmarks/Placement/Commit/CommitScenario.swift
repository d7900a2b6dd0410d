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

    private static let logger = Logger(label: "commit") { _ in SwiftLogNoOpLogHandler() }

    /// What committing costs, what the state weighs, and what opening the folder again takes.
    func run(in folder: String) async throws -> [CommitFigure] {
        try await serve(folder) { server in
            try await inParallel(clients: 64, nodes) { _ = try await server.register(Self.node($0)) }
        }
        let empty = try await open(folder)
        let committed = try await serve(folder) { server in try await commit(to: server) }
        var opened = try await open(folder)
        // Nodes were there before.
        opened.bytes -= empty.bytes
        return [committed, opened]
    }

    private func serve<Value: Sendable>(
        _ folder: String, _ body: (Server) async throws -> Value
    ) async throws -> Value {
        let store = try await SQLiteStore.open(folder: folder, logger: Self.logger)
        let server = Server(
            store: store, scheduler: BinPackScheduler(),
            // Nobody sends heartbeats here.
            configuration: ServerConfiguration(heartbeatTTL: .seconds(3600)), logger: Self.logger, seed: 1)
        let value = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let value = try await body(server)
            group.cancelAll()
            return value
        }
        await store.close()
        return value
    }

    private func commit(to server: Server) async throws -> CommitFigure {
        // The session of the scheduler is there once the server leads.
        _ = await server.untilLeading()
        let (memory, before) = (Memory.used, Usage.now)
        try await inParallel(clients: clients, jobs) { _ = try await server.register(Self.job($0, count: count)) }
        // What is acknowledged is stored; what was placed for it follows in the same group or the next.
        while case let seen = server.snapshot, seen.allocations.count < jobs * count {
            guard seen.evaluations.unordered.contains(where: { $0.status == .pending }) else { break }
            _ = await server.snapshot(of: .allocations, beyond: seen.revision, atMost: .milliseconds(100))
        }
        let used = Usage.now - before
        return CommitFigure(
            scenario: name, placements: server.snapshot.allocations.count, used: used, bytes: Memory.used - memory)
    }

    private func open(_ folder: String) async throws -> CommitFigure {
        let (memory, before) = (Memory.used, Usage.now)
        let store = try await SQLiteStore.open(folder: folder, logger: Self.logger)
        let used = Usage.now - before
        let figure = CommitFigure(
            scenario: "\(name)-open", placements: store.durable.allocations.count, used: used,
            bytes: Memory.used - memory)
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

    // MARK: Sizes

    private static let room = Shape(cpu: 64_000, memory: 262_144, disk: 1_000_000)
    private static let shape = Shape(cpu: 100, memory: 64, disk: 300)

    /// How many instances find room on one node.
    static var mostOnNode: Int {
        min(room.cpu / shape.cpu, room.memory / shape.memory, room.disk / shape.disk)
    }

    static func node(_ number: Int) -> Node {
        Node(
            id: NodeID(high: 1, low: UInt64(number)), name: "node-\(number)",
            capacity: Resources(cpuMHz: room.cpu, memoryMiB: room.memory, diskMiB: room.disk),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
    }

    static func job(_ number: Int, count: Int) -> Job {
        let task = TaskSpec(
            name: "work", config: ["command": "/bin/sleep", "args": ["1000000"]],
            resources: TaskResources(cpuMHz: shape.cpu, memoryMiB: shape.memory))
        let group = TaskGroup(
            name: "all", count: count, tasks: [task], disk: EphemeralDisk(sizeMiB: shape.disk))
        return Job(id: JobID("pull-request-check-\(number)"), groups: [group])
    }
}

/// What one step or way took.
struct CommitFigure {
    var scenario: String
    var placements: Int
    var used: Usage
    var bytes = 0
}
