/// Of an instance whose tasks are to act on files that changed, a template with the newest version of a secret for one:
/// whether it may. Instances of a group take turns, so that what they change to is proved by one before all have it.
public struct ReloadTurn: Hashable, Sendable {
    /// How far it has come.
    public enum Phase: String, StoredWord {
        /// It goes on with the files that it has.
        case waiting
        /// It may act.
        case granted
        /// It has acted, and is watched until it is well again.
        case settling
    }

    /// Since when it waits, by its agent's clock; tells one change from the next.
    public var since: WallTime
    /// How far it has come.
    public var phase: Phase
    /// Whether it has acted on an earlier change and is not known to be well since: it holds its place among those that
    /// act.
    public var isUnsettled: Bool

    /// A turn of an instance that waits since `since`.
    public init(since: WallTime, phase: Phase = .waiting, isUnsettled: Bool = false) {
        self.since = since
        self.phase = phase
        self.isUnsettled = isUnsettled
    }

    /// Whether it counts among those that act.
    public var isActing: Bool { phase != .waiting || isUnsettled }
}

extension ReloadTurn: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ReloadTurn(
                since: try fields.next(), phase: try fields.next(), isUnsettled: try fields.next(or: false))
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(since)
            $0.put(phase)
            $0.put(isUnsettled)
        }
    }
}
