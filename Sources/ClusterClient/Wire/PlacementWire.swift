/// Why the instances of a job are where they are, and what keeps others waiting.
public struct PlacementWire: Decodable, Sendable {
    /// One group.
    public struct Group: Decodable, Sendable {
        /// The group.
        public var name: String
        /// How many instances are wanted.
        public var count: Int
        /// How many live.
        public var placed: Int
        /// Where it stands in the queue; `nil` when nothing of it waits.
        public var waiting: Waiting?
        /// The other work that new instances wait for.
        public var awaits: [String]?
        /// Why nothing of it runs, waits or is to be placed; empty otherwise.
        public var rest: String?
        /// The instance that is explained; empty for the next one.
        public var allocation: String
        /// That instance's name.
        public var allocationName: String
        /// That instance's node.
        public var node: String
        /// The revision of the state that is explained.
        public var revision: UInt64
        /// How many others of its gang look for room before it; servers of older versions do not tell.
        public var besides: Int?
        /// The nodes that would take it, the best first.
        public var takers: [Taker]
        /// The others, by the reason.
        public var refusals: [Refused]
        /// What would place an instance that no node takes.
        public var remedies: [String]

        enum CodingKeys: String, CodingKey {
            case name = "TaskGroup"
            case count = "Count"
            case placed = "Placed"
            case waiting = "Waiting"
            case awaits = "Awaits"
            case rest = "Rest"
            case allocation = "AllocID"
            case allocationName = "AllocName"
            case node = "NodeID"
            case revision = "Revision"
            case besides = "Besides"
            case takers = "Takers"
            case refusals = "Refusals"
            case remedies = "Remedies"
        }
    }

    /// A place in the queue.
    public struct Waiting: Decodable, Sendable {
        /// 1 is the next.
        public var position: Int
        /// How many instances wait before it.
        public var ahead: Int
        /// How many instances of the group wait.
        public var count: Int
        /// Since when, in nanoseconds since 1970.
        public var since: Int64
        /// What is short.
        public var shortages: [String]
        /// The names of the nodes that are kept for it.
        public var keptNodes: [String]

        enum CodingKeys: String, CodingKey {
            case position = "Position"
            case ahead = "InstancesAhead"
            case count = "Count"
            case since = "Since"
            case shortages = "Shortages"
            case keptNodes = "KeptNodeNames"
        }
    }

    /// A node that would take the instance.
    public struct Taker: Decodable, Sendable {
        /// The node.
        public var node: String
        /// Its name.
        public var name: String
        /// The mean of the parts.
        public var score: Double
        /// The parts by name.
        public var parts: [String: Double]?
        /// The allocations that must end first; `nil` or empty when none must.
        public var evicting: [String]?

        enum CodingKeys: String, CodingKey {
            case node = "NodeID"
            case name = "NodeName"
            case score = "Score"
            case parts = "Parts"
            case evicting = "Evicting"
        }
    }

    /// Nodes that do not take the instance for one reason.
    public struct Refused: Decodable, Sendable {
        /// The first rule that fails.
        public var reason: String
        /// The names of the nodes.
        public var nodes: [String]
        /// What they have of the word that the rule asks about; `nil` where it asks about none.
        public var found: Found?

        enum CodingKeys: String, CodingKey {
            case reason = "Reason"
            case nodes = "Nodes"
            case found = "Found"
        }
    }

    /// What nodes have of a word of their description.
    public struct Found: Decodable, Sendable {
        /// A value, and how many nodes have it.
        public struct Value: Decodable, Sendable {
            /// The value; `nil` where nodes have none.
            public var value: String?
            /// How many nodes.
            public var nodes: Int

            enum CodingKeys: String, CodingKey {
                case value = "Value"
                case nodes = "Nodes"
            }
        }

        /// What the word is called.
        public var name: String
        /// The values of most nodes.
        public var values: [Value]
        /// How many other values there are.
        public var others: Int

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case values = "Values"
            case others = "Others"
        }
    }

    /// The groups in the order of the job.
    public var groups: [Group]

    enum CodingKeys: String, CodingKey { case groups = "Groups" }
}
