/// How well a check finds a service, from worst to best.
public enum CheckHealth: String, StoredWord, Comparable {
    /// It does not serve: it is offered to nobody.
    case critical
    /// It serves with trouble.
    case warning
    /// It is well.
    case passing

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .critical: 0
        case .warning: 1
        case .passing: 2
        }
    }
}

/// What one check of one instance last found. It changes only when the health or the words do, so a check that goes
/// well every ten seconds writes nothing.
public struct CheckStatus: Hashable, Sendable {
    /// The service by `PlacedService.key`.
    public var service: String
    /// The place of the check among those of its service, from 0.
    public var index: Int
    /// The name shown.
    public var name: String
    /// `http`, `tcp` or `script`.
    public var kind: String
    /// What it found.
    public var health: CheckHealth
    /// What was answered, at most 4 KiB, as Consul keeps it.
    public var output: String
    /// When the health last changed.
    public var since: WallTime

    /// States what a check found.
    public init(
        service: String, index: Int, name: String, kind: String, health: CheckHealth, output: String = "",
        since: WallTime
    ) {
        self.service = service
        self.index = index
        self.name = name
        self.kind = kind
        self.health = health
        self.output = output
        self.since = since
    }
}

extension CheckStatus: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            CheckStatus(
                service: try fields.next(), index: try fields.next(), name: try fields.next(),
                kind: try fields.next(), health: try fields.next(), output: try fields.next(),
                since: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(service)
            $0.put(index)
            $0.put(name)
            $0.put(kind)
            $0.put(health)
            $0.put(output)
            $0.put(since)
        }
    }
}
