/// What a table holds.
public protocol TableRecord: Sendable {
    /// How the table keeps it.
    associatedtype Kept: KeptRecord = BoxedRecord<Self> where Kept.Record == Self
}

/// A record the way a table keeps it: small, for a change of one moves those beside it.
public protocol KeptRecord: Sendable {
    /// The record.
    associatedtype Record

    /// Keeps a record.
    init(_ record: Record)
    /// The record.
    var record: Record { get }
}

/// A record on the heap, so that moving it moves a pointer.
public final class BoxedRecord<Record: Sendable>: KeptRecord {
    /// The record.
    public let record: Record

    /// Keeps a record.
    public init(_ record: Record) { self.record = record }
}

/// A record that is no more than a pointer itself.
public struct PlainRecord<Record: Sendable>: KeptRecord {
    /// The record.
    public let record: Record

    /// Keeps a record.
    public init(_ record: Record) { self.record = record }
}

extension JobRecord: TableRecord {}
extension Node: TableRecord {}
extension Evaluation: TableRecord {}
extension Deployment: TableRecord {}
extension KeyRecord: TableRecord {}
extension WorkItem: TableRecord {}
extension LaunchRecord: TableRecord {}
extension ScalingHistory: TableRecord {}
extension SecretRecord: TableRecord {}
extension SealedSecret: TableRecord {}

extension Allocation: TableRecord {
    /// On the heap already.
    public typealias Kept = PlainRecord<Allocation>
}
