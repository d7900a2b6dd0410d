import ClusterKit
import ClusterSQLite
import Logging

/// Makes a data folder that holds a given number of allocations, through a real server on a real store: what
/// `cluster-server` is then started on. Usage: `FillFolder FOLDER [ALLOCATIONS]`
@main
struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first, let count = Int(arguments.dropFirst().first ?? "10000"), count > 0 else {
            print("usage: FillFolder FOLDER [ALLOCATIONS]")
            return
        }
        let logger = Logger(label: "FillFolder") { _ in SwiftLogNoOpLogHandler() }
        let store = try await SQLiteStore.open(folder: folder, logger: logger)
        let server = Server(store: store, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            try await fill(server, count)
            group.cancelAll()
        }
        await store.close()
    }

    /// Registers nodes of a real cluster's shape and jobs of a hundred instances each, and reports all as running.
    private static func fill(_ server: Server, _ count: Int) async throws {
        var nodes: [NodeID] = []
        for number in 0..<39 {
            let node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: "node-\(number)",
                capacity: Resources(cpuMHz: 1_000_000, memoryMiB: 1_000_000, diskMiB: 10_000_000),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            _ = try await server.register(node)
            nodes.append(node.id)
        }
        for number in 0..<(count + 99) / 100 {
            let task = TaskSpec(
                name: "work", config: ["command": "/bin/sleep", "args": ["1000000"]],
                resources: TaskResources(cpuMHz: 100, memoryMiB: 64))
            let group = TaskGroup(name: "all", count: min(100, count - number * 100), tasks: [task])
            _ = try await server.register(Job(id: JobID("job-\(number)"), groups: [group]))
        }
        for node in nodes {
            let reports = server.snapshot.allocations(on: node).map { allocation in
                var state = TaskState()
                state.phase = .running
                state.startedAt = allocation.createTime
                state.note(TaskEvent(.started, time: allocation.createTime, message: "Task started by client"))
                return AllocationReport(
                    id: allocation.id, client: .running, description: "Tasks are running", tasks: ["work": state])
            }
            try await server.report(reports, from: node)
        }
        let made = server.snapshot.allocations.count
        print("\(made) allocations at revision \(server.snapshot.revision) in \(CommandLine.arguments[1])")
    }
}
