import ClusterKit
import FoundationEssentials
import GRDB

/// Writes a snapshot and then takes away what it makes superfluous. Every step is a short transaction of its own, so
/// that appends get their turn in between; a stop at any point leaves a database that opens to the same state.
struct SnapshotWriter {
    let database: LogDatabase
    let chunkSize: Int
    /// Asked between the steps: a store that closes does not wait for the rest.
    let isCanceled: @Sendable () -> Bool

    /// Rows and chunks removed by one transaction.
    private static let rowsAtOnce = 512
    private static let chunksAtOnce = 8

    /// Writes `snapshot`; returns its size in bytes. Blocks the calling thread.
    func write(_ snapshot: Snapshot) throws -> Int {
        let revision = snapshot.revision.number
        try removeChunks("snapshot NOT IN (SELECT revision FROM snapshot)")
        var check = ChunkCheck(revision: revision)
        var writer = RecordWriter(capacity: chunkSize + chunkSize / 4)
        try snapshot.records { change in
            writer.put(change)
            guard writer.bytes.count >= chunkSize else { return }
            try insert(writer.bytes, &check)
            writer.removeAll()
        }
        if !writer.bytes.isEmpty { try insert(writer.bytes, &check) }
        let closing = ClosingRow(revision: revision, epoch: snapshot.epoch.number, check: check)
        try step { db in
            try db.execute(
                sql: "INSERT INTO snapshot(revision, epoch, chunks, checksum) VALUES (?, ?, ?, ?)",
                arguments: StatementArguments(
                    [closing.revision, closing.epoch, closing.chunks, closing.checksum].map(Int64.init(bitPattern:))))
        }
        try prune(before: revision)
        return check.bytes
    }

    private func insert(_ chunk: [UInt8], _ check: inout ChunkCheck) throws {
        let number = check.chunks
        let checksum = check.add(chunk)
        let revision = check.revision
        try step { db in
            let statement = try db.cachedStatement(
                sql: "INSERT INTO chunk(snapshot, number, checksum, bytes) VALUES (?, ?, ?, ?)")
            try statement.execute(arguments: [
                Int64(bitPattern: revision), Int64(bitPattern: number), Int64(bitPattern: checksum), Data(chunk),
            ])
        }
    }

    private func prune(before revision: UInt64) throws {
        let last = Int64(bitPattern: revision)
        try repeatedly(
            "DELETE FROM log WHERE revision <= ? AND revision < (SELECT min(revision) FROM log) + \(Self.rowsAtOnce)",
            [last])
        try step { try $0.execute(sql: "DELETE FROM snapshot WHERE revision < ?", arguments: [last]) }
        try removeChunks("snapshot < \(last)")
    }

    private func removeChunks(_ condition: String) throws {
        try repeatedly(
            """
            DELETE FROM chunk WHERE (snapshot, number) IN \
            (SELECT snapshot, number FROM chunk WHERE \(condition) LIMIT \(Self.chunksAtOnce))
            """, [])
    }

    /// Runs a statement that removes some rows until it finds none.
    private func repeatedly(_ sql: String, _ arguments: [Int64]) throws {
        while try step({ db in
            try db.execute(sql: sql, arguments: StatementArguments(arguments))
            return db.changesCount > 0
        }) {}
    }

    private func step<Value>(_ body: (Database) throws -> Value) throws -> Value {
        guard !isCanceled() else { throw CancellationError() }
        return try database.queue.write(body)
    }
}
