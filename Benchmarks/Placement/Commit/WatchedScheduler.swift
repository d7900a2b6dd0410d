import ClusterKit
import Synchronization

/// Who decides where things run.
enum SchedulerChoice: String, CaseIterable {
    /// The server's own.
    case binpack
    /// The nodes in turn, at next to no cost: what is measured then is everything but the choice of nodes.
    case turns

    var scheduler: any Scheduler {
        switch self {
        case .binpack: BinPackScheduler()
        case .turns: TurnScheduler()
        }
    }
}

/// The time that a scheduler took.
final class PlacementWatch: Sendable {
    private let total = Atomic<UInt64>(0)

    /// Thread CPU seconds so far.
    var seconds: Double { Double(total.load(ordering: .relaxed)) / 1e9 }

    func add(_ nanoseconds: UInt64) { total.add(nanoseconds, ordering: .relaxed) }
}

/// Another scheduler, with its time taken.
struct WatchedScheduler: TrustedScheduler {
    let base: any Scheduler
    let watch: PlacementWatch

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        WatchedSession(base: base.session(on: snapshot), watch: watch)
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        base.explain(request, on: snapshot)
    }
}

struct WatchedSession: SchedulingSession {
    var base: any SchedulingSession
    let watch: PlacementWatch

    mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
        let start = Usage.threadNanoseconds
        defer { watch.add(Usage.threadNanoseconds - start) }
        return base.apply(batch)
    }

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        let start = Usage.threadNanoseconds
        defer { watch.add(Usage.threadNanoseconds - start) }
        return base.place(requests, using: &entropy)
    }

    mutating func release(_ reserved: [AllocationID]) { base.release(reserved) }

    func vacancy(on node: NodeID) -> Vacancy? { base.vacancy(on: node) }
}

/// Gives nodes in turn and counts nothing: for measuring what is around a scheduler, never for running jobs.
struct TurnScheduler: TrustedScheduler {
    func session(on snapshot: Snapshot) -> any SchedulingSession { TurnSession(nodes: snapshot.nodes.sortedKeys) }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation { Explanation(lines: []) }
}

struct TurnSession: SchedulingSession {
    var nodes: [NodeID]
    private var turn = 0

    init(nodes: [NodeID]) { self.nodes = nodes }

    mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
        guard batch.changes.count < 3, case .putNode(let node) = batch.changes.first else { return FreedRoom() }
        nodes.append(node.id)
        return FreedRoom()
    }

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        guard !nodes.isEmpty else { return [] }
        return requests.map { _ in
            turn = (turn + 1) % nodes.count
            let held = AllocatedResources(total: Resources(cpuMHz: 100, memoryMiB: 64, diskMiB: 300))
            return .placed(Placement(node: nodes[turn], resources: held, score: 0.5))
        }
    }

    mutating func release(_ reserved: [AllocationID]) {}

    func vacancy(on node: NodeID) -> Vacancy? { nil }
}
