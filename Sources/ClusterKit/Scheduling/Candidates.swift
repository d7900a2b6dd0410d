/// The nodes that admit a group, each with the score that the next instance would get there.
///
/// What the next instance would get changes only on the node that took the last one and, where the subject has spreads
/// or `distinct_property`, on nodes of a value that was taken. So a run of equal requests looks at all nodes once, and
/// then at what has changed.
struct Candidates {
    /// What is known of the cluster: who is where, and by which rules nodes are compared.
    struct Surroundings {
        let rooms: [NodeRoom]
        let counts: InstanceCounts
        let algorithm: PlacementAlgorithm
        let localities: [LocalityScore]
    }

    /// A node that would take the next instance.
    struct Pick {
        let position: Int
        let place: Int
        var score: Double

        /// Of equals the node whose name comes first wins.
        func isBetter(than other: Pick?) -> Bool {
            guard let other else { return true }
            return score != other.score ? score > other.score : place < other.place
        }
    }

    let outlook: Outlook
    var rules: SubjectRules { outlook.rules }
    private let algorithm: PlacementAlgorithm
    /// By position, the parts of the score that depend on the node alone; `nil` when it lacks room, or runs another
    /// instance where it must not.
    private var own: [PartSum?] = []
    /// By position, how many instances of the group the node has.
    private var siblings: [Int]
    /// By position, how many instances `distinct_hosts` counts.
    private var hosted: [Int]
    /// By position; empty without measures.
    private var localities: [PartSum] = []
    private var scatter: Scatter
    /// By block, the best of it; out of date where `stale` says so.
    private var winners: [Pick?]
    private var stale: [Bool]
    /// Those of the last request: equal ones follow.
    private var exceptions = Exceptions()
    /// Why the last request was refused; nothing becomes free while requests are answered, so it holds for equal ones.
    private var refused: (withheld: Set<NodeID>, refusal: Refusal)?

    init(_ outlook: Outlook, in surroundings: Surroundings, places: [NodeID: Int]) {
        self.outlook = outlook
        algorithm = surroundings.algorithm
        let rules = outlook.rules
        let count = outlook.places.count
        let ofGroup = surroundings.counts.ofGroup(rules.instance)
        let needsJob = rules.distinct.hostsOfJob || rules.distinct.properties.contains(where: \.ofJob)
        let ofJob = needsJob ? surroundings.counts.ofJob(rules.instance.job) : [:]
        let byPosition = { (counts: [NodeID: Int]) in
            var result = Array(repeating: 0, count: count)
            for (node, number) in counts {
                if let place = places[node], outlook.positions[place] >= 0 { result[outlook.positions[place]] = number }
            }
            return result
        }
        siblings = byPosition(ofGroup)
        hosted = rules.distinct.hostsOfJob ? byPosition(ofJob) : rules.distinct.hostsOfGroup ? siblings : []
        scatter = Scatter(outlook, ofGroup: ofGroup, ofJob: ofJob) { places[$0] }
        winners = Array(repeating: nil, count: outlook.blocks.count)
        stale = Array(repeating: true, count: outlook.blocks.count)
        if !surroundings.localities.isEmpty {
            localities = outlook.places.map { place in
                var sum = PartSum()
                for locality in surroundings.localities {
                    sum.add(locality.value(of: rules.subject, on: surroundings.rooms[place].node))
                }
                return sum
            }
        }
        own = (0..<count).map { ownScore(at: $0, on: surroundings.rooms[outlook.places[$0]])?.own }
    }

    // MARK: One node

    /// What keeps the next instance off the node at `position` although its description admits it and whatever is free.
    func barrier(at position: Int) -> DistinctBarrier? {
        if !hosted.isEmpty, hosted[position] > 0 { return .hosts(instances: hosted[position]) }
        return scatter.barrier(ofCell: outlook.cell(of: position), outlook)
    }

