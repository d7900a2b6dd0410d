/// Which instances to move, and where to, so that nodes come free: what departures leave behind are nodes with a few
/// instances each that would fit elsewhere.
///
/// A node is emptied but for what runs everywhere, or left alone, those with the fewest instances first, each
/// instance to the best place among the nodes that run something. Only instances of service jobs move, for they are
/// meant to go on elsewhere, and only where nothing is lost but the place: those of groups with wishes or spreads
/// stay, and so does whoever would come to stand beside another instance of its group, or in a later pool of the
/// group's order.
///
/// The plan is made from a state and changes nothing.
public struct TidyingPlan: Hashable, Sendable {
    /// An instance that moves.
    public struct Move: Hashable, Sendable {
        /// The instance.
        public var allocation: AllocationID
        /// Its name: `job.group[number]`.
        public var name: String
        /// The node that it leaves.
        public var from: NodeID
        /// The name of that node.
        public var fromName: String
        /// The node that takes it.
        public var to: NodeID
        /// The name of that node.
        public var toName: String
        /// Its share of an emptied node: 1 divided by the number of moves that empty it together.
        public var gain: Double
        /// Why, as people read it: `empties vm-07, with 2 others`.
        public var reason: String
    }

    /// A node on which nothing is left but what runs everywhere.
    public struct Emptied: Hashable, Sendable {
        /// The node.
        public var node: NodeID
        /// Its name.
        public var name: String
        /// What allocations may hold there in all.
        public var usable: Resources
        /// How many instances leave it.
        public var moves: Int
    }

    /// In the order in which they are to be made: each finds room once those before it are made.
    public internal(set) var moves: [Move] = []
    /// The nodes that come free, in that order.
    public internal(set) var emptied: [Emptied] = []

    /// Plans at most `budget` moves.
    ///
    /// - Parameters:
    ///   - session: a session that stands for `snapshot`; moves are tried on a copy of it.
    ///   - nodes: the most nodes to empty; no limit by default.
    ///   - spared: nodes that are not to be emptied.
    ///   - kept: nodes whose room is kept for work that waits: nothing moves there, for it would take that room from
    ///     them.
    ///   - entropy: chooses ports and identifiers that are tried out.
    public init(
        for snapshot: Snapshot, session: any SchedulingSession, budget: Int, nodes: Int = .max,
        sparing spared: Set<NodeID> = [], keeping kept: Set<NodeID> = [], using entropy: inout Entropy
    ) {
        guard budget > 0, nodes > 0 else { return }
        var search = TidyingSearch(snapshot, session, keeping: kept)
        self = search.plan(budget: budget, nodes: nodes, sparing: spared, using: &entropy)
    }

    /// Plans at most `budget` moves, placed by `scheduler`.
    public init(for snapshot: Snapshot, scheduler: any Scheduler = BinPackScheduler(), budget: Int) {
        var entropy = Entropy(seed: 1)
        self.init(for: snapshot, session: scheduler.session(on: snapshot), budget: budget, using: &entropy)
    }

    init() {}
}
