import GRDB

/// The layout of the database, as the steps that lead to it. `user_version` counts the steps that a database has taken.
///
/// A step is never changed once released; a new layout is a new step.
struct Schema: Sendable {
    /// What one format adds to the one before.
    typealias Step = @Sendable (Database) throws -> Void

    /// The steps, oldest first.
    var steps: [Step]

    /// The format that this program writes.
    var format: Int { steps.count }

    /// All formats so far.
    static let current = Schema(steps: [{ try $0.execute(sql: first) }])

    /// A batch is one row of `log`. A snapshot is its chunks, and counts once its row in `snapshot` is there.
    private static let first = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE log(
            revision INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE snapshot(
            revision INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, chunks INTEGER NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE chunk(
            snapshot INTEGER NOT NULL, number INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
            PRIMARY KEY(snapshot, number)) WITHOUT ROWID;
        """

    /// Takes the steps that a database of `format` lacks, all or none.
    func migrate(_ db: Database, from format: Int) throws {
        guard format < self.format else { return }
        try db.inTransaction(.immediate) {
            for step in steps[format...] { try step(db) }
            try db.execute(sql: "PRAGMA user_version = \(self.format)")
            return .commit
        }
    }

    /// The statements that a database of `format` must consist of.
    func statements(format: Int) throws -> [String] {
        try DatabaseQueue().writeWithoutTransaction { db in
            for step in steps.prefix(format) { try step(db) }
            return try Self.statements(of: db)
        }
    }

    /// The statements that `db` consists of.
    static func statements(of db: Database) throws -> [String] {
        try Row.fetchAll(db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
            .map { row in row.databaseValues.map(\.description).joined(separator: " ") }
    }
}

/// The rows of the table `meta`: single numbers, each with a checksum over its name and value.
enum Meta: String, CaseIterable {
    /// Tells the log from all others; made with it.
    case lineage
    /// The last epoch given out.
    case epoch
    /// The revision of the last batch written: rows that vanish from the end of the log are missed.
    case head

    private func checksum(_ value: UInt64) -> UInt64 {
        Checksum.of(Array(rawValue.utf8), seed: Checksum.of(value))
    }

    /// Writes the row.
    func write(_ value: UInt64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO meta(key, value, checksum) VALUES (?, ?, ?)")
        try statement.execute(arguments: [
            rawValue, Int64(bitPattern: value), Int64(bitPattern: checksum(value)),
        ])
    }

    /// Reads the row.
    func read(_ db: Database) throws -> UInt64 {
        let row = try Row.fetchOne(db, sql: "SELECT value, checksum FROM meta WHERE key = ?", arguments: [rawValue])
        guard let row else { throw Damage("the row '\(rawValue)' of table meta is missing") }
        let value = try row.number(0)
        guard try row.number(1) == checksum(value) else {
            throw Damage("the row '\(rawValue)' of table meta is garbled")
        }
        return value
    }
}

/// What cannot be in a database that this program wrote.
struct Damage: Error {
    /// What, and in which table and row.
    let what: String

    init(_ what: String) { self.what = what }
}

extension Row {
    /// The 64 bits of a column. GRDB's own conversions end the process when a garbled row holds something else.
    func number(_ column: Int) throws -> UInt64 {
        let value: DatabaseValue = self[column]
        guard case .int64(let number) = value.storage else { throw Damage("a column holds no number") }
        return UInt64(bitPattern: number)
    }

    /// The bytes of a column.
    func bytes(_ column: Int) throws -> [UInt8] {
        let value: DatabaseValue = self[column]
        guard case .blob(let data) = value.storage else { throw Damage("a column holds no bytes") }
        return [UInt8](data)
    }
}
