/// Nodes that a request avoids where it has a choice, by position.
struct AvoidedPositions {
    let nodes: Set<NodeID>
    private(set) var positions: Set<Int> = []
    /// The blocks that they are in.
    private(set) var blocks: Set<Int> = []

    /// None.
    init() { nodes = [] }

    init(_ request: PlacementRequest, _ outlook: Outlook, places: [NodeID: Int]) {
        nodes = request.avoided
        positions = Set(nodes.compactMap { places[$0] }.map { outlook.positions[$0] }.filter { $0 >= 0 })
        blocks = Set(positions.map(outlook.block))
    }
}
