import ClusterKit
import GRDB

/// What a database holds, read back and checked in every part: the newest complete snapshot and the log after it.
struct StoredState: Sendable {
    let lineage: UInt64
    let epoch: Epoch
    let head: Snapshot
    /// The bytes that reopening has to read beyond the newest snapshot.
    let logBytes: Int
    /// The bytes of the newest snapshot.
    let snapshotBytes: Int

    /// Reads all of `db`; whatever is missing or garbled is an error.
    init(_ db: Database) throws {
        lineage = try Meta.lineage.read(db)
        epoch = Epoch(try Meta.epoch.read(db))
        // One reader for all: what names the same job or node shares the text.
        var reader = RecordReader([])
        var (head, snapshotBytes) = try Self.snapshot(db, &reader)
        let start = head.revision
        var logBytes = 0
        let rows = try Row.fetchCursor(
            db, sql: "SELECT revision, epoch, checksum, bytes FROM log WHERE revision > ? ORDER BY revision",
            arguments: [Int64(bitPattern: start.number)])
        while let row = try rows.next() {
            let row = try LogRow(row)
            logBytes += row.bytes.count
            guard head.apply(try row.batch(&reader)) else {
                throw Damage("table log continues with row \(row.revision) after \(head.revision)")
            }
        }
        let written = try Meta.head.read(db)
        guard head.revision.number == written else {
            throw Damage("table log ends at row \(head.revision), but row \(written) was written")
        }
        guard head.epoch <= epoch else { throw Damage("the epoch of table log is newer than that of table meta") }
        self.head = head
        self.logBytes = logBytes
        self.snapshotBytes = snapshotBytes
    }

    private static func snapshot(_ db: Database, _ reader: inout RecordReader) throws -> (Snapshot, bytes: Int) {
        let newest = try Row.fetchOne(
            db, sql: "SELECT revision, epoch, chunks, checksum FROM snapshot ORDER BY revision DESC LIMIT 1")
        guard let newest else { return (Snapshot(), 0) }
        let closing = try ClosingRow(newest)
        var check = ChunkCheck(revision: closing.revision)
        var changes: [Change] = []
        let rows = try Row.fetchCursor(
            db, sql: "SELECT number, checksum, bytes FROM chunk WHERE snapshot = ? ORDER BY number",
            arguments: [Int64(bitPattern: closing.revision)])
        while let row = try rows.next() {
            let bytes = try row.bytes(2)
            let number = check.chunks
            guard try row.number(0) == number, try row.number(1) == check.add(bytes) else {
                throw Damage("chunk \(number) of snapshot \(closing.revision) is missing or garbled")
            }
            reader.restart(with: bytes)
            try append(&reader, number, to: &changes)
        }
        guard check.chunks == closing.chunks, check.total == closing.chunkSum else {
            throw Damage("snapshot \(closing.revision) has \(check.chunks) chunks instead of \(closing.chunks)")
        }
        let snapshot = Snapshot(
            revision: Revision(closing.revision), epoch: Epoch(closing.epoch), records: changes)
        return (snapshot, check.bytes)
    }

    private static func append(
        _ reader: inout RecordReader, _ number: UInt64, to changes: inout [Change]
    ) throws {
        do {
            while !reader.isAtEnd { changes.append(try reader.next()) }
        } catch {
            throw Damage("chunk \(number) of table chunk: \(error.description)")
        }
    }
}

/// The running checksum over the chunks of one snapshot.
struct ChunkCheck {
    let revision: UInt64
    private(set) var chunks: UInt64 = 0
    private(set) var bytes = 0
    private(set) var total: UInt64 = 0

    init(revision: UInt64) { self.revision = revision }

    /// Counts a chunk in and gives its own checksum.
    mutating func add(_ chunk: [UInt8]) -> UInt64 {
        let checksum = Checksum.of(chunk, seed: Checksum.of(revision, chunks))
        total = Checksum.of(checksum, seed: total)
        chunks += 1
        bytes += chunk.count
        return checksum
    }
}

/// The row that makes a snapshot count.
struct ClosingRow {
    let revision: UInt64
    let epoch: UInt64
    let chunks: UInt64
    let chunkSum: UInt64

    init(revision: UInt64, epoch: UInt64, check: ChunkCheck) {
        self.revision = revision
        self.epoch = epoch
        chunks = check.chunks
        chunkSum = check.total
    }

    /// Reads a row of `SELECT revision, epoch, chunks, checksum`.
    init(_ row: Row) throws {
        revision = try row.number(0)
        epoch = try row.number(1)
        chunks = try row.number(2)
        // The stored checksum covers the row as well; undone, it must be that of the chunks.
        chunkSum = try row.number(3) ^ Checksum.of(revision, epoch, chunks)
    }

    var checksum: UInt64 { chunkSum ^ Checksum.of(revision, epoch, chunks) }
}
