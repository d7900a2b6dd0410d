import DequeModule
import Synchronization

/// The states that the latest placements were decided on, so that they can be explained afterwards. A state costs
/// little beside the newest one, with which it shares all that has not changed.
final class PlacementHistory: Sendable {
    private struct Entry: Sendable {
        let before: Snapshot
        let batch: ChangeBatch
    }

    private static let most = 128
    private let entries = Mutex<Deque<Entry>>([])

    /// Keeps the state before a batch that places something.
    func note(_ batch: ChangeBatch, before: Snapshot) {
        guard batch.changes.contains(where: { $0.placed(after: before) != nil }), before.revision.next == batch.revision
        else { return }
        entries.withLock { entries in
            entries.append(Entry(before: before, batch: batch))
            if entries.count > Self.most { entries.removeFirst() }
        }
    }

    /// The state in which `allocation` was given its node: instances that the same plan placed earlier are there, with
    /// what they made others make room; itself and later ones are not. `nil` when that is no longer kept.
    func state(before allocation: Allocation) -> Snapshot? {
        let entry = entries.withLock { entries in
            entries.last { $0.batch.revision == allocation.createRevision }
        }
        guard let entry else { return nil }
        let earlier = entry.batch.changes.prefix { change in
            if case .putAllocation(let other) = change { other.id != allocation.id } else { true }
        }
        var state = entry.before
        let placed = Set(earlier.compactMap { $0.placed(after: entry.before) })
        var batch = entry.batch
        // A plan first says who ends, then what is placed; whoever ends for this one, or for later ones, ran on then.
        batch.changes = earlier.filter { change in
            guard case .putAllocation(let other) = change, let successor = other.preemptedBy ?? other.next else {
                return true
            }
            return entry.before.allocations[successor] != nil || placed.contains(successor)
        }
        return state.apply(batch) ? state : nil
    }
}

extension Change {
    /// The instance that is there only with this change.
    fileprivate func placed(after before: Snapshot) -> AllocationID? {
        guard case .putAllocation(let allocation) = self, before.allocations[allocation.id] == nil else { return nil }
        return allocation.id
    }
}
