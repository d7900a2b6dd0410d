/// How nodes are compared.
public enum PlacementAlgorithm: String, StoredWord, BitwiseCopyable {
    /// The node that becomes fullest: Nomad's `ScoreFitBinPack`.
    case binpack
    /// The node that stays emptiest: Nomad's `ScoreFitSpread`.
    case spread
}

/// What operators decide about placement for the whole cluster: Nomad's scheduler configuration.
public struct SchedulingRules: Hashable, Sendable {
    /// How nodes are compared.
    public var algorithm: PlacementAlgorithm
    /// Whether tasks may use more memory than is counted for them, up to their `memory_max`.
    public var memoryOversubscription: Bool
    /// The kinds of jobs that may take the place of less important ones.
    public var preempting: Set<JobKind>
    /// How many instances of services the servers may move in an hour so that nodes come free, as `TidyingPlan` says;
    /// zero moves none. Ours: Nomad leaves what runs where it is.
    public var movesPerHour: Int
    /// The revision that first stated rules; zero while they are what they are by default.
    public var createRevision: Revision = .zero
    /// The revision that last changed the rules.
    public var modifyRevision: Revision = .zero

    /// Nomad's defaults: packs, counts memory strictly, and lets only system jobs preempt.
    public init(
        algorithm: PlacementAlgorithm = .binpack, memoryOversubscription: Bool = false,
        preempting: Set<JobKind> = [.system], movesPerHour: Int = 0
    ) {
        self.algorithm = algorithm
        self.memoryOversubscription = memoryOversubscription
        self.preempting = preempting
        self.movesPerHour = movesPerHour
    }

    /// What a task that asks for `resources` may use: more memory than is counted only where that is allowed.
    public func granted(_ resources: TaskResources) -> TaskResources {
        var granted = resources
        if !memoryOversubscription { granted.memoryMaxMiB = 0 }
        return granted
    }
}

extension SchedulingRules: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var rules = SchedulingRules(
                algorithm: try fields.next(), memoryOversubscription: try fields.next(),
                preempting: Set(try fields.next([JobKind].self)))
            rules.modifyRevision = try fields.next()
            rules.createRevision = try fields.next(or: rules.modifyRevision)
            rules.movesPerHour = try fields.next(or: 0)
            return rules
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(algorithm)
            $0.put(memoryOversubscription)
            $0.put(JobKind.allCases.filter(preempting.contains))
            $0.put(modifyRevision)
            $0.put(createRevision)
            $0.put(movesPerHour)
        }
    }
}
