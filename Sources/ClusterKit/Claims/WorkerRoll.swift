/// A worker that has asked for items of a queue.
public struct SeenWorker: Hashable, Sendable {
    /// What it stated of itself when it asked last.
    public var worker: WorkerStatement
    /// When it asked last.
    public var time: WallTime
    /// Whether it waits now.
    public var isWaiting = false
}

/// Which workers have asked for items of late: what tells whether an item that waits can be taken by anyone.
struct WorkerRoll: Sendable {
    /// How long a worker counts after it asked.
    static let memory = Duration.seconds(600)
    private static let mostWorkers = 4096

    private struct Entry: Sendable {
        var seen: SeenWorker
        var uptime: Uptime
    }

    private var workers: [WorkQueueID: [String: Entry]] = [:]
    private var count = 0

    mutating func note(_ worker: WorkerStatement, in queue: WorkQueueID, at now: Now) {
        let entry = Entry(seen: SeenWorker(worker: worker, time: now.wall), uptime: now.uptime)
        if workers[queue, default: [:]].updateValue(entry, forKey: worker.name) == nil { count += 1 }
        guard count > Self.mostWorkers else { return }
        // The older half goes: names may be made up anew for each claim.
        let times = workers.values.flatMap { $0.values.map(\.uptime) }.sorted()
        forget(before: times[times.count / 2])
    }

    private mutating func forget(before time: Uptime) {
        workers = workers.compactMapValues { entries in
            let kept = entries.filter { time < $0.value.uptime }
            return kept.isEmpty ? nil : kept
        }
        count = workers.values.reduce(0) { $0 + $1.count }
    }

    /// Those that asked for items of `queue` not too long before `now`, by name.
    func workers(of queue: WorkQueueID, at now: Uptime) -> [SeenWorker] {
        (workers[queue] ?? [:]).values.filter { now - $0.uptime <= Self.memory }.map(\.seen)
            .sorted { $0.worker.name < $1.worker.name }
    }
}
