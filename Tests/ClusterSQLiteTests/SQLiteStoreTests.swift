import ClusterKit
import ClusterTesting
import Foundation
import GRDB
import Logging
import Testing

@testable import ClusterSQLite

@Suite struct SQLiteStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func keepsEveryPromise() async {
        let suite = StoreConformance(lifetime: .folder) { [folder] name in
            try await SQLiteStore.open(folder: folder(name), logger: silent)
        }
        #expect(await suite.violations() == [])
    }

    @Test func keepsEveryPromiseWhileSnapshotsAreWritten() async {
        let suite = StoreConformance(lifetime: .folder) { [folder] name in
            try await SQLiteStore.open(
                folder: folder(name), configuration: .init(snapshotAfter: 300, chunkSize: 100), logger: silent)
        }
        #expect(await suite.violations() == [])
    }

    @Test func filesAreForTheirOwnerAlone() async throws {
        let path = folder("a/b/data")
        let store = try await SQLiteStore.open(folder: path, logger: silent)
        var writer = try await Writer(store)
        try await writer.append()
        let manager = FileManager.default
        #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
        let names = try manager.contentsOfDirectory(atPath: path).sorted()
        #expect(names == ["VERSION", "lock", "store.db", "store.db-wal"])
        for name in names {
            #expect(try manager.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int == 0o600)
        }
        await store.close()
        #expect(try manager.contentsOfDirectory(atPath: path).sorted() == ["VERSION", "lock", "store.db"])
    }

    @Test func oneServerPerFolder() async throws {
        let first = try await SQLiteStore.open(folder: folder.path, logger: silent)
        let error = await refusal(of: folder.path)
        #expect(error?.code == .inUse)
        #expect(error?.message.contains("\(folder.path) is in use by process \(getpid())") == true)
        await first.close()
        #expect(await refusal(of: folder.path) == nil)
    }

    @Test func snapshotsReplaceTheLog() async throws {
        let configuration = SQLiteStore.Configuration(snapshotAfter: 20_000, chunkSize: 2_000)
        let store = try await SQLiteStore.open(folder: folder.path, configuration: configuration, logger: silent)
        var writer = try await Writer(store)
        for _ in 0..<300 { try await writer.append(2, size: 200) }
        let pruned = try await eventually {
            await store.database.perform { db in
                (try? Int.fetchOne(db, sql: "SELECT count(*) FROM log")) ?? 600 < 400
                    && (try? Int.fetchOne(db, sql: "SELECT count(*) FROM snapshot")) == 1
            }
        }
        #expect(pruned)
        await store.close()
        let reopened = try await SQLiteStore.open(folder: folder.path, configuration: configuration, logger: silent)
        #expect(Contents(reopened.durable) == Contents(writer.head))
        writer = try await Writer(reopened)
        try await writer.append()
        await reopened.close()
    }

    @Test func anUnfinishedSnapshotDoesNotCount() async throws {
        let configuration = SQLiteStore.Configuration(snapshotAfter: 1 << 30, chunkSize: 500)
        var store = try await SQLiteStore.open(folder: folder.path, configuration: configuration, logger: silent)
        var writer = try await Writer(store)
        for _ in 0..<20 { try await writer.append(2) }
        for stop in 1...30 {
            let steps = Counter()
            let snapshots = SnapshotWriter(database: store.database, chunkSize: 500) { steps.next() >= stop }
            _ = try? snapshots.write(writer.head)
            await store.close()
            store = try await SQLiteStore.open(folder: folder.path, configuration: configuration, logger: silent)
            try #require(Contents(store.durable) == Contents(writer.head), "stopped at step \(stop)")
            writer = try await Writer(store)
            try await writer.append()
        }
        await store.close()
    }

    @Test func aNewerFormatIsRefusedAndAnOlderOneTaken() async throws {
        var store = try await SQLiteStore.open(folder: folder.path, logger: silent)
        var writer = try await Writer(store)
        try await writer.append(3)
        await store.close()
        let newer = Schema(
            steps: Schema.current.steps + [{ try $0.execute(sql: "CREATE TABLE more(id INTEGER PRIMARY KEY)") }])
        store = try await SQLiteStore.open(folder: folder.path, schema: newer, logger: silent)
        #expect(Contents(store.durable) == Contents(writer.head))
        writer = try await Writer(store)
        try await writer.append(3)
        await store.close()
        let error = await refusal(of: folder.path)
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("format 2") == true && error?.message.contains("newer program") == true)
        store = try await SQLiteStore.open(folder: folder.path, schema: newer, logger: silent)
        #expect(Contents(store.durable) == Contents(writer.head))
        await store.close()
    }

    @Test func canceledCallerIsStillAnswered() async throws {
        let store = try await SQLiteStore.open(folder: folder.path, logger: silent)
        var writer = try await Writer(store)
        let appending = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await writer.append()
            return writer.head.revision
        }
        #expect(try await appending.value == Revision(1))
        #expect(store.durable.revision == Revision(1))
        await store.close()
    }
}
