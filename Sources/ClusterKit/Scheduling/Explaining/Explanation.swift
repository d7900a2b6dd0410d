/// Why each node would, or would not, take a request.
public struct Explanation: Hashable, Sendable {
    /// What one node says to the request.
    public struct Line: Hashable, Sendable {
        /// The node.
        public var node: NodeID
        /// Its name.
        public var name: String
        /// The score, when the node would take it.
        public var score: Double?
        /// The parts of the score by Nomad's names: `binpack`, `devices`, `job-anti-affinity`, `node-affinity`,
        /// `node-reschedule-penalty`, `allocation-spread`, `preemption`, and those that the embedder adds. The score
        /// is their mean.
        public var parts: [String: Double]
        /// The first rule that fails, with numbers; empty when the node would take it.
        public var refusal: String

        /// Allocations that would have to end first. Nodes offer that only when none takes the request as it is.
        public var evicting: [AllocationID]

        /// The refusal without the numbers of this node, where it has such: `memory: needs 4096 MiB`. Nodes of which it
        /// is the same stand in one group.
        public var rule: String?

        /// What the node says of that which the rule asks about, where it asks about a word of its description.
        public var found: Word?

        /// Says either a `score`, when the node would take it, or a `refusal`.
        public init(
            node: NodeID, name: String, score: Double? = nil, parts: [String: Double] = [:], refusal: String = "",
            rule: String? = nil, found: Word? = nil, evicting: [AllocationID] = []
        ) {
            self.node = node
            self.name = name
            self.score = score
            self.parts = parts
            self.refusal = refusal
            self.rule = rule
            self.found = found
            self.evicting = evicting
        }
    }

    /// All nodes: the takers by pool and score, best first, then the others by name.
    public var lines: [Line]
    /// When no node takes the request: the smallest changes that would place it, one of each kind at most.
    public var remedies: [Remedy]

    /// Takes `lines` in the order in which they are shown.
    public init(lines: [Line], remedies: [Remedy] = []) {
        self.lines = lines
        self.remedies = remedies
    }

    /// A word of a node's description: `attr.kernel.name`, say.
    public struct Word: Hashable, Sendable {
        /// What it is called in constraints, without `${` and `}`; `datacenter` and `node pool` for those.
        public var name: String
        /// What it is on the node; `nil` where the node has none.
        public var value: String?

        /// Names a word and its value.
        public init(_ name: String, _ value: String?) { (self.name, self.value) = (name, value) }
    }

    /// Nodes that say the same, each named once.
    public struct Group: Hashable, Sendable {
        /// What they say. Where the numbers of the nodes differ, the rule alone: `memory: needs 4096 MiB`.
        public let refusal: String
        /// Their names, in order.
        public let nodes: [String]
        /// What they have instead of what is asked for; `nil` where the rule asks about no word.
        public let finding: Finding?
    }

    /// The nodes that do not take the request, by the rule that fails first, in the order of their names. Amounts that
    /// differ from node to node stand in one group.
    public var refusals: [Group] {
        var groups: [String: (words: String, lines: [Line])] = [:]
        var order: [String] = []
        for line in lines where line.score == nil {
            let rule = line.rule ?? line.refusal
            guard let words = groups[rule]?.words else {
                order.append(rule)
                groups[rule] = (line.refusal, [line])
                continue
            }
            if words != line.refusal { groups[rule]?.words = rule }
            groups[rule]?.lines.append(line)
        }
        return order.compactMap { groups[$0] }.map { words, lines in
            Group(
                refusal: words, nodes: lines.map(\.name).sorted(), finding: Finding(in: lines.compactMap(\.found)))
        }
    }
}
