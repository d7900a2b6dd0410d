/// Nodes that a request treats in another way than other requests do, by position.
struct CandidateExceptions {
    let avoidedNodes: Set<NodeID>
    let withheldNodes: Set<NodeID>
    private(set) var avoided: Set<Int> = []
    private(set) var withheld: Set<Int> = []
    /// The blocks that they are in.
    private(set) var blocks: Set<Int> = []

    /// None.
    init() { (avoidedNodes, withheldNodes) = ([], []) }

    init(_ request: PlacementRequest, _ outlook: Outlook, places: [NodeID: Int]) {
        (avoidedNodes, withheldNodes) = (request.avoided, request.withheld)
        let positions = { (nodes: Set<NodeID>) in
            Set(nodes.compactMap { places[$0] }.map { outlook.positions[$0] }.filter { $0 >= 0 })
        }
        (avoided, withheld) = (positions(avoidedNodes), positions(withheldNodes))
        blocks = Set(avoided.union(withheld).map(outlook.block))
    }
}
