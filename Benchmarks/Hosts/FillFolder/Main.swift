import ClusterKit
import ClusterSQLite
import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes a data folder that holds a given number of allocations, through a real server on a real store: what
/// `cluster-server` is then started on. With a number of seconds it then tells how much of the processor the server
/// takes in that time, while every node beats and nothing else happens.
/// Usage: `FillFolder FOLDER [ALLOCATIONS [ALLOCATIONS_PER_JOB [SECONDS_AT_REST]]]`
@main
struct Main {
    private static let nodeCount = 39
    private static let beat = Duration.seconds(5)

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst().map { Int($0) ?? -1 }
        guard let folder = arguments.first, numbers.count <= 3, numbers.allSatisfy({ $0 >= 0 }) else {
            print("usage: FillFolder FOLDER [ALLOCATIONS [ALLOCATIONS_PER_JOB [SECONDS_AT_REST]]]")
            return
        }
        let count = numbers.first ?? 10_000
        let perJob = max(1, numbers.dropFirst().first ?? 100)
        let logger = Logger(label: "FillFolder") { _ in SwiftLogNoOpLogHandler() }
        let store = try await SQLiteStore.open(folder: folder, logger: logger)
        let server = Server(store: store, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let nodes = try await registerNodes(server)
            let beating = Task { try await beat(nodes, server) }
            try await register(count, perJob, server)
            try await report(from: nodes, server)
            let made = server.snapshot.allocations.count
            print("\(made) allocations at revision \(server.snapshot.revision) in \(folder)")
            if numbers.count == 3 { try await rest(numbers[2], server) }
            beating.cancel()
            group.cancelAll()
        }
        await store.close()
    }

    /// Nodes, as many as a real cluster had.
    private static func registerNodes(_ server: Server) async throws -> [NodeID] {
        var nodes: [NodeID] = []
        for number in 0..<nodeCount {
            let node = Node(
                id: NodeID(high: 1, low: UInt64(number)), name: "node-\(number)",
                capacity: Resources(cpuMHz: 1_000_000, memoryMiB: 1_000_000, diskMiB: 10_000_000),
                drivers: ["raw_exec": DriverStatus(healthy: true)])
            _ = try await server.register(node)
            nodes.append(node.id)
        }
        return nodes
    }

    private static func beat(_ nodes: [NodeID], _ server: Server) async throws {
        while true {
            for node in nodes { _ = try await server.heartbeat(node) }
            try await Task.sleep(for: beat)
        }
    }

    /// Registers jobs, many at a time as clients do, and waits until all their instances are placed.
    private static func register(_ count: Int, _ perJob: Int, _ server: Server) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, first) in stride(from: 0, to: count, by: perJob).enumerated() {
                if number >= 64 { try await group.next() }
                let task = TaskSpec(
                    name: "work", config: ["command": "/bin/sleep", "args": ["1000000"]],
                    resources: TaskResources(cpuMHz: 100, memoryMiB: 64))
                let tasks = TaskGroup(name: "all", count: min(perJob, count - first), tasks: [task])
                group.addTask { _ = try await server.register(Job(id: JobID("job-\(number)"), groups: [tasks])) }
            }
            try await group.waitForAll()
        }
        while server.snapshot.allocations.count < count { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Reports all instances as running.
    private static func report(from nodes: [NodeID], _ server: Server) async throws {
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
    }

    /// Tells what the process takes while nothing happens: once all roll-outs are over.
    private static func rest(_ seconds: Int, _ server: Server) async throws {
        while server.snapshot.deployments.unordered.contains(where: { $0.isActive }) {
            try await Task.sleep(for: .seconds(1))
        }
        try await Task.sleep(for: .seconds(5))
        let before = processorMilliseconds()
        try await Task.sleep(for: .seconds(seconds))
        print("\(processorMilliseconds() - before) ms of processor time in \(seconds) s at rest")
    }

    private static func processorMilliseconds() -> Int {
        var spent = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent)
        return Int(spent.tv_sec) * 1000 + Int(spent.tv_nsec) / 1_000_000
    }
}
