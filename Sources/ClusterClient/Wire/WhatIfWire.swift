/// What would happen, as `cluster what-if` asks it.
public struct WhatIfQuestion: Codable, Sendable {
    /// Machines that join: how many, and which one they are like.
    public struct Addition: Codable, Sendable {
        /// A node's name or identifier.
        public var like: String
        /// How many.
        public var count: Int

        /// Lets machines join.
        public init(like: String, count: Int) {
            self.like = like
            self.count = count
        }

        enum CodingKeys: String, CodingKey {
            case like = "Like"
            case count = "Count"
        }
    }

    /// Machines that join.
    public var additions: [Addition] = []
    /// Machines that die, by name or identifier.
    public var removals: [String] = []
    /// Machines that are emptied.
    public var drains: [String] = []
    /// Jobs that stop, by identifier.
    public var stops: [String] = []
    /// The namespace of those.
    public var namespace = "default"
    /// How much time passes, in hours.
    public var hours = 0
    /// How many instances may move so that machines come free; 0 does not ask.
    public var tidyMoves = 0
    /// Decides everything that chance decides.
    public var seed = 1

    /// Asks nothing yet.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case additions = "AddNodes"
        case removals = "RemoveNodes"
        case drains = "DrainNodes"
        case stops = "StopJobs"
        case namespace = "Namespace"
        case hours = "Hours"
        case tidyMoves = "TidyMoves"
        case seed = "Seed"
    }
}

/// A job that comes in while the simulated time passes.
public struct PlannedSubmission: Sendable {
    /// How many seconds after the beginning.
    public var after: Int
    /// How many seconds each instance runs; `nil` until it is stopped.
    public var lasting: Int?
    /// The job: a JSON object in Nomad's shape.
    public var document: [UInt8]

    /// Plans a submission.
    public init(after: Int, lasting: Int?, document: [UInt8]) {
        self.after = after
        self.lasting = lasting
        self.document = document
    }
}

/// What would happen.
public struct WhatIfWire: Decodable, Sendable {
    /// An instance that would start.
    public struct Placement: Decodable, Sendable {
        /// Its name, `job.group[number]`.
        public var name: String
        /// The name of its node.
        public var nodeName: String
        /// When, in seconds after the beginning.
        public var at: Double
        /// How many seconds it would have waited.
        public var wait: Double
        /// How many others would end for it.
        public var evicted: Int

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case nodeName = "NodeName"
            case at = "AtSeconds"
            case wait = "WaitSeconds"
            case evicted = "Evicted"
        }
    }

    /// An instance that would be stopped.
    public struct Stop: Decodable, Sendable {
        /// Its name.
        public var name: String
        /// The name of its node.
        public var nodeName: String
        /// Why.
        public var reason: String

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case nodeName = "NodeName"
            case reason = "Reason"
        }
    }

    /// A group that would wait.
    public struct Waiting: Decodable, Sendable {
        /// The job.
        public var job: String
        /// The group.
        public var group: String
        /// How many instances.
        public var count: Int
        /// What is short.
        public var shortages: [String]
        /// Rules that forbid nodes, and how many.
        public var filtered: [String: Int]?
        /// Other work that has not come far enough.
        public var awaits: [String]?

        enum CodingKeys: String, CodingKey {
            case job = "JobID"
            case group = "TaskGroup"
            case count = "Count"
            case shortages = "Shortages"
            case filtered = "ConstraintFiltered"
            case awaits = "Awaits"
        }
    }

    /// A batch job of which nothing says how long its instances take.
    public struct Endless: Decodable, Sendable {
        /// The job; what a periodic or parameterized job began counts with that.
        public var job: String
        /// How many instances run on for that reason.
        public var count: Int

        enum CodingKeys: String, CodingKey {
            case job = "JobID"
            case count = "Count"
        }
    }

    /// Waiting times, in seconds.
    public struct Waits: Decodable, Sendable {
        /// Half waited no longer.
        public var median: Double
        /// Nineteen of twenty waited no longer.
        public var p95: Double
        /// None waited longer.
        public var longest: Double
        /// How many waited at all.
        public var waited: Int

        enum CodingKeys: String, CodingKey {
            case median = "MedianSeconds"
            case p95 = "P95Seconds"
            case longest = "LongestSeconds"
            case waited = "Waited"
        }
    }

    /// How full the machines are.
    public struct Packing: Decodable, Sendable {
        /// Machines in all.
        public var nodes: Int
        /// Those that run something.
        public var used: Int
        /// Fewer cannot do.
        public var lowerBound: Int
        /// Shares that are held, from 0 to 1.
        public var cpu, memory, disk: Double

        enum CodingKeys: String, CodingKey {
            case nodes = "Nodes"
            case used = "UsedNodes"
            case lowerBound = "LowerBound"
            case cpu = "CPU"
            case memory = "Memory"
            case disk = "Disk"
        }
    }

    /// Before and after.
    public struct Change: Decodable, Sendable {
        /// Before anything was tried.
        public var before: Packing
        /// At the end.
        public var after: Packing

        enum CodingKeys: String, CodingKey {
            case before = "Before"
            case after = "After"
        }
    }

    /// What moving instances would buy.
    public struct Tidying: Decodable, Sendable {
        /// An instance that would move.
        public struct Move: Decodable, Sendable {
            /// Its name.
            public var name: String
            /// The name of the node that it leaves.
            public var from: String
            /// The name of the node that takes it.
            public var to: String
            /// Why.
            public var reason: String

            enum CodingKeys: String, CodingKey {
                case name = "Name"
                case from = "FromNodeName"
                case to = "ToNodeName"
                case reason = "Reason"
            }
        }

        /// A node that would come free.
        public struct Emptied: Decodable, Sendable {
            /// Its name.
            public var name: String
            /// How many instances would leave it.
            public var moves: Int
            /// Its processor time in MHz.
            public var cpu: Int
            /// Its memory in MiB.
            public var memory: Int

            enum CodingKeys: String, CodingKey {
                case name = "NodeName"
                case moves = "Moves"
                case cpu = "CPU"
                case memory = "MemoryMB"
            }
        }

        /// The moves, in the order in which they are to be made.
        public var moves: [Move]
        /// The nodes, in the order in which they come free.
        public var emptied: [Emptied]

        enum CodingKeys: String, CodingKey {
            case moves = "Moves"
            case emptied = "Emptied"
        }
    }

    /// What would start, in order.
    public var placements: [Placement]
    /// What would be stopped, in order.
    public var stopped: [Stop]
    /// How many instances would end by themselves.
    public var completed: Int
    /// Batch jobs whose instances never end in the simulation. Servers of older versions do not tell.
    public var endless: [Endless]?
    /// How many submissions come in later than the simulation goes. Servers of older versions do not tell.
    public var unplayed: Int?
    /// What would wait, the next first.
    public var waiting: [Waiting]
    /// How long instances would wait.
    public var waits: Waits
    /// How full the machines would be.
    public var packing: Change
    /// What moves would buy; `nil` when it was not asked.
    public var tidying: Tidying?
    /// What could not be done.
    public var failures: [String]

    enum CodingKeys: String, CodingKey {
        case placements = "Placements"
        case stopped = "Stopped"
        case completed = "Completed"
        case endless = "Endless"
        case unplayed = "Unplayed"
        case waiting = "Waiting"
        case waits = "Waits"
        case packing = "Packing"
        case tidying = "Tidying"
        case failures = "Failures"
    }
}
