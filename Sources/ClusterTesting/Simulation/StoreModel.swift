public import ClusterKit

/// A store as the simulated world needs it: the same promises as `Store`, one step at a time and without waiting.
///
/// A write is begun and takes effect later, or never when the machine crashes in between.
public protocol StoreModel {
    /// Takes the lead and gives what is safe.
    mutating func lead() -> (epoch: Epoch, head: Snapshot)

    /// The group's bytes reach the disk. Gives what the writer is told.
    mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure>

    /// The machine of the store loses what has not reached the disk.
    mutating func crash()

    /// What is really safe: what the checkers look at.
    var truth: Snapshot { get }
}

/// Keeps all promises.
public struct FaithfulStore: StoreModel {
    private var epoch: Epoch = .zero
    /// What was written.
    public private(set) var truth = Snapshot()

    /// An empty store.
    public init() {}

    public mutating func lead() -> (epoch: Epoch, head: Snapshot) {
        epoch = epoch.next
        return (epoch, truth)
    }

    public mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure> {
        guard group.allSatisfy({ $0.epoch == epoch }) else { return .failure(.fenced) }
        guard group.first?.revision == truth.revision.next else {
            return .failure(.unknown("the group does not follow"))
        }
        truth = head
        return .success(())
    }

    public mutating func crash() {}
}

/// Mutant: lets an old leader write over what a newer one wrote.
public struct EpochBlindStore: StoreModel {
    private var epoch: Epoch = .zero
    /// What the last writer wrote.
    public private(set) var truth = Snapshot()

    /// An empty store.
    public init() {}

    public mutating func lead() -> (epoch: Epoch, head: Snapshot) {
        epoch = epoch.next
        return (epoch, truth)
    }

    public mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure> {
        truth = head
        return .success(())
    }

    public mutating func crash() {}
}

/// Mutant: says that a group is safe while it is still on its way; a crash loses the last one.
public struct HastyStore: StoreModel {
    private var epoch: Epoch = .zero
    private var safe = Snapshot()
    /// What was acknowledged and has not been lost yet.
    public private(set) var truth = Snapshot()

    /// An empty store.
    public init() {}

    public mutating func lead() -> (epoch: Epoch, head: Snapshot) {
        epoch = epoch.next
        return (epoch, truth)
    }

    public mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure> {
        guard group.allSatisfy({ $0.epoch == epoch }) else { return .failure(.fenced) }
        safe = truth
        truth = head
        return .success(())
    }

    public mutating func crash() { truth = safe }
}

/// Mutant: of forty groups it loses one that it said was safe, when it is asked for what it holds.
public struct LossyStore: StoreModel {
    private var epoch: Epoch = .zero
    private var groups = 0
    private var before = Snapshot()
    private var isTorn = false
    /// What was written, and is not lost yet.
    public private(set) var truth = Snapshot()

    /// An empty store.
    public init() {}

    public mutating func lead() -> (epoch: Epoch, head: Snapshot) {
        if isTorn { (truth, isTorn) = (before, false) }
        epoch = epoch.next
        return (epoch, truth)
    }

    public mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure> {
        guard group.allSatisfy({ $0.epoch == epoch }) else { return .failure(.fenced) }
        groups += 1
        if groups % 40 == 0, !isTorn { (before, isTorn) = (truth, true) }
        truth = head
        return .success(())
    }

    public mutating func crash() {}
}

/// Mutant: gives a new leader the state before the last group.
public struct StaleLeadStore: StoreModel {
    private var epoch: Epoch = .zero
    private var before = Snapshot()
    /// What was written.
    public private(set) var truth = Snapshot()

    /// An empty store.
    public init() {}

    public mutating func lead() -> (epoch: Epoch, head: Snapshot) {
        epoch = epoch.next
        return (epoch, before)
    }

    public mutating func write(_ group: [ChangeBatch], head: Snapshot) -> Result<Void, AppendFailure> {
        guard group.allSatisfy({ $0.epoch == epoch }) else { return .failure(.fenced) }
        before = truth
        truth = head
        return .success(())
    }

    public mutating func crash() {}
}
