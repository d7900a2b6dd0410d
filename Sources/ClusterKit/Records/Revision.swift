/// The one number that orders all changes: every committed batch has the next one. Clients see it as the index.
public struct Revision: Hashable, Comparable, Sendable {
    /// The count of batches since the store was made.
    public var number: UInt64

    /// Makes a revision from its number.
    public init(_ number: UInt64) { self.number = number }

    /// Before the first change.
    public static let zero = Revision(0)

    /// The revision of the batch that follows this one. The last number of all, which only a peer can make up,
    /// follows itself.
    public var next: Revision { Revision(number == .max ? .max : number + 1) }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension Revision: CustomStringConvertible {
    public var description: String { String(number) }
}

extension Revision: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) { self.init(try reader.varint()) }
    public func write(to writer: inout RecordWriter) { writer.varint(number) }
}

/// Which leader wrote: each server that starts to lead a store gets the next one, and older ones are refused from
/// then on.
public struct Epoch: Hashable, Comparable, Sendable {
    /// The count of leaderships since the store was made.
    public var number: UInt64

    /// Makes an epoch from its number.
    public init(_ number: UInt64) { self.number = number }

    /// Before the first leader.
    public static let zero = Epoch(0)

    /// The epoch of the leader that follows.
    public var next: Epoch { Epoch(number == .max ? .max : number + 1) }

    /// The epoch of the leader that follows at `time`: at least the seconds since 1970, so that also a store that was
    /// emptied, or brought back from a backup, is led with a newer one than its agents have seen.
    public func following(at time: WallTime) -> Epoch {
        max(next, Epoch(UInt64(max(0, time.nanoseconds / 1_000_000_000))))
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension Epoch: CustomStringConvertible {
    public var description: String { String(number) }
}

extension Epoch: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) { self.init(try reader.varint()) }
    public func write(to writer: inout RecordWriter) { writer.varint(number) }
}