    /// The parts of the score that depend on the node alone.
    private func ownScore(at position: Int, on room: NodeRoom) -> FitScore? {
        guard hosted.isEmpty || hosted[position] == 0, Shortage.fits(rules.needs, on: room) else { return nil }
        var score = FitScore(binpack: rules.needs.binpack(on: room, algorithm))
        score.devices = rules.needs.devicePart(on: room)
        score.antiAffinity = FitScore.antiAffinity(siblings: siblings[position], count: rules.subject.group.count)
        if !outlook.affinities.isEmpty { score.affinity = outlook.affinities[position] }
        if !localities.isEmpty { score.locality = localities[position] }
        return score
    }

    /// The whole score of the node at `position`; `nil` when it does not take the next instance.
    func score(at position: Int, on room: NodeRoom, avoided: Bool) -> FitScore? {
        let cell = outlook.cell(of: position)
        guard scatter.isOpen(cell), var score = ownScore(at: position, on: room) else { return nil }
        score.penalty = avoided ? -1 : nil
        score.spread = scatter.spread(ofCell: cell)
        return score
    }

    private func pick(at position: Int, cell: Int, avoided: Bool = false) -> Pick? {
        guard let own = own[position] else { return nil }
        let score = own.mean(penalty: avoided ? -1 : nil, spread: scatter.spread(ofCell: cell))
        return Pick(position: position, place: outlook.places[position], score: score)
    }

    // MARK: The best of all

    /// The node for `request`: of the first tier that has one, the best.
    mutating func best(for request: PlacementRequest, places: [NodeID: Int]) -> Pick? {
        if let pinned = request.pinned { return only(pinned, for: request, places: places) }
        if exceptions.avoidedNodes != request.avoided || exceptions.withheldNodes != request.withheld {
            exceptions = Exceptions(request, outlook, places: places)
        }
        for tier in outlook.tiers {
            var best: Pick?
            for block in tier where scatter.isOpen(outlook.blocks[block].cell) {
                let isSpecial = exceptions.blocks.contains(block)
                let pick = isSpecial ? winner(of: block, except: exceptions) : winner(of: block)
                if let pick, pick.isBetter(than: best) { best = pick }
            }
            if let best { return best }
        }
        return nil
    }

    /// The one node that `request` asks about, when it takes it.
    private func only(_ node: NodeID, for request: PlacementRequest, places: [NodeID: Int]) -> Pick? {
        guard let position = places[node].map({ outlook.positions[$0] }), position >= 0,
            !request.withheld.contains(node), scatter.isOpen(outlook.cell(of: position))
        else { return nil }
        return pick(at: position, cell: outlook.cell(of: position), avoided: request.avoided.contains(node))
    }

    private mutating func winner(of block: Int) -> Pick? {
        if stale[block] {
            winners[block] = winner(of: block, except: Exceptions())
            stale[block] = false
        }
        return winners[block]
    }

    private func winner(of number: Int, except exceptions: Exceptions) -> Pick? {
        let block = outlook.blocks[number]
        var best: Pick?
        for position in block.positions where !exceptions.withheld.contains(position) {
            let avoided = exceptions.avoided.contains(position)
            if let pick = pick(at: position, cell: block.cell, avoided: avoided), pick.isBetter(than: best) {
                best = pick
            }
        }
        return best
    }

    // MARK: What follows from an answer

    /// The answer to `request` when one like it was refused.
    func refusal(of request: PlacementRequest) -> Refusal? {
        guard let refused, request.pinned == nil, request.withheld == refused.withheld else { return nil }
        return refused.refusal
    }

    /// Notes that no node takes `request`.
    mutating func refuse(_ request: PlacementRequest, _ refusal: Refusal) {
        if request.pinned == nil { refused = (request.withheld, refusal) }
    }

    /// Notes that the node at `position` took an instance, and is now as `room` says.
    mutating func changed(_ position: Int, room: NodeRoom) {
        refused = nil
        siblings[position] += 1
        if !hosted.isEmpty { hosted[position] += 1 }
        own[position] = ownScore(at: position, on: room)?.own
        let cell = outlook.cell(of: position)
        stale[outlook.block(of: position)] = true
        for other in scatter.add(toCell: cell, outlook) {
            for block in outlook.cells[other].blocks { stale[block] = true }
        }
    }
}

/// Nodes that a request treats in another way than other requests do, by position.
private struct Exceptions {
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
