import CSQLite
import ClusterKit
import FoundationEssentials
import GRDB

/// The one connection to a store's database. Everything that touches it runs on its queue, one thing after another.
///
/// There is never a second connection, not even of another program: the file stays locked exclusively, which also
/// keeps the index of the write-ahead log in memory, and SQLite before 3.51.3 can lose data when two connections
/// reset that log.
final class LogDatabase: Sendable {
    let queue: DatabaseQueue
    let path: String

    /// Opens a file that exists. Until `begin`, nothing in it is changed, not even by closing.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.label = "cluster.store"
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try Self.checkpointOnClose(false, db)
        }
        self.path = path
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Makes the file of a new store, whole or not at all.
    static func create(_ path: String, lineage: UInt64, schema: Schema) throws {
        let draft = path + ".new"
        for leftover in [draft + "-wal", draft + "-journal"] { try Files.remove(leftover) }
        try Files.makeEmpty(draft)
        let database = try LogDatabase(path: draft)
        try database.queue.writeWithoutTransaction { db in
            try database.begin(db)
            try schema.migrate(db, from: 0)
            try db.inTransaction(.immediate) {
                try Meta.lineage.write(lineage, db)
                try Meta.epoch.write(0, db)
                try Meta.head.write(0, db)
                return .commit
            }
        }
        try database.queue.close()
        try Files.rename(draft, to: path)
    }

    /// Sets the connection up for writing.
    func begin(_ db: Database) throws {
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        try db.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
        guard mode == "wal", synchronous == 2 else {
            throw ClusterError(
                .unavailable, "\(path): the file system takes no write-ahead log: keep the data folder on a local disk")
        }
        // The log grows while a snapshot is written; afterwards its space is given back.
        try db.execute(sql: "PRAGMA journal_size_limit = \(16 << 20)")
        try Self.checkpointOnClose(true, db)
    }

    static func checkpointOnClose(_ enabled: Bool, _ db: Database) throws {
        guard cluster_sqlite_checkpoint_on_close(db.sqliteConnection, enabled ? 1 : 0) == SQLITE_OK else {
            throw ClusterError(.internal, "SQLite does not know how to keep its log on closing: it is too old")
        }
    }

    /// Runs `body` on the queue, without holding up the caller's thread and whether or not the caller is canceled.
    func perform<Value: Sendable>(_ body: @escaping @Sendable (Database) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { continuation.resume(returning: body($0)) }
        }
    }

    /// Writes rows of the log in one transaction.
    static func insert(_ rows: [LogRow], _ db: Database) throws {
        guard let last = rows.last else { return }
        try db.inTransaction(.immediate) {
            let statement = try db.cachedStatement(
                sql: "INSERT INTO log(revision, epoch, checksum, bytes) VALUES (?, ?, ?, ?)")
            for row in rows {
                try statement.execute(arguments: [
                    Int64(bitPattern: row.revision), Int64(bitPattern: row.epoch), Int64(bitPattern: row.checksum),
                    Data(row.bytes),
                ])
            }
            try Meta.head.write(last.revision, db)
            return .commit
        }
    }
}

/// One row of the log: one batch.
struct LogRow: Sendable {
    let revision: UInt64
    let epoch: UInt64
    let bytes: [UInt8]

    init(_ batch: ChangeBatch) {
        revision = batch.revision.number
        epoch = batch.epoch.number
        bytes = batch.encoded
    }

    /// Reads a row of `SELECT revision, epoch, checksum, bytes`.
    init(_ row: Row) throws {
        revision = try row.number(0)
        epoch = try row.number(1)
        bytes = try row.bytes(3)
        guard try row.number(2) == checksum else { throw Damage("row \(revision) of table log is garbled") }
    }

    var checksum: UInt64 { Checksum.of(bytes, seed: Checksum.of(revision, epoch)) }

    /// The batch again.
    func batch(_ reader: inout RecordReader) throws -> ChangeBatch {
        let batch: ChangeBatch
        do {
            batch = try reader.value(filling: bytes)
        } catch {
            throw Damage("row \(revision) of table log: \(error.description)")
        }
        guard batch.revision.number == revision, batch.epoch.number == epoch else {
            throw Damage("row \(revision) of table log holds another batch")
        }
        return batch
    }
}
