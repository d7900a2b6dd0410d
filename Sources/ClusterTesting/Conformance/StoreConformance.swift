public import ClusterKit

/// Tries a store against every promise of the `Store` protocol.
///
/// ```swift
/// let suite = StoreConformance(lifetime: .folder) { name in try await MyStore(folder: root + "/" + name) }
/// #expect(await suite.violations().isEmpty)
/// ```
public struct StoreConformance: Sendable {
    /// How long what a store holds lasts.
    public enum Lifetime: Hashable, Sendable {
        /// Until the store is closed: `open` gives a new, empty store each time.
        case process
        /// Beyond closing: `open` with a name that it was given before opens the same data again.
        case folder
    }

    /// Opens the store called `name`, new at the first call with that name. The one before was closed.
    public typealias Open = @Sendable (_ name: String) async throws -> any Store

    let lifetime: Lifetime
    let open: Open
    let patience: Duration

    /// Prepares the suite. A follower that gets nothing for `patience` counts as stuck.
    public init(lifetime: Lifetime, patience: Duration = .seconds(30), open: @escaping Open) {
        self.lifetime = lifetime
        self.patience = patience
        self.open = open
    }

    /// Runs all checks, one after another, and returns what they found.
    public func violations() async -> [Violation] {
        var found: [Violation] = []
        for promise in StorePromise.allCases {
            var trial = StoreCase(promise, suite: self)
            do {
                try await trial.run()
            } catch {
                trial.violate("stopped by an error: \(error)")
            }
            await trial.finish()
            found += trial.violations
        }
        return found
    }
}

/// What a store promises; each has a check and a store of its own.
enum StorePromise: String, CaseIterable {
    case durable = "what append has returned for is durable"
    case whole = "a group is written wholly or not at all"
    case start = "followers get every batch once, in order"
    case cursor = "followers go on after their cursor"
    case slow = "slow followers get a snapshot and miss nothing"
    case concurrent = "followers miss nothing while batches are appended"
    case epochs = "once lead has returned an epoch, batches of an older one are refused"
    case revisions = "each batch has the next revision"
    case head = "the head that was appended becomes durable"
    case close = "a closed store refuses, and closing again does nothing"
}

/// One check of the suite: a store and what was appended to it.
struct StoreCase {
    let promise: StorePromise
    let suite: StoreConformance
    private(set) var violations: [Violation] = []
    var writer = StoreWriter()
    private var opened: [any Store] = []

    init(_ promise: StorePromise, suite: StoreConformance) {
        self.promise = promise
        self.suite = suite
    }

    /// The name under which the store is opened.
    var name: String { "\(promise)" }

    mutating func run() async throws {
        switch promise {
        case .durable: try await durability()
        case .whole: try await wholeness()
        case .start: try await followingFromStart()
        case .cursor: try await followingFromCursor()
        case .slow: try await slowFollowing()
        case .concurrent: try await concurrentFollowing()
        case .epochs: try await epochs()
        case .revisions: try await revisions()
        case .head: try await heads()
        case .close: try await closing()
        }
    }

    mutating func violate(_ detail: String) { violations.append(Violation(rule: promise.rawValue, detail: detail)) }

    mutating func expect(_ condition: Bool, _ detail: String) {
        if !condition { violate(detail) }
    }

    /// Opens the store and leads it.
    mutating func lead() async throws -> any Store {
        let store = try await suite.open(name)
        opened.append(store)
        try await writer.lead(store)
        return store
    }

    /// Closes the store and opens it again, when its data outlives closing.
    mutating func reopen(_ store: any Store) async throws -> any Store {
        guard suite.lifetime == .folder else { return store }
        await store.close()
        let store = try await suite.open(name)
        opened.append(store)
        return store
    }

    /// Expects an append to fail, and nothing of it to be seen.
    mutating func expectRefusal(
        _ what: String, of group: [ChangeBatch], head: Snapshot, by store: any Store, as wanted: AppendFailure? = nil
    ) async {
        let before = store.durable.contents
        do {
            try await store.append(group, head: head)
            violate("\(what) was acknowledged")
        } catch {
            if let wanted { expect(error == wanted, "\(what) failed with \(error) instead of \(wanted)") }
        }
        expect(store.durable.contents == before, "\(what) was refused, yet changed what is durable")
    }

    func finish() async {
        for store in opened { await store.close() }
    }
}

/// A well-behaved writer: knows the epoch and the head, and makes batches that continue them.
struct StoreWriter: Sendable {
    private(set) var epoch: Epoch = .zero
    private(set) var head = Snapshot()
    private var entropy = Entropy(seed: 1)

    mutating func lead(_ store: any Store) async throws {
        (epoch, head) = try await store.lead(as: ServerID("conformance"))
    }

    /// The next batch: it puts a node, or takes one away.
    func batch(after head: Snapshot, number: Int) -> ChangeBatch {
        var changes: [Change] = []
        let id = NodeID(high: UInt64(number % 7), low: 1)
        if number % 5 == 4 {
            changes.append(.removeNode(id))
        } else {
            changes.append(.putNode(Node(id: id, name: "node \(number)", capacity: Resources(cpuMHz: number))))
        }
        return ChangeBatch(
            revision: head.revision.next, epoch: epoch, time: WallTime(nanoseconds: Int64(number)), changes: changes)
    }

    /// A group of batches and the head that they lead to.
    func group(of count: Int, startingWith number: Int = 0) -> (batches: [ChangeBatch], head: Snapshot) {
        var head = head
        var batches: [ChangeBatch] = []
        for offset in 0..<count {
            let batch = batch(after: head, number: number + offset)
            head.apply(batch)
            batches.append(batch)
        }
        return (batches, head)
    }

    /// Appends groups of batches, one after another.
    mutating func append(groups: Int, of size: Int = 1, to store: any Store) async throws {
        for number in 0..<groups {
            let (batches, next) = group(of: size, startingWith: number * size)
            try await store.append(batches, head: next)
            head = next
        }
    }

    /// Appends batches of many changes that change nothing, as a cheap way past any window.
    mutating func appendFiller(batches: Int, changes: Int, to store: any Store) async throws {
        let filler = [Change](repeating: .removeNode(NodeID(high: .max, low: .max)), count: changes)
        for _ in 0..<batches {
            let batch = ChangeBatch(
                revision: head.revision.next, epoch: epoch, time: WallTime(nanoseconds: 0), changes: filler)
            var next = head
            next.apply(batch)
            try await store.append([batch], head: next)
            head = next
        }
    }
}

extension Snapshot {
    /// Everything in it that can be compared.
    var contents: Contents {
        var records: [Change] = []
        self.records { records.append($0) }
        return Contents(revision: revision, epoch: epoch, records: records)
    }

    /// What two equal snapshots have in common.
    struct Contents: Hashable {
        let revision: Revision
        let epoch: Epoch
        let records: [Change]
    }
}
