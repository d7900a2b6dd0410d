import ClusterKit
import Foundation
import Logging
import Synchronization

@testable import ClusterSQLite

/// A folder that lasts as long as the value; in memory where the system has such a place, for the tests' many `fsync`.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm"
        let root = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = root + "/cluster-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path inside.
    func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Appends to a store as a server does.
struct Writer {
    let store: SQLiteStore
    private(set) var epoch: Epoch = .zero
    private(set) var head = Snapshot()

    init(_ store: SQLiteStore) async throws {
        self.store = store
        (epoch, head) = try await store.lead(as: ServerID("test"))
    }

    /// A batch that puts a node with a text of `size` bytes.
    mutating func append(_ batches: Int = 1, size: Int = 100) async throws {
        var group: [ChangeBatch] = []
        var next = head
        for _ in 0..<batches {
            let number = next.revision.number
            var node = Node(
                id: NodeID(high: number % 50, low: 7), name: "node \(number)", capacity: Resources(cpuMHz: 1))
            node.statusDescription = String(repeating: "abcdefgh", count: size / 8)
            let batch = ChangeBatch(
                revision: next.revision.next, epoch: epoch, time: WallTime(nanoseconds: Int64(number)),
                changes: [.putNode(node)])
            next.apply(batch)
            group.append(batch)
        }
        try await store.append(group, head: next)
        head = next
    }
}

/// All that can be compared of a state.
struct Contents: Hashable {
    let revision: Revision
    let epoch: Epoch
    let records: [Change]

    init(_ snapshot: Snapshot) {
        (revision, epoch) = (snapshot.revision, snapshot.epoch)
        var records: [Change] = []
        snapshot.records { records.append($0) }
        self.records = records
    }
}

/// The error of opening; `nil` when it opens.
func refusal(of folder: String) async -> ClusterError? {
    do {
        try await SQLiteStore.open(folder: folder, logger: silent).close()
        return nil
    } catch {
        return error as? ClusterError
    }
}

/// Waits until `condition` holds; false when it does not within a time that is generous on a busy machine.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}

/// Counts calls from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// Counts one more and says how many that makes.
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
