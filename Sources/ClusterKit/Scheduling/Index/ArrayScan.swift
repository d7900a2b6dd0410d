/// The fastest plain way to find the best node, the rival that tests and benchmarks compare `PlacementIndex` with.
///
/// It answers as the index does. Nodes of equal capacity and class lie side by side, so that the loop has nothing to
/// look up and the compiler makes it compare several nodes in one instruction. Costs are single precision there, and
/// their bits are compared as integers, whose order is the same for positive numbers; nodes that come so near the best
/// that this cannot tell are compared by their scores afterwards.
public struct ArrayScan: Sendable {
    /// A node as the scan begins with it.
    public struct Member: Sendable {
        let capacity: CapacityTable.Key
        let kind: Int32
        let free: PlacementIndex.Amounts

        /// States a node.
        ///
        /// - Parameters:
        ///   - capacity: What allocations may hold in all; scores are shares of it. Its disk is not looked at.
        ///   - kind: The class of the node.
        ///   - free: What nobody holds; at most the capacity counts.
        public init(capacity: PlacementIndex.Amounts, class kind: Int32 = 0, free: PlacementIndex.Amounts) {
            self.capacity = CapacityTable.Key(
                cpu: min(max(0, capacity.cpu), LogScale.largest),
                memory: min(max(0, capacity.memory), LogScale.largest))
            self.kind = kind
            self.free = free.bounded
        }
    }

    /// A query with all that the scan needs of it, worked out once for all searches among the same nodes.
    public struct Prepared: Sendable {
        let query: PlacementQuery
        let need: ScanNeed
        /// Where admitted nodes lie.
        let pieces: [ScanPiece]
    }

    private var columns: ScanColumns
    /// By piece of the query at hand. Kept, so that a search asks for no memory.
    private var lowest: [Int32] = []

    /// Makes a scan of nodes whose numbers are their places in `members`.
    public init(_ members: [Member]) { columns = ScanColumns(members) }

    /// Takes what an instance holds from a node.
    public mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) {
        columns.change(node, amounts.taken, -1)
    }

    /// Gives a node back what was taken.
    public mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) {
        columns.change(node, amounts.taken, 1)
    }

    /// Gets a query ready for searches on this scan and its copies, and on no other.
    public func prepare(_ query: PlacementQuery) -> Prepared {
        let runs = columns.runs.indices.filter { Self.admits(query, columns.runs[$0].kind) }
        return Prepared(
            query: query, need: ScanNeed(query),
            pieces: runs.flatMap { columns.pieces(ofRun: $0, ScanFactors(query, columns.runs[$0].capacity)) })
    }

    private static func admits(_ query: PlacementQuery, _ kind: Int32) -> Bool {
        let (levels, kind) = (query.levels, Int(kind))
        if levels.isEmpty { return true }
        // As everywhere, no level is below the first.
        return levels.indices.contains(kind) && levels[kind] != 0
            && (query.level.map { max(1, $0) == levels[kind] } ?? true)
    }

    /// The best node, if any has room.
    public mutating func best(_ query: Prepared) -> PlacementIndex.Choice? {
        if lowest.count < query.pieces.count { lowest = Array(repeating: 0, count: query.pieces.count) }
        // First the bits of the best cost, by piece, then which nodes they can stand for.
        let bits = columns.findLowest(query, into: &lowest)
        guard bits < ScanNeed.none else { return nil }
        return columns.best(query, lowest, limit: ScanNeed.limit(bits))
    }

    /// Takes the need of `query` from the best node and says which that is; `nil` when none has room.
    public mutating func place(_ query: Prepared) -> PlacementIndex.Choice? {
        guard let best = best(query) else { return nil }
        let terms = query.query
        take(PlacementIndex.Amounts(cpu: terms.cpu, memory: terms.memory, disk: terms.disk), from: best.node)
        return best
    }
}
