import ClusterKit
import Foundation
import GRDB
import Logging
import Testing

@testable import ClusterSQLite

/// A full disk refuses and recovers; any doubt about what was written ends acknowledging.
@Suite(.serialized) struct DiskFailureTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @discardableResult private func run(_ command: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private func mount(_ kind: String) -> Bool {
        let place = folder("disk")
        guard getuid() == 0,
            (try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)) != nil
        else { return false }
        guard kind == "ext4" else { return run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place) }
        let image = folder("image")
        return run("truncate", "-s", "16M", image) && run("mkfs.ext4", "-q", "-O", "^has_journal", image)
            && run("mount", "-o", "loop", image, place)
    }

    @Test(arguments: ["tmpfs", "ext4"]) func aFullDiskRefusesAndRecovers(_ kind: String) async throws {
        guard mount(kind) else {
            print("skipped: needs root and mount (\(kind))")
            return
        }
        defer { run("umount", folder("disk")) }
        let configuration = SQLiteStore.Configuration(snapshotAfter: 100_000, chunkSize: 20_000)
        let store = try await SQLiteStore.open(
            folder: folder("disk/store"), configuration: configuration, logger: silent)
        var writer = try await Writer(store)
        try await writer.append(10)
        for round in 0..<5 {
            let filler = folder("disk/filler")
            fill(filler, leaving: round * 8_192)
            var refusals = 0
            for _ in 0..<30 {
                let before = Contents(store.durable)
                do {
                    try await writer.append(3, size: 4_000)
                } catch {
                    guard case .refused(let text)? = error as? AppendFailure else {
                        Issue.record("\(error)")
                        continue
                    }
                    #expect(text.contains("store.db"))
                    #expect(Contents(store.durable) == before)
                    refusals += 1
                }
            }
            #expect(refusals > 0, "round \(round): the disk was never full")
            try await remove(filler)
            try await writer.append(3, size: 4_000)
        }
        await store.close()
        let reopened = try await SQLiteStore.open(folder: folder("disk/store"), logger: silent)
        #expect(Contents(reopened.durable) == Contents(writer.head))
        await reopened.close()
    }

    /// Fills the file system up to some bytes.
    private func fill(_ path: String, leaving rest: Int) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let page = [UInt8](repeating: 1, count: 4096)
        while write(file, page, page.count) > 0 {}
        ftruncate(file, max(0, lseek(file, 0, SEEK_END) - rest))
        fsync(file)
    }

    /// Removes what fills a file system, and waits until its space is free: a child that another test just starts may
    /// hold a copy of the open file for a moment.
    private func remove(_ filler: String) async throws {
        let size = try FileManager.default.attributesOfItem(atPath: filler)[.size] as? Int ?? 0
        func free() throws -> Int {
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder("disk"))
            return (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        }
        let before = try free()
        try FileManager.default.removeItem(atPath: filler)
        #expect(try await eventually { try free() >= before + size / 2 }, "the space of \(filler) is not free")
    }

    @Test func aFullDiskRefusesToMakeAStore() async throws {
        guard mount("tmpfs") else {
            print("skipped: needs root and mount")
            return
        }
        defer { run("umount", folder("disk")) }
        fill(folder("disk/filler"), leaving: 8_192)
        #expect(await refusal(of: folder("disk/store"))?.code == .storeRefused)
        try await remove(folder("disk/filler"))
        #expect(await refusal(of: folder("disk/store")) == nil)
    }

    /// Fails each commit with an error of SQLite while it is there.
    private final class FailingCommits: TransactionObserver {
        let code: ResultCode
        init(_ code: ResultCode) { self.code = code }
        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseWillCommit() throws { throw DatabaseError(resultCode: code) }
        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }

    @Test(arguments: [ResultCode.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_READ, .SQLITE_CORRUPT, .SQLITE_READONLY])
    func doubtEndsAcknowledging(_ code: ResultCode) async throws {
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        var writer = try await Writer(store)
        try await writer.append(2)
        let contents = Contents(writer.head)
        let faults = FailingCommits(code)
        store.database.queue.add(transactionObserver: faults, extent: .databaseLifetime)
        for _ in 0..<2 {
            do {
                try await writer.append()
                Issue.record("a failed commit was acknowledged")
            } catch {
                guard case .unknown? = error as? AppendFailure else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
        store.database.queue.remove(transactionObserver: faults)
        // Also when the disk seems well again: the kernel may have dropped what it could not write.
        await #expect(throws: AppendFailure.self) { try await writer.append() }
        await #expect(throws: ClusterError.self) { try await store.lead(as: ServerID("test")) }
        #expect(Contents(store.durable) == contents)
        await store.close()
        let reopened = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        #expect(Contents(reopened.durable) == contents)
        writer = try await Writer(reopened)
        try await writer.append()
        await reopened.close()
    }

    @Test func aFailedWriteMayBeTriedAgain() async throws {
        let store = try await SQLiteStore.open(folder: folder("store"), logger: silent)
        var writer = try await Writer(store)
        for code in [ResultCode.SQLITE_FULL, .SQLITE_IOERR_WRITE] {
            let faults = FailingCommits(code)
            store.database.queue.add(transactionObserver: faults, extent: .databaseLifetime)
            do {
                try await writer.append()
                Issue.record("a failed commit was acknowledged")
            } catch {
                guard case .refused? = error as? AppendFailure else {
                    Issue.record("\(error)")
                    continue
                }
            }
            store.database.queue.remove(transactionObserver: faults)
            try await writer.append()
        }
        await store.close()
    }
}
