/// What is known: an ordered log of batches with one writer at a time.
///
/// A store's promises, in the order in which they matter:
/// 1. What `append` has returned for is durable: a later `lead`, here or on another machine, hands it out again.
/// 2. A group is written wholly or not at all, and so is each batch.
/// 3. Followers get every batch once, in order, or a whole snapshot instead; they miss none.
/// 4. Once `lead` has returned an epoch, batches of an older one are refused.
///
/// A caller's duties: `lead` first; then one `append` at a time, each batch with the next revision and the epoch that
/// `lead` gave; after `.fenced` lead again; after `.unknown` stop writing and lead again, for the group may be there
/// or not.
public protocol Store: Sendable {
    /// Takes the lead: fences all older leaders and gives the state that counts from now on.
    func lead(as server: ServerID) async throws -> (epoch: Epoch, head: Snapshot)

    /// Writes a group of batches and returns when they are durable. `head` is the state after the last of them; it
    /// becomes
    /// `durable`, so that nothing is applied twice. One call may be in flight.
    func append(_ group: [ChangeBatch], head: Snapshot) async throws(AppendFailure)

    /// All batches after `cursor`, as they become durable.
    func follow(after cursor: Cursor) -> Follow

    /// The newest durable state.
    var durable: Snapshot { get }

    /// Lets go of files and connections. Appending afterwards is refused; closing again does nothing.
    func close() async
}

/// Why a group was not acknowledged.
public enum AppendFailure: Error, Hashable, Sendable {
    /// Nothing was written, the caller still leads, and may try again: a full disk. The text says what and where.
    case refused(String)
    /// Nothing was written: another server leads.
    case fenced
    /// It is unknown whether the group was written: stop acknowledging and lead again.
    case unknown(String)
}

/// Names a server process that may lead.
public struct ServerID: Hashable, Comparable, Sendable {
    /// The name, unique among the servers of one store.
    public var name: String

    /// Names a server.
    public init(_ name: String) { self.name = name }

    public static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// A place in a store's log: which log, and how far.
public struct Cursor: Hashable, Sendable {
    /// The log; `nil` for a follower that has seen nothing.
    public var lineage: UInt64?
    /// The last revision seen.
    public var revision: Revision

    /// Marks a place.
    public init(lineage: UInt64? = nil, revision: Revision = .zero) {
        self.lineage = lineage
        self.revision = revision
    }

    /// Before everything: the first element that a follower gets is a snapshot.
    public static let start = Cursor()
}

/// What a follower of a store gets.
public enum FollowElement: Sendable {
    /// The next batch, and the state that it leads to or a newer one.
    case batch(ChangeBatch, Snapshot)
    /// The whole state: the batches up to it are no longer kept one by one, or the log is another than the cursor's.
    case resync(Snapshot)
}

extension FollowElement {
    /// The state that it leads to, or a newer one.
    var state: Snapshot {
        switch self {
        case .batch(_, let snapshot), .resync(let snapshot): snapshot
        }
    }
}
