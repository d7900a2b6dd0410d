import Testing

@testable import ClusterKit

/// Drives a server core by hand: events in, effects out, under a clock that the test moves.
struct CoreBench {
    var core: ServerCore
    var entropy = Entropy(seed: 1)
    var now = Now(wall: WallTime(nanoseconds: 1_000_000_000_000), uptime: Uptime(nanoseconds: 0))
    var effects: [ServerCore.Effect] = []
    private var nextRequest: UInt64 = 0
    /// What has been written and confirmed.
    var log: [ChangeBatch] = []

    init(
        configuration: ServerConfiguration = ServerConfiguration(), scheduler: any Scheduler = BinPackScheduler(),
        head: Snapshot = Snapshot(), at now: Now? = nil
    ) {
        core = ServerCore(configuration: configuration, scheduler: scheduler)
        self.now = now ?? self.now
        tell(.led(Epoch(head.epoch.number + 1), head))
        write()
    }

    mutating func tell(_ event: ServerCore.Event) {
        core.handle(event, at: now, using: &entropy, into: &effects)
    }

    mutating func ask(_ request: ServerRequest) -> UInt64 {
        nextRequest += 1
        tell(.request(nextRequest, request))
        return nextRequest
    }

    mutating func pass(_ duration: Duration) {
        now.uptime = now.uptime + duration
        now.wall = now.wall + duration
        core.wake(at: now, using: &entropy, into: &effects)
    }

    /// The batches that the core wants written, if any.
    mutating func takeAppend() -> (group: [ChangeBatch], head: Snapshot)? {
        for (place, effect) in effects.enumerated() {
            guard case .append(let group, let head) = effect else { continue }
            effects.remove(at: place)
            return (group, head)
        }
        return nil
    }

    /// Confirms writes until there are none.
    mutating func write() {
        while let (group, _) = takeAppend() {
            log += group
            tell(.appended)
        }
    }

    func reply(to id: UInt64) -> Result<ServerReply, ClusterError>? {
        for case .reply(id, let result) in effects { return result }
        return nil
    }

    func receipt(for id: UInt64) -> Receipt? {
        guard case .success(.receipt(let receipt)) = reply(to: id) else { return nil }
        return receipt
    }

    mutating func addNode(
        _ number: UInt64, cpuMHz: Int = 4000, _ change: (inout Node) -> Void = { _ in }
    ) -> NodeID {
        let id = NodeID(high: 1, low: number)
        var node = Node(
            id: id, name: "node-\(number)", capacity: Resources(cpuMHz: cpuMHz, memoryMiB: 8192, diskMiB: 100_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        change(&node)
        _ = ask(.registerNode(node))
        write()
        return id
    }
}

func makeJob(_ id: String = "web", count: Int = 1, cpuMHz: Int = 500, kind: JobKind = .service) -> Job {
    let task = TaskSpec(name: "main", config: ["command": "/bin/true"], resources: TaskResources(cpuMHz: cpuMHz))
    return Job(id: JobID(id), kind: kind, groups: [TaskGroup(name: "all", count: count, tasks: [task], kind: kind)])
}
