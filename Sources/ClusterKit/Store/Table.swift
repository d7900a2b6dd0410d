import HashTreeCollections

/// One kind of record in a snapshot: an immutable map whose copies share what is equal, and the revision that last
/// changed it.
public struct Table<Key: Hashable & Comparable & Sendable, Record: Sendable>: Sendable {
    /// Keeps the nodes of the tree small, so that copying a path for one change moves pointers, not records.
    private final class Box: Sendable {
        let record: Record
        init(_ record: Record) { self.record = record }
    }

    private var boxes: TreeDictionary<Key, Box> = [:]
    /// The revision that last added, changed or removed a record.
    public internal(set) var modifyRevision: Revision = .zero

    /// An empty table.
    public init() {}

    /// How many records there are.
    public var count: Int { boxes.count }

    /// The record of `key`.
    public subscript(key: Key) -> Record? { boxes[key]?.record }

    /// All records in no particular order: sort before choosing or showing.
    public var unordered: some Sequence<Record> { boxes.values.lazy.map(\.record) }

    /// All keys, in order.
    public var sortedKeys: [Key] { boxes.keys.sorted() }

    /// All records, in the order of their keys.
    public var sorted: [Record] { boxes.keys.sorted().compactMap { boxes[$0]?.record } }

    mutating func put(_ record: Record, for key: Key, at revision: Revision) {
        boxes[key] = Box(record)
        modifyRevision = revision
    }

    mutating func remove(_ key: Key, at revision: Revision) {
        guard boxes.removeValue(forKey: key) != nil else { return }
        modifyRevision = revision
    }
}

/// Which records belong to one owner, and the revision that last changed any of them.
public struct RecordIndex<Owner: Hashable & Sendable, Member: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var members: TreeSet<Member> = []
        var modifyRevision: Revision = .zero
    }

    private var entries: TreeDictionary<Owner, Entry> = [:]

    init() {}

    /// The members of `owner`, in order.
    public func members(of owner: Owner) -> [Member] { entries[owner]?.members.sorted() ?? [] }

    /// How many members `owner` has.
    public func count(of owner: Owner) -> Int { entries[owner]?.members.count ?? 0 }

    /// The revision that last changed a member of `owner`, or took one away.
    public func modifyRevision(of owner: Owner) -> Revision { entries[owner]?.modifyRevision ?? .zero }

    mutating func touch(_ member: Member, of owner: Owner, at revision: Revision) {
        entries[owner, default: Entry()].members.insert(member)
        entries[owner, default: Entry()].modifyRevision = revision
    }

    mutating func remove(_ member: Member, of owner: Owner, at revision: Revision) {
        entries[owner, default: Entry()].members.remove(member)
        entries[owner, default: Entry()].modifyRevision = revision
    }

    mutating func forget(_ owner: Owner) { entries.removeValue(forKey: owner) }
}
