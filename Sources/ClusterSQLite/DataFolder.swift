import ClusterKit
import GRDB

/// A store's folder: the database, the file that says that there must be one, and the lock.
struct DataFolder: Sendable {
    let path: String
    let schema: Schema

    /// The database; SQLite keeps its log beside it.
    var database: String { path + "/store.db" }
    /// Says that a store was made here and which, so that a lost database is not mistaken for a new folder.
    var marker: String { path + "/VERSION" }

    /// What opening gives.
    struct Opened: Sendable {
        let database: LogDatabase
        let state: StoredState
    }

    /// Opens the store in the folder, or makes one when there never was any. The caller holds the lock. Blocks.
    func open() throws -> Opened {
        let marked = try readMarker()
        if marked == nil, try Files.size(database) == nil, try Files.size(database + "-wal") == nil {
            let lineage = UInt64.random(in: 1 ... .max)
            try LogDatabase.create(database, lineage: lineage, schema: schema)
        }
        guard let size = try Files.size(database) else {
            throw DatabaseFailure.corrupt(
                database, "the file is missing, though \(marker) says that a store was made here")
        }
        guard size > 0 else { throw DatabaseFailure.corrupt(database, "the file is empty, which no store ever is") }
        let opened = try openDatabase()
        let lineage = opened.state.lineage
        if let marked, marked != lineage {
            try? opened.database.queue.close()
            throw DatabaseFailure.corrupt(database, "the store is another one than \(marker) names")
        }
        // Also after a crash between making the database and marking it.
        if marked == nil { try Files.replace(marker, with: Array(Self.text(lineage).utf8)) }
        try opened.database.queue.writeWithoutTransaction { db in
            try opened.database.begin(db)
            try schema.migrate(db, from: Self.format(of: db))
        }
        return opened
    }

    /// Nothing is changed until all that the file holds has been checked.
    private func openDatabase() throws -> Opened {
        let opened = try LogDatabase(path: database)
        do {
            let state = try opened.queue.writeWithoutTransaction { db in
                try check(db)
                return try StoredState(db)
            }
            return Opened(database: opened, state: state)
        } catch {
            try? opened.queue.close()
            throw error
        }
    }

    private func check(_ db: Database) throws {
        let format = try Self.format(of: db)
        guard format <= schema.format else {
            throw ClusterError(
                .invalid,
                """
                \(database) has format \(format), and this program knows formats up to \(schema.format): \
                start the newer program that wrote it, or put back a backup from before
                """)
        }
        guard format > 0, try Schema.statements(of: db) == schema.statements(format: format) else {
            throw Damage("its tables are not those of a store of format \(format)")
        }
        let mode = try Row.fetchOne(db, sql: "PRAGMA journal_mode")?.databaseValues.first?.description
        guard mode == #""wal""# else { throw Damage("its header says that it has no write-ahead log") }
        let problem = try Row.fetchOne(db, sql: "PRAGMA quick_check(1)")?.databaseValues.first?.description
        guard problem == #""ok""# else { throw Damage(problem ?? "it cannot be checked") }
    }

    private static func format(of db: Database) throws -> Int {
        guard let row = try Row.fetchOne(db, sql: "PRAGMA user_version") else { throw Damage("it has no format") }
        return Int(clamping: Int64(bitPattern: try row.number(0)))
    }

    private static func text(_ lineage: UInt64) -> String { "ClusterKit store\nlineage \(lineage)\n" }

    private func readMarker() throws -> UInt64? {
        guard let bytes = try Files.read(marker) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let lineage = text.split(separator: "\n").last?.split(separator: " ").last.flatMap { UInt64($0) }
        guard let lineage, text == Self.text(lineage) else {
            throw DatabaseFailure.corrupt(marker, "this is no marker of a ClusterKit store")
        }
        return lineage
    }
}
