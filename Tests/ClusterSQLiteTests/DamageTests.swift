import ClusterKit
import Foundation
import GRDB
import Logging
import Testing

@testable import ClusterSQLite

/// A damaged folder opens with everything in it, or not at all.
@Suite struct DamageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A closed store with a snapshot of several chunks and a log after it.
    private func make() async throws -> Contents {
        let configuration = SQLiteStore.Configuration(snapshotAfter: 1 << 30)
        let store = try await SQLiteStore.open(folder: folder("store"), configuration: configuration, logger: silent)
        var writer = try await Writer(store)
        for _ in 0..<30 { try await writer.append(2, size: 160) }
        let snapshots = SnapshotWriter(database: store.database, chunkSize: 2_000) { false }
        _ = try snapshots.write(writer.head)
        for _ in 0..<5 { try await writer.append(2, size: 160) }
        await store.close()
        return Contents(writer.head)
    }

    /// Puts `bytes` in place of the database and opens that.
    private func open(_ bytes: Data, as name: String, expecting contents: Contents) async throws -> Bool {
        let path = folder(name)
        let manager = FileManager.default
        try manager.copyItem(atPath: folder("store"), toPath: path)
        try bytes.write(to: URL(fileURLWithPath: path + "/store.db"))
        defer { try? manager.removeItem(atPath: path) }
        do {
            let store = try await SQLiteStore.open(folder: path, logger: silent)
            let opened = Contents(store.durable)
            // What opened must also go on.
            if opened == contents {
                var writer = try await Writer(store)
                try? await writer.append()
            }
            await store.close()
            #expect(opened == contents, "\(name) opened with another state")
            return true
        } catch let error as ClusterError {
            #expect(error.message.contains(path), "\(name): \(error)")
            let after = try Data(contentsOf: URL(fileURLWithPath: path + "/store.db"))
            #expect(after == bytes, "\(name) was refused, yet changed")
            return false
        }
    }

    @Test func flippedBits() async throws {
        let contents = try await make()
        let intact = try Data(contentsOf: URL(fileURLWithPath: folder("store/store.db")))
        #expect(try await open(intact, as: "intact", expecting: contents))
        var entropy = Entropy(seed: 11)
        var refused = 0
        for round in 0..<250 {
            var bytes = intact
            for _ in 0...entropy.below(3) {
                // Half of them where the structure is: the headers of pages.
                let page = entropy.below(bytes.count / 4096) * 4096
                let place = entropy.below(2) == 0 ? page + entropy.below(120) : entropy.below(bytes.count)
                bytes[place] ^= 1 << UInt8(entropy.below(8))
            }
            if try await !open(bytes, as: "flip\(round)", expecting: contents) { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func truncatedFilesAndEmptyPages() async throws {
        let contents = try await make()
        let intact = try Data(contentsOf: URL(fileURLWithPath: folder("store/store.db")))
        var entropy = Entropy(seed: 12)
        let pages = intact.count / 4096
        for page in 0..<pages {
            var bytes = intact
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(count: 4096))
            _ = try await open(bytes, as: "zero\(page)", expecting: contents)
            let length = page * 4096 + (page % 2 == 0 ? 0 : entropy.below(4096))
            let opened = try await open(intact.prefix(length), as: "cut\(page)", expecting: contents)
            // The end of the last page may be unused: what opens then has all contents.
            #expect(!opened || page == pages - 1, "a database cut to \(length) of \(intact.count) bytes opened")
        }
        for page in 1..<pages {
            var bytes = intact
            let other = 1 + entropy.below(pages - 1)
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: intact[other * 4096..<(other + 1) * 4096])
            _ = try await open(bytes, as: "copy\(page)", expecting: contents)
        }
    }

    @Test(arguments: [
        "DELETE FROM log WHERE revision = (SELECT max(revision) FROM log)",
        "DELETE FROM log WHERE revision = (SELECT max(revision) - 2 FROM log)",
        "DELETE FROM log WHERE revision = (SELECT min(revision) FROM log)", "DELETE FROM log",
        "DELETE FROM snapshot", "DELETE FROM chunk WHERE number = 1", "DELETE FROM chunk",
        "DELETE FROM chunk WHERE number = (SELECT max(number) FROM chunk)",
        "UPDATE chunk SET number = 100 - number", "UPDATE log SET epoch = epoch + 1",
        "UPDATE log SET revision = revision - 1", "UPDATE log SET bytes = 'text'", "UPDATE log SET bytes = x''",
        "UPDATE log SET checksum = 'text'", "UPDATE meta SET value = value + 1 WHERE key = 'epoch'",
        "UPDATE meta SET value = 'text'", "DELETE FROM meta WHERE key = 'head'", "UPDATE snapshot SET epoch = 0",
        "UPDATE snapshot SET chunks = chunks - 1", "DROP TABLE chunk", "CREATE TABLE other(id INTEGER)",
        "CREATE INDEX other ON log(epoch)", "PRAGMA user_version = 0", "PRAGMA user_version = -1",
        "PRAGMA journal_mode = DELETE",
    ])
    func tamperedRows(_ sql: String) async throws {
        _ = try await make()
        let queue = try DatabaseQueue(path: folder("store/store.db"))
        try await queue.writeWithoutTransaction { _ = try Row.fetchOne($0, sql: sql) }
        try queue.close()
        let error = try #require(await refusal(of: folder("store")))
        #expect(error.code == .corrupt)
        #expect(error.message.contains("store.db") && error.message.contains("backup"), "\(error)")
    }

    @Test func aLostDatabaseIsNoNewFolder() async throws {
        _ = try await make()
        let path = folder("store/store.db")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(await refusal(of: folder("store"))?.code == .corrupt)
        try Data("some other file\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(await refusal(of: folder("store"))?.code == .corrupt)
        try FileManager.default.removeItem(atPath: path)
        let error = await refusal(of: folder("store"))
        #expect(error?.code == .corrupt && error?.message.contains("missing") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func theMarkerIsGuarded() async throws {
        let contents = try await make()
        let marker = URL(fileURLWithPath: folder("store/VERSION"))
        let text = try Data(contentsOf: marker)
        for position in text.indices {
            var bytes = text
            bytes[position] ^= 1
            try bytes.write(to: marker)
            #expect(await refusal(of: folder("store"))?.code == .corrupt, "byte \(position)")
        }
        // Lost, as after a crash while the store was made, it is made again.
        try FileManager.default.removeItem(at: marker)
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        #expect(Contents(store.durable) == contents)
        await store.close()
        #expect(try Data(contentsOf: marker) == text)
    }

    /// A crash left a log; what is refused then must not be tidied by closing it.
    @Test func aRefusedLogIsLeftAsItIs() async throws {
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        var writer = try await Writer(store)
        try await writer.append(5)
        let names = ["store.db", "store.db-wal"]
        try FileManager.default.createDirectory(atPath: folder("crashed"), withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(atPath: folder("store/" + name), toPath: folder("crashed/" + name))
        }
        await store.close()
        func read() throws -> [Data] {
            try names.map { try Data(contentsOf: URL(fileURLWithPath: folder("crashed/" + $0))) }
        }
        let before = try read()
        try Data("ClusterKit store\nlineage 1\n".utf8).write(to: URL(fileURLWithPath: folder("crashed/VERSION")))
        #expect(await refusal(of: folder("crashed"))?.message.contains("another one") == true)
        #expect(try read() == before)
        try FileManager.default.removeItem(atPath: folder("crashed/VERSION"))
        let recovered = try await SQLiteStore.open(folder: folder("crashed"), logger: silent)
        #expect(Contents(recovered.durable) == Contents(writer.head))
        await recovered.close()
    }

    @Test func anInterruptedCreationIsBegunAnew() async throws {
        try FileManager.default.createDirectory(atPath: folder("store"), withIntermediateDirectories: true)
        for name in ["store.db.new", "store.db.new-wal", "store.db.new-journal"] {
            try Data("half a file".utf8).write(to: URL(fileURLWithPath: folder("store/" + name)))
        }
        #expect(await refusal(of: folder("store")) == nil)
    }
}
