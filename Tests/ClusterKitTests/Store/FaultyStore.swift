import ClusterKit
import Synchronization

/// A store that breaks one promise, to see that the conformance suite notices.
final class FaultyStore: Store {
    enum Fault: CaseIterable {
        case none
        case losesTheLastBatch
        case keepsAHalfGroup
        case hidesABatchFromFollowers
        case repeatsABatchToFollowers
        case acceptsOldEpochs
        case acceptsBeforeLead
        case acceptsGaps
        case publishesAnotherHead
        case acceptsAfterClosing
        case doesNotEndFollowers
        case losesItsLineage
        case repeatsEpochs
        case neverWakesFollowers
    }

    /// What outlives closing.
    final class Disk: Sendable {
        let state = Mutex((snapshot: Snapshot(), epoch: Epoch.zero, opened: UInt64(0)))
    }

    private let fault: Fault
    private let disk: Disk
    private let hub: CommitHub
    private let state = Mutex((epoch: Epoch.zero, closed: false, sealed: nil as Snapshot?))

    init(_ fault: Fault, disk: Disk) {
        self.fault = fault
        self.disk = disk
        let (snapshot, opened) = disk.state.withLock { state in
            state.opened += 1
            return (state.snapshot, state.opened)
        }
        hub = CommitHub(lineage: fault == .losesItsLineage ? opened : 5, durable: snapshot)
    }

    var durable: Snapshot { state.withLock { $0.sealed } ?? hub.durable }

    func follow(after cursor: Cursor) -> Follow { Follow(hub: hub, after: cursor) }

    func lead(as server: ServerID) async throws -> (epoch: Epoch, head: Snapshot) {
        try state.withLock { state in
            guard !state.closed else { throw ClusterError(.unavailable, "closed") }
            state.epoch = disk.state.withLock { disk in
                if fault != .repeatsEpochs || disk.epoch == .zero { disk.epoch = disk.epoch.next }
                return disk.epoch
            }
            return (state.epoch, hub.durable)
        }
    }

    func append(_ group: [ChangeBatch], head: Snapshot) async throws(AppendFailure) {
        let (epoch, closed) = state.withLock { ($0.epoch, $0.closed) }
        if closed {
            guard fault == .acceptsAfterClosing else { throw .refused("closed") }
            return
        }
        if epoch == .zero, fault != .acceptsBeforeLead { throw .fenced }
        guard group.allSatisfy({ $0.epoch == epoch || fault == .acceptsOldEpochs && $0.epoch < epoch }) else {
            throw .fenced
        }
        var last = hub.durable
        for batch in group {
            guard batch.revision == last.revision.next else {
                if fault == .keepsAHalfGroup { disk.state.withLock { $0.snapshot = last } }
                if fault == .acceptsGaps { return hub.publish(group, head: head) }
                throw .unknown("a gap")
            }
            last.apply(batch)
        }
        guard head.revision == last.revision else { throw .unknown("another head") }
        publish(group, head)
    }

    private func publish(_ group: [ChangeBatch], _ head: Snapshot) {
        let kept = fault == .losesTheLastBatch ? hub.durable : head
        disk.state.withLock { $0.snapshot = kept }
        var shown = group
        switch fault {
        case .hidesABatchFromFollowers: if shown.count > 1 { shown.remove(at: 1) }
        case .repeatsABatchToFollowers: if let first = shown.first { shown.insert(first, at: 0) }
        case .publishesAnotherHead: return hub.publish(shown, head: hub.durable)
        case .neverWakesFollowers: if head.revision.number > 50 { return state.withLock { $0.sealed = head } }
        default: break
        }
        hub.publish(shown, head: head)
    }

    func close() async {
        state.withLock { $0.closed = true }
        if fault != .doesNotEndFollowers { hub.close() }
    }
}
