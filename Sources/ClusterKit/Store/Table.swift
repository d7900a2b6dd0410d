import HashTreeCollections

/// One kind of record in a snapshot: an immutable map whose copies share what is equal, and the revision that last
/// changed it.
public struct Table<Key: TableKey, Record: TableRecord>: Sendable {
    private var kept: TreeDictionary<PlacedKey<Key>, Record.Kept> = [:]
    /// The revision that last added, changed or removed a record.
    public internal(set) var modifyRevision: Revision = .zero
    /// The revision that last removed a record: whoever waits for one that is gone waits for this.
    public private(set) var removeRevision: Revision = .zero

    /// An empty table.
    public init() {}

    /// How many records there are.
    public var count: Int { kept.count }

    /// The record of `key`.
    public subscript(key: Key) -> Record? { kept[PlacedKey(key)]?.record }

    /// A part of the record of `key`, without a copy of all of it.
    func part<Piece>(of key: Key, _ read: (Record) -> Piece) -> Piece? { kept[PlacedKey(key)].map { read($0.record) } }

    /// All records in no particular order: sort before choosing or showing.
    public var unordered: some Sequence<Record> { kept.values.lazy.map(\.record) }

    /// All keys, in order.
    public var sortedKeys: [Key] { kept.keys.map(\.key).sorted() }

    /// All records, in the order of their keys.
    public var sorted: [Record] { sorted { $0 } }

    /// All records, in the order of what `order` makes of their keys.
    func sorted<Order: Comparable>(by order: (Key) -> Order) -> [Record] {
        var entries: [(order: Order, kept: Record.Kept)] = []
        entries.reserveCapacity(kept.count)
        for (key, kept) in kept { entries.append((order(key.key), kept)) }
        entries.sort { $0.order < $1.order }
        return entries.map(\.kept.record)
    }

    mutating func put(_ record: Record, for key: Key, at revision: Revision) {
        kept[PlacedKey(key)] = Record.Kept(record)
        modifyRevision = revision
    }

    mutating func remove(_ key: Key, at revision: Revision) {
        guard kept.removeValue(forKey: PlacedKey(key)) != nil else { return }
        modifyRevision = revision
        removeRevision = revision
    }

    /// Counts as changed: what was removed before is not known.
    mutating func touchAll(at revision: Revision) {
        modifyRevision = revision
        removeRevision = revision
    }
}

/// Which records belong to one owner, and the revision that last changed any of them.
public struct RecordIndex<Owner: Hashable & Sendable, Member: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var members: TreeSet<Member> = []
        var modifyRevision: Revision = .zero

        mutating func touch(_ member: Member, at revision: Revision) {
            members.insert(member)
            modifyRevision = max(modifyRevision, revision)
        }

        /// Gives whether that was the last one.
        mutating func remove(_ member: Member, at revision: Revision) -> Bool {
            members.remove(member)
            modifyRevision = revision
            return members.isEmpty
        }
    }

    private var entries: TreeDictionary<Owner, Entry> = [:]
    /// The revision that last left an owner without members: owners without members are not kept, so it stands for
    /// them all.
    private var lastExtinction: Revision = .zero

    init() {}

    /// The members of `owner`, in order.
    public func members(of owner: Owner) -> [Member] { entries[owner]?.members.sorted() ?? [] }

    /// How many members `owner` has.
    public func count(of owner: Owner) -> Int { entries[owner]?.members.count ?? 0 }

    /// The revision that last changed a member of `owner` or took one away, or a later one; it never goes back.
    public func modifyRevision(of owner: Owner) -> Revision { entries[owner]?.modifyRevision ?? lastExtinction }

    /// Adds a member, or counts one that is there as changed.
    mutating func touch(_ member: Member, of owner: Owner, at revision: Revision) {
        entries[owner, default: Entry(modifyRevision: lastExtinction)].touch(member, at: revision)
    }

    mutating func remove(_ member: Member, of owner: Owner, at revision: Revision) {
        guard entries[owner]?.members.contains(member) == true else { return }
        if entries[owner, default: Entry()].remove(member, at: revision) { forget(owner, at: revision) }
    }

    mutating func forget(_ owner: Owner, at revision: Revision) {
        guard entries.removeValue(forKey: owner) != nil else { return }
        lastExtinction = revision
    }

    /// Counts every owner as changed at `revision`.
    mutating func touchAll(at revision: Revision) {
        for owner in Array(entries.keys) { entries[owner]?.modifyRevision = revision }
        lastExtinction = revision
    }
}
