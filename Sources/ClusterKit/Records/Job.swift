/// How long a job's work is meant to run.
public enum JobKind: String, StoredWord {
    /// Runs until it is stopped; started again also after exit 0 , as Nomad's services are.
    case service
    /// Runs until it exits with 0.
    case batch
    /// Runs on every node that its rules admit, until it is stopped.
    case system
    /// Runs on every node that its rules admit, once, until it exits with 0.
    case sysbatch

    /// Whether its work is done when it exits with 0.
    public var isFinite: Bool { self == .batch || self == .sysbatch }
    /// Whether it has one instance for each node instead of a count.
    public var runsEverywhere: Bool { self == .system || self == .sysbatch }
}

/// What to run, how often, and where it may: the statement of a user, as one value.
public struct Job: Hashable, Sendable {
    /// The identifier and its namespace.
    public var id: JobID
    /// The name shown; the identifier unless the job says otherwise.
    public var name: String
    /// The region that the job is meant for.
    public var region: String
    /// How long its work is meant to run, and where.
    public var kind: JobKind
    /// 1 to 100; higher is placed first when room is short.
    public var priority: Int
    /// Datacenters it may run in; `*` in a name matches any text.
    public var datacenters: [String]
    /// The pool of nodes it may run on, for groups that name none; `all` means every pool.
    public var nodePool: String
    /// Demands that hold for every group.
    public var constraints: [Constraint]
    /// Wishes that hold for every group.
    public var affinities: [Affinity]
    /// How instances are scattered, for every group beside its own rules.
    public var spreads: [Spread]
    /// What is placed together.
    public var groups: [TaskGroup]
    /// The rules of roll-outs for groups that state none.
    public var update: UpdateStrategy?
    /// Free words of the user; tasks see them in their environment.
    public var meta: [String: String]
    /// The times at which it runs; `nil` runs it once it is registered.
    public var periodic: PeriodicSpec?
    /// What a dispatch gives; `nil` for jobs that run by themselves.
    public var parameterized: ParameterizedSpec?
    /// Jobs that this one waits for.
    public var after: [JobDependency] = []
    /// The job that made this one; `nil` for jobs that were registered.
    public var origin: JobOrigin?

    /// States a job; what is left out has Nomad's defaults.
    public init(
        id: JobID, name: String? = nil, region: String = "global", kind: JobKind = .service, priority: Int = 50,
        datacenters: [String] = ["*"], nodePool: String = "default", constraints: [Constraint] = [],
        affinities: [Affinity] = [], spreads: [Spread] = [], groups: [TaskGroup] = [], update: UpdateStrategy? = nil,
        meta: [String: String] = [:]
    ) {
        self.id = id
        self.name = name ?? id.id
        self.region = region
        self.kind = kind
        self.priority = priority
        self.datacenters = datacenters
        self.nodePool = nodePool
        self.constraints = constraints
        self.affinities = affinities
        self.spreads = spreads
        self.groups = groups
        self.update = update
        self.meta = meta
    }

    /// The group called `name`.
    public func group(_ name: String) -> TaskGroup? { groups.first { $0.name == name } }
}

extension Job: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var job = Job(
                id: try fields.next(), name: try fields.next(String.self), region: try fields.next(),
                kind: try fields.next(), priority: try fields.next(), datacenters: try fields.next(),
                nodePool: try fields.next(), constraints: try fields.next(), groups: try fields.next(),
                update: try fields.next(), meta: try fields.next())
            job.affinities = try fields.next(or: [])
            job.spreads = try fields.next(or: [])
            job.periodic = try fields.next(or: nil)
            job.parameterized = try fields.next(or: nil)
            job.after = try fields.next(or: [])
            job.origin = try fields.next(or: nil)
            return job
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(name)
            $0.put(region)
            $0.put(kind)
            $0.put(priority)
            $0.put(datacenters)
            $0.put(nodePool)
            $0.put(constraints)
            $0.put(groups)
            $0.put(update)
            $0.put(meta)
            $0.put(affinities)
            $0.put(spreads)
            $0.put(periodic)
            $0.put(parameterized)
            $0.put(after)
            $0.put(origin)
        }
    }
}
