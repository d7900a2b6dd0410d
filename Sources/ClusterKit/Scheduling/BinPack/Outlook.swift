/// What can be said of a subject and all nodes before it is known what runs there: feasibility, tiers, wishes, and the
/// values that rules about many nodes look at. Good until a node's description changes.
///
/// Nodes go by their place in the row of nodes; those that admit the subject also by their position here.
struct Outlook: Sendable {
    /// Equal nodes as far as spreads, `distinct_property` and pools can tell: what changes for one changes for all.
    struct Cell: Sendable {
        let tier: Int
        /// By attribute; -1 where the node has no such attribute.
        let values: [Int]
        fileprivate(set) var places: [Int] = []
        fileprivate(set) var blocks = 0..<0
    }

    /// A stretch of positions of one cell, short enough to look through whenever one of them has changed.
    struct Block: Sendable {
        let cell: Int
        let positions: Range<Int>

        fileprivate static let most = 64
    }

    /// The values of one attribute.
    struct AttributeValues: Sendable {
        /// By number, in the order of the nodes.
        private(set) var values: [String] = []
        /// The number of the value of each node; -1 where there is none.
        private(set) var numbers: [Int] = []

        fileprivate init(_ attribute: NodeAttribute, of nodes: some Collection<Node>) {
            var known: [String: Int] = [:]
            numbers.reserveCapacity(nodes.count)
            for node in nodes {
                guard let value = attribute.value(of: node) else {
                    numbers.append(-1)
                    continue
                }
                let number = known[value] ?? values.count
                if number == values.count {
                    known[value] = number
                    values.append(value)
                }
                numbers.append(number)
            }
        }
    }

    let rules: SubjectRules
    /// By place, the rule that the node's description breaks; `nil` when it meets all.
    private(set) var failures: [String?] = []
    /// Values of the spreads' attributes, then of those that `distinct_property` names.
    let attributes: [AttributeValues]
    /// By spread, how many instances are wanted at each value.
    let goals: [[Double?]]
    /// In the order of their tiers.
    private(set) var cells: [Cell] = []
    private(set) var blocks: [Block] = []
    /// The blocks of each tier, the preferred one first.
    private(set) var tiers: [Range<Int>] = []
    /// By position.
    private(set) var places: [Int] = []
    /// By place; -1 where the node does not admit the subject.
    private(set) var positions: [Int]
    /// By position, the block that it is in.
    private var blockNumbers: [Int] = []
    /// By position, the part that the node meets of the wishes; empty when there are none.
    private(set) var affinities: [Double?] = []
    /// Nodes that take no work at all, by the reason for it.
    private(set) var closed: [String: Int] = [:]
    /// Nodes that take work, by datacenter.
    private(set) var available: [String: Int] = [:]

    init(_ rules: SubjectRules, _ nodes: some Collection<Node>) {
        self.rules = rules
        let named = rules.spreads.map(\.attribute) + rules.distinct.properties.map(\.attribute)
        attributes = named.map { AttributeValues($0, of: nodes) }
        goals = zip(rules.spreads, attributes).map { $0.goals(for: $1.values) }
        positions = Array(repeating: -1, count: nodes.count)
        gather(nodes)
        arrange()
        if !rules.wishes.isEmpty {
            affinities = Array(repeating: nil, count: places.count)
            for (place, node) in nodes.enumerated() where positions[place] >= 0 {
                let matched = rules.wishes.matched(on: node)
                affinities[positions[place]] = FitScore.affinity(matched: matched, total: rules.wishes.total)
            }
        }
    }

    func block(of position: Int) -> Int { blockNumbers[position] }

    func cell(of position: Int) -> Int { blocks[blockNumbers[position]].cell }

    /// Sorts the nodes that admit the subject into cells.
    private mutating func gather(_ nodes: some Collection<Node>) {
        var known: [[Int]: Int] = [:]
        failures.reserveCapacity(nodes.count)
        for (place, node) in nodes.enumerated() {
            let failure = rules.filter.failure(on: node)
            failures.append(failure)
            if node.takesWork {
                available[node.datacenter, default: 0] += 1
            } else if let failure {
                closed[failure, default: 0] += 1
            }
            guard failure == nil, let tier = rules.filter.tier(of: node) else { continue }
            let values = attributes.map { $0.numbers[place] }
            let key = [tier] + values
            let cell = known[key] ?? cells.count
            if cell == cells.count {
                known[key] = cell
                cells.append(Cell(tier: tier, values: values))
            }
            cells[cell].places.append(place)
        }
    }

    /// Numbers positions and blocks, the preferred tier first.
    private mutating func arrange() {
        cells = cells.indices.sorted { (cells[$0].tier, $0) < (cells[$1].tier, $1) }.map { cells[$0] }
        for cell in cells.indices {
            if tiers.isEmpty || cells[cell].tier != cells[cell - 1].tier { tiers.append(blocks.count..<blocks.count) }
            let first = blocks.count
            let start = places.count
            places += cells[cell].places
            for lower in stride(from: start, to: places.count, by: Block.most) {
                let block = Block(cell: cell, positions: lower..<min(lower + Block.most, places.count))
                blockNumbers += block.positions.map { _ in blocks.count }
                blocks.append(block)
            }
            cells[cell].blocks = first..<blocks.count
            tiers[tiers.count - 1] = tiers[tiers.count - 1].lowerBound..<blocks.count
        }
        for (position, place) in places.enumerated() { positions[place] = position }
    }
}
