/// A plain value under a key, for whoever wants to keep a little state in the cluster.
public struct KeyRecord: Hashable, Sendable {
    /// The key; `/` in it makes folders only in the eyes of whoever lists.
    public var key: String
    /// The value, at most `largestValue` bytes.
    public var value: [UInt8]
    /// A number that is the client's own.
    public var flags: UInt64
    /// How often a session has locked it.
    public var lockIndex: UInt64
    /// The session that holds its lock; empty for none.
    public var session: String
    /// The revision that first held it.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// The most bytes that a value may have: Consul's limit.
    public static let largestValue = 512 * 1024

    /// Keeps `value` under `key`.
    public init(key: String, value: [UInt8], flags: UInt64 = 0, lockIndex: UInt64 = 0, session: String = "") {
        self.key = key
        self.value = value
        self.flags = flags
        self.lockIndex = lockIndex
        self.session = session
    }
}

extension KeyRecord: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var record = KeyRecord(
                key: try fields.next(), value: Array(try fields.blob()), flags: try fields.next(),
                lockIndex: try fields.next(), session: try fields.next())
            record.createRevision = try fields.next()
            record.modifyRevision = try fields.next()
            return record
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(key)
            $0.blob(value)
            $0.put(flags)
            $0.put(lockIndex)
            $0.put(session)
            $0.put(createRevision)
            $0.put(modifyRevision)
        }
    }
}
