public import ClusterKit
import Dispatch
import GRDB
public import Logging
import Synchronization

// GRDB has a cursor of its own.
public import struct ClusterKit.Cursor

/// A store in a folder of one machine: an append-only log in SQLite with a snapshot now and then.
///
/// An `append` is one transaction, synchronized to the disk before it returns. A folder that an older program wrote
/// opens; one that a newer program wrote, that another process uses or that is damaged is refused and left as it is.
public final class SQLiteStore: Store {
    /// How much is written when.
    public struct Configuration: Sendable {
        /// A snapshot is written when the log has grown by this many bytes and by more than the last snapshot's size.
        public var snapshotAfter: Int
        /// About how many bytes of a snapshot are written in one transaction; appends wait for no more than that.
        public var chunkSize: Int
        /// How many changes are kept for followers that lag behind; those that lag more get the whole state.
        public var window: Int

        /// 8 MiB, 512 KiB and 16,384 changes unless told otherwise.
        public init(snapshotAfter: Int = 8 << 20, chunkSize: Int = 512 << 10, window: Int = 16_384) {
            self.snapshotAfter = max(1, snapshotAfter)
            self.chunkSize = min(max(1, chunkSize), 1 << 20)
            self.window = max(1, window)
        }
    }

    private struct State {
        /// The epoch that this store leads with; `nil` before `lead`.
        var leading: Epoch?
        var lastEpoch: Epoch
        var closed = false
        /// Why nothing may be acknowledged any more.
        var failure: String?
        /// Bytes of the log since the last snapshot, and how many begin the next one.
        var logBytes: Int
        var snapshotAt: Int
        var writingSnapshot = false
        /// Held until the store is closed.
        var lock: FolderLock?
    }

    private let configuration: Configuration
    private let logger: Logger
    private let hub: CommitHub
    private let state: Mutex<State>
    /// Writes snapshots and closes, one after the other, away from the threads that tasks run on.
    private let background = DispatchQueue(label: "cluster.store.background", qos: .utility)
    let database: LogDatabase

    /// Opens the store in `folder`, or makes one in a folder that has none.
    ///
    /// - Throws: `ClusterError`: `inUse` when another process has the folder, `corrupt` when what it holds is damaged,
    ///   `invalid` when a newer program wrote it, `storeRefused` when the disk is full, `unavailable` when the disk or
    ///   the permissions do not let it.
    public static func open(
        folder: String, configuration: Configuration = Configuration(), logger: Logger
    ) async throws -> SQLiteStore {
        try await open(folder: folder, schema: .current, configuration: configuration, logger: logger)
    }

    static func open(
        folder: String, schema: Schema, configuration: Configuration = Configuration(), logger: Logger
    ) async throws -> SQLiteStore {
        let opening = DispatchQueue(label: "cluster.store.open")
        return try await withCheckedThrowingContinuation { continuation in
            opening.async {
                continuation.resume(
                    with: Swift.Result {
                        try SQLiteStore(
                            DataFolder(path: folder, schema: schema), configuration: configuration, logger: logger)
                    })
            }
        }
    }

    private init(_ folder: DataFolder, configuration: Configuration, logger: Logger) throws {
        do {
            try Files.makeFolder(folder.path)
            let lock = try FolderLock(folder: folder.path)
            let opened = try folder.open()
            let stored = opened.state
            database = opened.database
            hub = CommitHub(lineage: stored.lineage, durable: stored.head, limit: configuration.window)
            state = Mutex(
                State(
                    lastEpoch: stored.epoch, logBytes: stored.logBytes,
                    snapshotAt: max(configuration.snapshotAfter, stored.snapshotBytes), lock: lock))
            self.configuration = configuration
            self.logger = logger
        } catch {
            throw DatabaseFailure.opening(error, folder.database)
        }
        logger.info("store opened", metadata: ["folder": "\(folder.path)", "revision": "\(hub.durable.revision)"])
    }

    public var durable: Snapshot { hub.durable }

    public func follow(after cursor: Cursor) -> Follow { Follow(hub: hub, after: cursor) }

    public func lead(as server: ServerID) async throws -> (epoch: Epoch, head: Snapshot) {
        let epoch = try await database.perform { db in Swift.Result { try self.raiseEpoch(db) } }.get()
        logger.info("store led", metadata: ["server": "\(server.name)", "epoch": "\(epoch)"])
        return (epoch, hub.durable)
    }

