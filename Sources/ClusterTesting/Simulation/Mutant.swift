public import ClusterKit

/// A fault that is put into the program on purpose, to prove that the checkers would find it.
///
/// Three replace a part through its seam. The others sit inside parts that have no seam; they exist only in a program
/// that was built with `-DMUTANTS`.
public enum Mutant: String, CaseIterable, Sendable {
    /// A store that lets an old leader write.
    case epochBlindStore = "epoch-blind-store"
    /// A store that acknowledges before a group is safe.
    case hastyStore = "hasty-store"
    /// A scheduler that takes nodes for larger than they are.
    case overfillingScheduler = "overfilling-scheduler"
    #if MUTANTS
        /// A reconciler that gives a number to a second instance.
        case reusedIndex = "reused-index"
        /// An agent that takes any view for the newest.
        case epochBlindAgent = "epoch-blind-agent"
        /// A server that forgets, when it starts, which nodes it has not heard of.
        case forgetfulServer = "forgetful-server"
        /// A catalog that offers what fails its checks.
        case servesCritical = "serves-critical"
        /// A catalog that keeps the instances of what has ended.
        case keepsDead = "keeps-dead"
        /// A server that does not tell those who wait when room comes free.
        case skippedUnblock = "skipped-unblock"
        /// A registry that takes silence for emptiness.
        case emptyOnError = "empty-on-error"
    #endif

    /// Puts the fault in.
    public func apply(to options: inout WorldOptions) {
        switch self {
        case .epochBlindStore: options.store = EpochBlindStore()
        case .hastyStore: options.store = HastyStore()
        case .overfillingScheduler: options.scheduler = OverfillingScheduler()
        #if MUTANTS
            case .reusedIndex: Sabotage.active = .reusedIndex
            case .epochBlindAgent: Sabotage.active = .epochBlindAgent
            case .forgetfulServer: Sabotage.active = .forgetfulServer
            case .servesCritical: Sabotage.active = .servesCritical
            case .keepsDead: Sabotage.active = .keepsDead
            case .skippedUnblock: Sabotage.active = .skippedUnblock
            case .emptyOnError: Sabotage.active = .emptyOnError
        #endif
        }
    }
}

/// Mutant: shows the real scheduler nodes of twice their size.
public struct OverfillingScheduler: Scheduler {
    private let honest = BinPackScheduler()

    /// Makes one.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(honest: honest.session(on: Self.enlarged(snapshot)))
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(request, on: Self.enlarged(snapshot))
    }

    private static func enlarged(_ snapshot: Snapshot) -> Snapshot {
        var records: [Change] = []
        snapshot.records { records.append(enlarged($0)) }
        return Snapshot(revision: snapshot.revision, epoch: snapshot.epoch, records: records)
    }

    private static func enlarged(_ change: Change) -> Change {
        guard case .putNode(var node) = change else { return change }
        node.capacity += node.capacity
        return .putNode(node)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed {
            var batch = batch
            batch.changes = batch.changes.map(OverfillingScheduler.enlarged)
            return honest.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests, using: &entropy)
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}
