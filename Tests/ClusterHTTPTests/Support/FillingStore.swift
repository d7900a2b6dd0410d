import ClusterKit
import Synchronization

/// A store in memory that refuses writes as long as a test wants it, as one on a full disk does.
final class FillingStore: Store {
    private let inner = MemoryStore()
    private let isFull = Mutex(false)

    func setFull(_ full: Bool) { isFull.withLock { $0 = full } }

    var durable: Snapshot { inner.durable }

    func lead(as server: ServerID) async throws -> (epoch: Epoch, head: Snapshot) { try await inner.lead(as: server) }

    func append(_ group: [ChangeBatch], head: Snapshot) async throws(AppendFailure) {
        if isFull.withLock(\.self) { throw .refused("the disk is full") }
        try await inner.append(group, head: head)
    }

    func follow(after cursor: Cursor) -> Follow { inner.follow(after: cursor) }

    func close() async { await inner.close() }
}