    private func raiseEpoch(_ db: Database) throws -> Epoch {
        let now = SystemTime().now().wall
        let (closed, failure, epoch) = state.withLock { ($0.closed, $0.failure, $0.lastEpoch.following(at: now)) }
        guard !closed else { throw ClusterError(.unavailable, "\(database.path): the store is closed") }
        if let failure {
            throw ClusterError(.unavailable, "\(failure): restart the server, which reads the store anew")
        }
        do {
            try db.inTransaction(.immediate) {
                try Meta.epoch.write(epoch.number, db)
                return .commit
            }
        } catch {
            switch DatabaseFailure.append(error, database.path) {
            case .refused(let text): throw ClusterError(.storeRefused, text)
            case .fenced, .unknown: throw ClusterError(.unavailable, fail(error))
            }
        }
        state.withLock { state in
            state.leading = epoch
            state.lastEpoch = epoch
        }
        return epoch
    }

    public func append(_ group: [ChangeBatch], head: Snapshot) async throws(AppendFailure) {
        let failure = await database.perform { db in self.write(group, head, db) }
        if let failure { throw failure }
    }

    private func write(_ group: [ChangeBatch], _ head: Snapshot, _ db: Database) -> AppendFailure? {
        let (closed, failure, leading) = state.withLock { ($0.closed, $0.failure, $0.leading) }
        if closed { return .refused("\(database.path): the store is closed") }
        if let failure { return .unknown(failure) }
        guard let leading, group.allSatisfy({ $0.epoch == leading }) else { return .fenced }
        guard MemoryStore.continues(hub.durable.revision, group, head) else {
            return .unknown("the batches do not follow revision \(hub.durable.revision): lead again")
        }
        let rows = group.map(LogRow.init)
        do {
            try LogDatabase.insert(rows, db)
        } catch {
            let failure = DatabaseFailure.append(error, database.path)
            if case .unknown = failure { return .unknown(fail(error)) }
            return failure
        }
        hub.publish(group, head: head)
        grew(by: rows.reduce(0) { $0 + $1.bytes.count })
        return nil
    }

    /// Stops acknowledging for good. Gives the reason.
    private func fail(_ error: any Error) -> String {
        let text = "\(database.path): \(error)"
        logger.critical("store cannot be written", metadata: ["error": "\(text)"])
        return state.withLock { state in
            state.failure = state.failure ?? text
            return state.failure ?? text
        }
    }

    /// Begins a snapshot when the log has become long.
    private func grew(by bytes: Int) {
        let due = state.withLock { state in
            state.logBytes += bytes
            guard state.logBytes >= state.snapshotAt, !state.writingSnapshot, !state.closed else { return false }
            state.writingSnapshot = true
            return true
        }
        guard due else { return }
        let (snapshot, covered) = (hub.durable, state.withLock { $0.logBytes })
        background.async { self.writeSnapshot(snapshot, covering: covered) }
    }

    private func writeSnapshot(_ snapshot: Snapshot, covering covered: Int) {
        let writer = SnapshotWriter(database: database, chunkSize: configuration.chunkSize) {
            self.state.withLock { $0.closed || $0.failure != nil }
        }
        do {
            let size = try writer.write(snapshot)
            state.withLock { state in
                state.logBytes -= covered
                state.snapshotAt = max(configuration.snapshotAfter, size)
            }
            logger.debug("snapshot written", metadata: ["revision": "\(snapshot.revision)", "bytes": "\(size)"])
        } catch is CancellationError {
            return
        } catch {
            if case .unknown = DatabaseFailure.append(error, database.path) { _ = fail(error) }
            // The log holds everything as well: try again when it has grown some more.
            state.withLock { $0.snapshotAt = $0.logBytes + configuration.snapshotAfter }
            logger.warning("snapshot not written", metadata: ["error": "\(error)"])
        }
        state.withLock { $0.writingSnapshot = false }
    }

    public func close() async {
        state.withLock { $0.closed = true }
        await withCheckedContinuation { continuation in
            background.async {
                self.letGo()
                continuation.resume()
            }
        }
    }

    private func letGo() {
        guard state.withLock({ $0.lock != nil }) else { return }
        do {
            // After a failed write the log stays as it is: what it holds is found out when it is read back.
            if state.withLock({ $0.failure != nil }) {
                try database.queue.writeWithoutTransaction { try LogDatabase.checkpointOnClose(false, $0) }
            }
            try database.queue.close()
        } catch {
            logger.error("store not closed cleanly", metadata: ["error": "\(error)"])
        }
        hub.close()
        state.withLock { $0.lock = nil }
    }
}
