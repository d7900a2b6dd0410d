import Synchronization

/// A store that lasts as long as the process: for tests, simulations and programs that embed a cluster.
public final class MemoryStore: Store {
    private struct State {
        var epoch: Epoch = .zero
        var closed = false
    }

    private let hub: CommitHub
    private let state = Mutex(State())

    /// An empty store. `lineage` tells its log from others.
    public init(lineage: UInt64 = 1) { hub = CommitHub(lineage: lineage) }

    public var durable: Snapshot { hub.durable }

    public func lead(as server: ServerID) async throws -> (epoch: Epoch, head: Snapshot) {
        try state.withLock { state in
            guard !state.closed else { throw ClusterError(.unavailable, "the store is closed") }
            state.epoch = state.epoch.following(at: SystemTime().now().wall)
            return (state.epoch, hub.durable)
        }
    }

    public func append(_ group: [ChangeBatch], head: Snapshot) async throws(AppendFailure) {
        let failure: AppendFailure? = state.withLock { state in
            if state.closed { return .refused("the store is closed") }
            guard state.epoch > .zero, group.allSatisfy({ $0.epoch == state.epoch }) else { return .fenced }
            guard Self.continues(hub.durable.revision, group, head) else {
                return .unknown("the batches do not follow revision \(hub.durable.revision)")
            }
            hub.publish(group, head: head)
            return nil
        }
        if let failure { throw failure }
    }

    public func follow(after cursor: Cursor) -> Follow { Follow(hub: hub, after: cursor) }

    public func close() async {
        state.withLock { $0.closed = true }
        hub.close()
    }

    /// Whether `group` counts on from `revision` without a gap and ends at `head`.
    package static func continues(_ revision: Revision, _ group: [ChangeBatch], _ head: Snapshot) -> Bool {
        var last = revision
        for batch in group {
            guard batch.revision == last.next else { return false }
            last = batch.revision
        }
        return head.revision == last
    }
}
