/// Keys and their values, with the keys in order.
public struct KeyTable: Sendable {
    private var records = Table<String, KeyRecord>()
    private var order = SortedTexts()

    /// An empty table.
    public init() {}

    /// How many keys there are.
    public var count: Int { records.count }

    /// The revision that last added, changed or removed a key.
    public var modifyRevision: Revision { records.modifyRevision }

    /// The record of `key`.
    public subscript(key: String) -> KeyRecord? { records[key] }

    /// All records, in the order of the bytes of their keys.
    public var sorted: [KeyRecord] { below("") }

    /// The records whose keys begin with `prefix`, byte for byte, in the order of the bytes of the keys.
    public func below(_ prefix: String) -> [KeyRecord] {
        order.beginning(with: prefix).compactMap { records[$0] }
    }

    /// What a blocking read of `key` waits for: the last change of the record or, when there is none, the last removal
    /// of any key.
    public func revision(of key: String) -> Revision { records[key]?.modifyRevision ?? records.removeRevision }

    /// What a blocking read of a prefix waits for: the last change below it, or the last removal of any key. It never
    /// goes back.
    public func revision(below prefix: String) -> Revision {
        order.beginning(with: prefix).reduce(records.removeRevision) { newest, key in
            max(newest, records.part(of: key, \.modifyRevision) ?? newest)
        }
    }

    mutating func put(_ record: KeyRecord) {
        // A key that means the same in other bytes takes the place of the one that was there.
        if let old = records.part(of: record.key, \.key) {
            if !old.utf8.elementsEqual(record.key.utf8) {
                order.remove(old)
                order.insert(record.key)
            }
        } else {
            order.insert(record.key)
        }
        records.put(record, for: record.key, at: max(records.modifyRevision, record.modifyRevision))
    }

    mutating func remove(_ key: String, at revision: Revision) {
        if let old = records.part(of: key, \.key) { order.remove(old) }
        records.remove(key, at: revision)
    }

    /// Counts as changed: what was removed before is not known.
    mutating func touchAll(at revision: Revision) { records.touchAll(at: revision) }
}
