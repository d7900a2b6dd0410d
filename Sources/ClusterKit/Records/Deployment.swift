/// Names a deployment.
public typealias DeploymentID = Identifier<Deployment>

/// How far a roll-out is.
public enum DeploymentStatus: String, StoredWord {
    /// Instances are being replaced, or watched.
    case running
    /// Nothing is replaced until someone says so.
    case paused
    /// All instances run the new version and are well.
    case successful
    /// An instance was not well in time, or someone gave it up.
    case failed
    /// A newer version, or the end of the job, has taken its place.
    case cancelled

    /// Whether something may still come of it.
    public var isActive: Bool { self == .running || self == .paused }
}

/// The watched roll-out of one version of a job.
public struct Deployment: Hashable, Sendable {
    /// The identifier.
    public var id: DeploymentID
    /// The job.
    public var job: JobID
    /// The version that is rolled out.
    public var jobVersion: Int
    /// How far it is.
    public var status: DeploymentStatus
    /// Why it has that status, for people.
    public var statusDescription: String
    /// How far each group is, by name.
    public var groups: [String: DeploymentGroup]
    /// When it began.
    public var createTime: WallTime
    /// When it last changed.
    public var modifyTime: WallTime
    /// When it last went on after a pause; `nil` when it never did.
    public var resumeTime: WallTime?
    /// The revision that first held it.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// Begins a roll-out.
    public init(
        id: DeploymentID, job: JobID, jobVersion: Int, groups: [String: DeploymentGroup] = [:], time: WallTime
    ) {
        self.id = id
        self.job = job
        self.jobVersion = jobVersion
        status = .running
        statusDescription = "Deployment is running"
        self.groups = groups
        createTime = time
        modifyTime = time
    }

    /// Whether something may still come of it.
    public var isActive: Bool { status.isActive }
}

extension Deployment: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var deployment = Deployment(
                id: try fields.next(), job: try fields.next(), jobVersion: try fields.next(),
                groups: try fields.next(), time: try fields.next())
            deployment.modifyTime = try fields.next()
            deployment.status = try fields.next()
            deployment.statusDescription = try fields.next()
            deployment.createRevision = try fields.next()
            deployment.modifyRevision = try fields.next()
            deployment.resumeTime = try fields.next(or: nil)
            return deployment
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(job)
            $0.put(jobVersion)
            $0.put(groups)
            $0.put(createTime)
            $0.put(modifyTime)
            $0.put(status)
            $0.put(statusDescription)
            $0.put(createRevision)
            $0.put(modifyRevision)
            $0.put(resumeTime)
        }
    }
}

/// How far the roll-out of one group is.
public struct DeploymentGroup: Hashable, Sendable {
    /// How many instances the group shall have.
    public var desiredTotal: Int
    /// How many of them run beside the old ones first.
    public var desiredCanaries: Int
    /// Instances that run beside the old ones, in the order in which they were placed.
    public var placedCanaries: [AllocationID] = []
    /// Whether the canaries were found good.
    public var isPromoted = false
    /// Whether healthy canaries are promoted without being asked.
    public var autoPromote: Bool
    /// Whether a failed roll-out returns to the last stable version.
    public var autoRevert: Bool
    /// How many instances of the new version were placed.
    public var placed = 0
    /// How many of them were found well.
    public var healthy = 0
    /// How many were found unwell.
    public var unhealthy = 0
    /// How long the next instance has to become well; zero lets the first unwell one fail the roll-out.
    public var progressDeadline: Duration
    /// By when the next instance must be well; `nil` before the first is placed.
    public var requireProgressBy: WallTime?

    /// Begins the roll-out of a group.
    public init(
        desiredTotal: Int, desiredCanaries: Int = 0, autoPromote: Bool = false, autoRevert: Bool = false,
        progressDeadline: Duration = .seconds(600)
    ) {
        self.desiredTotal = desiredTotal
        self.desiredCanaries = desiredCanaries
        self.autoPromote = autoPromote
        self.autoRevert = autoRevert
        self.progressDeadline = progressDeadline
    }
}

extension DeploymentGroup: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var group = DeploymentGroup(
                desiredTotal: try fields.next(), desiredCanaries: try fields.next(), autoPromote: try fields.next(),
                autoRevert: try fields.next(), progressDeadline: try fields.next())
            group.placedCanaries = try fields.next()
            group.isPromoted = try fields.next()
            group.placed = try fields.next()
            group.healthy = try fields.next()
            group.unhealthy = try fields.next()
            group.requireProgressBy = try fields.next()
            return group
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(desiredTotal)
            $0.put(desiredCanaries)
            $0.put(autoPromote)
            $0.put(autoRevert)
            $0.put(progressDeadline)
            $0.put(placedCanaries)
            $0.put(isPromoted)
            $0.put(placed)
            $0.put(healthy)
            $0.put(unhealthy)
            $0.put(requireProgressBy)
        }
    }
}

/// What is known of one instance within the roll-out that placed it.
public struct AllocationHealth: Hashable, Sendable {
    /// Whether it is well; decided once.
    public var isHealthy: Bool
    /// When that was decided.
    public var time: WallTime

    /// States whether an instance is well.
    public init(isHealthy: Bool, time: WallTime) {
        self.isHealthy = isHealthy
        self.time = time
    }
}

extension AllocationHealth: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            AllocationHealth(isHealthy: try fields.next(), time: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(isHealthy)
            $0.put(time)
        }
    }
}
