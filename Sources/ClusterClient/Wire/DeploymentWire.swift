/// A roll-out as the servers show it.
public struct DeploymentWire: Decodable, Hashable, Sendable {
    /// How far it is with one group.
    public struct Group: Decodable, Hashable, Sendable {
        /// How many instances the group shall have.
        public var desired: Int
        /// How many of them run beside the old ones first.
        public var canaries: Int
        /// How many instances it placed.
        public var placed: Int
        /// How many are well.
        public var healthy: Int
        /// How many are not.
        public var unhealthy: Int
        /// Whether the canaries were found good.
        public var promoted: Bool
        /// Whether a failure returns to the last stable version.
        public var autoRevert: Bool
        /// By when the next instance must be well.
        public var requireProgressBy: String?

        enum CodingKeys: String, CodingKey {
            case desired = "DesiredTotal"
            case canaries = "DesiredCanaries"
            case placed = "PlacedAllocs"
            case healthy = "HealthyAllocs"
            case unhealthy = "UnhealthyAllocs"
            case promoted = "Promoted"
            case autoRevert = "AutoRevert"
            case requireProgressBy = "RequireProgressBy"
        }
    }

    /// The identifier.
    public var id: String
    /// The job.
    public var job: String
    /// The namespace.
    public var namespace: String?
    /// The version that is rolled out.
    public var version: Int
    /// `running`, `paused`, `successful`, `failed` or `cancelled`.
    public var status: String
    /// Why.
    public var statusDescription: String
    /// How far each group is, by name.
    public var groups: [String: Group]?
    /// The revision that first held it.
    public var createIndex: UInt64
    /// The revision that last changed it.
    public var modifyIndex: UInt64

    /// Whether something may still come of it.
    public var isActive: Bool { status == "running" || status == "paused" }

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case job = "JobID"
        case namespace = "Namespace"
        case version = "JobVersion"
        case status = "Status"
        case statusDescription = "StatusDescription"
        case groups = "TaskGroups"
        case createIndex = "CreateIndex"
        case modifyIndex = "ModifyIndex"
    }
}

/// What came of changing a roll-out.
public struct DeploymentUpdate: Decodable, Hashable, Sendable {
    /// The evaluation that it caused; empty for none.
    public var evaluation: String
    /// The version that the job went back to by itself.
    public var revertedVersion: Int?

    enum CodingKeys: String, CodingKey {
        case evaluation = "EvalID"
        case revertedVersion = "RevertedJobVersion"
    }
}

/// The kept versions of a job, the newest first.
public struct JobVersionsWire: Decodable, Hashable, Sendable {
    /// One version.
    public struct Version: Decodable, Hashable, Sendable {
        /// The version.
        public var version: Int
        /// Whether a failed roll-out may return to it.
        public var stable: Bool
        /// When it was registered, in nanoseconds since 1970.
        public var submitTime: Int64?

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case stable = "Stable"
            case submitTime = "SubmitTime"
        }
    }

    /// Who made a version and why, and its name; only this project's servers say it.
    public struct Note: Decodable, Hashable, Sendable {
        /// The version.
        public var version: Int
        /// Who.
        public var author: String
        /// Why.
        public var reason: String
        /// The version's name.
        public var tag: String

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case author = "Author"
            case reason = "Reason"
            case tag = "Tag"
        }
    }

    /// The versions.
    public var versions: [Version]
    /// What each changed; one less than there are versions.
    public var diffs: [DiffWire]?
    /// Notes of versions that have one.
    public var notes: [Note]?

    enum CodingKeys: String, CodingKey {
        case versions = "Versions"
        case diffs = "Diffs"
        case notes = "Notes"
    }
}

/// What two statements of a job, or parts of it, differ in.
public struct DiffWire: Decodable, Hashable, Sendable {
    /// One value.
    public struct Field: Decodable, Hashable, Sendable {
        /// The name.
        public var name: String
        /// `Added`, `Deleted`, `Edited` or `None`.
        public var type: String
        /// The old value.
        public var old: String
        /// The new value.
        public var new: String

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case type = "Type"
            case old = "Old"
            case new = "New"
        }
    }

    /// The name of a group, a task or a block; `nil` for a job.
    public var name: String?
    /// `Added`, `Deleted`, `Edited` or `None`.
    public var type: String
    /// Values that differ.
    public var fields: [Field]?
    /// Blocks that differ.
    public var objects: [DiffWire]?
    /// The groups of a job.
    public var groups: [DiffWire]?
    /// The tasks of a group.
    public var tasks: [DiffWire]?
    /// What the difference leads to.
    public var annotations: [String]?
    /// How many instances of a group become what.
    public var updates: [String: Int]?

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case type = "Type"
        case fields = "Fields"
        case objects = "Objects"
        case groups = "TaskGroups"
        case tasks = "Tasks"
        case annotations = "Annotations"
        case updates = "Updates"
    }
}

/// What registering a job would do.
public struct JobPlanWire: Decodable, Hashable, Sendable {
    /// What becomes of the instances.
    public struct Annotations: Decodable, Hashable, Sendable {
        /// By group.
        public var updates: [String: Updates]?
        /// Instances of other jobs that would end to make room.
        public var preempted: [Preempted]?

        enum CodingKeys: String, CodingKey {
            case updates = "DesiredTGUpdates"
            case preempted = "PreemptedAllocs"
        }
    }

    /// An instance of another job that would end to make room.
    public struct Preempted: Decodable, Hashable, Sendable {
        /// The identifier.
        public var id: String
        /// Its job.
        public var job: String
        /// The namespace.
        public var namespace: String?
        /// Its group.
        public var group: String

        enum CodingKeys: String, CodingKey {
            case id = "ID"
            case job = "JobID"
            case namespace = "Namespace"
            case group = "TaskGroup"
        }
    }

    /// What becomes of the instances of one group.
    public struct Updates: Decodable, Hashable, Sendable {
        /// Placed for no other one.
        public var place: Int
        /// Placed beside the others first.
        public var canary: Int
        /// Ended and replaced.
        public var destructive: Int
        /// Ended.
        public var stop: Int
        /// How many restart in the course of the roll-out; only this project's servers say it.
        public var restarts: Int?
        /// The fields for which they do.
        public var restartReasons: [String]?

        enum CodingKeys: String, CodingKey {
            case place = "Place"
            case canary = "Canary"
            case destructive = "DestructiveUpdate"
            case stop = "Stop"
            case restarts = "Restarts"
            case restartReasons = "RestartReasons"
        }
    }

    /// What becomes of the instances.
    public var annotations: Annotations
    /// What the statement changes.
    public var diff: DiffWire?
    /// Why groups would find no room, by name.
    public var refusals: [String: RefusalWire]?
    /// The revision of the job's statement to state when it is registered.
    public var jobModifyIndex: UInt64
    /// When it would begin by itself next, in the form of RFC 3339.
    public var nextLaunch: String?

    /// Whether nothing would be created or ended, neither at first nor later.
    public var changesNothing: Bool {
        (annotations.updates ?? [:]).values.allSatisfy { group in
            group.place + group.canary + group.destructive + group.stop + (group.restarts ?? 0) == 0
        }
    }

    enum CodingKeys: String, CodingKey {
        case annotations = "Annotations"
        case diff = "Diff"
        case refusals = "FailedTGAllocs"
        case jobModifyIndex = "JobModifyIndex"
        case nextLaunch = "NextPeriodicLaunch"
    }
}
