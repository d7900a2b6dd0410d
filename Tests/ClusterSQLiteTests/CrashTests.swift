import ClusterKit
import Foundation
import GRDB
import Logging
import Testing

@testable import ClusterSQLite

/// What is on the disk at any moment holds every batch that was acknowledged by then.
@Suite struct CrashTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Copies the database and its log as they were at one moment; `nil` when a checkpoint moved pages meanwhile.
    private func copy(to name: String) throws -> String? {
        func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: folder("store/" + name))) }
        let before = try read("store.db")
        let log = (try? read("store.db-wal")) ?? Data()
        guard try read("store.db") == before else { return nil }
        let path = folder(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try before.write(to: URL(fileURLWithPath: path + "/store.db"))
        try log.write(to: URL(fileURLWithPath: path + "/store.db-wal"))
        try read("VERSION").write(to: URL(fileURLWithPath: path + "/VERSION"))
        return path
    }

    @Test(arguments: [1 << 30, 30_000]) func acknowledgedBatchesAreInEveryImage(snapshotAfter: Int) async throws {
        let configuration = SQLiteStore.Configuration(snapshotAfter: snapshotAfter, chunkSize: 4_000)
        let store = try await SQLiteStore.open(folder: folder("store"), configuration: configuration, logger: silent)
        // Many checkpoints, to meet them too.
        await store.database.perform { try? $0.execute(sql: "PRAGMA wal_autocheckpoint = 50") }
        let writer = try await Writer(store)
        let (done, images) = (Counter(), Counter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { _ = done.next() }
                var writer = writer
                for number in 0..<400 {
                    // A copy comes between now and then, however slow it is.
                    if number % 20 == 0 {
                        let comes = try await eventually { images.value >= number / 20 }
                        #expect(comes)
                    }
                    try await writer.append(1 + number % 3, size: 300)
                }
            }
            while done.value == 0 {
                let acknowledged = store.durable
                guard let path = try copy(to: "image\(images.value)") else { continue }
                _ = images.next()
                let copy = try await SQLiteStore.open(folder: path, logger: silent)
                let found = copy.durable
                await copy.close()
                try FileManager.default.removeItem(atPath: path)
                #expect(found.revision >= acknowledged.revision)
                if found.revision == acknowledged.revision { #expect(Contents(found) == Contents(acknowledged)) }
            }
            try await group.waitForAll()
        }
        #expect(images.value >= 19)
        await store.close()
    }

    /// A log that breaks off anywhere opens at the end of a batch, and what was acknowledged before the last group is
    /// there.
    @Test func aTornLogOpens() async throws {
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        var writer = try await Writer(store)
        var states: [(length: Int, contents: Contents)] = []
        func logLength() throws -> Int {
            try FileManager.default.attributesOfItem(atPath: folder("store/store.db-wal"))[.size] as? Int ?? 0
        }
        for _ in 0..<10 {
            try await writer.append(2, size: 3_000)
            states.append((try logLength(), Contents(writer.head)))
        }
        let path = try #require(try copy(to: "whole"))
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "/store.db-wal"))
        var entropy = Entropy(seed: 3)
        for round in 0..<60 {
            let torn = folder("torn")
            try FileManager.default.copyItem(atPath: path, toPath: torn)
            let length = states[0].length + entropy.below(log.count - states[0].length)
            try log.prefix(length).write(to: URL(fileURLWithPath: torn + "/store.db-wal"))
            let opened = try await SQLiteStore.open(folder: torn, logger: silent)
            let wanted = try #require(states.last { $0.length <= length })
            #expect(Contents(opened.durable) == wanted.contents, "round \(round), \(length) bytes")
            var writer = try await Writer(opened)
            try await writer.append()
            await opened.close()
            try FileManager.default.removeItem(atPath: torn)
        }
        await store.close()
    }
}
