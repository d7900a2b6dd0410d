/// The nodes that admit a group, each with the score that the next instance would get there.
///
/// What the next instance would get changes only on the node that took the last one and, where the subject has spreads
/// or `distinct_property`, on nodes of a value that was taken. So a run of equal requests looks at all nodes once, and
/// then at what has changed.
struct Candidates {
    /// What is known of the cluster: who is where, and by which rules nodes are compared.
    struct Surroundings {
        let rooms: [NodeRoom]
        let held: HolderTable
        let algorithm: PlacementAlgorithm
        let localities: [LocalityScore]
    }

    /// A node that would take the next instance.
    struct Pick {
        let position: Int
        let place: Int
        var score: Double

        /// No node: every other pick is better.
        static let none = Pick(position: -1, place: .max, score: -.infinity)

        var isNode: Bool { position >= 0 }

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
    private var valueCounts: ValueCounts
    /// By block, the best of it; out of date where `stale` says so.
    private var winners: [Pick?]
    private var stale: [Bool]
    /// Nodes that requests must not use, and their positions.
    private var excluded: (nodes: Set<NodeID>, positions: Set<Int>) = ([], [])
    /// Those of the last request: equal ones follow.
    private var avoided = AvoidedPositions()
    /// Why the last request was refused; nothing becomes free while requests are answered, so it holds for equal ones.
    private var refused: Refusal?

    init(_ outlook: Outlook, in surroundings: Surroundings, places: [NodeID: Int]) {
        self.outlook = outlook
        algorithm = surroundings.algorithm
        let rules = outlook.rules
        let count = outlook.places.count
        let ofGroup = surroundings.held.ofGroup(rules.groupKey)
        let needsJob = rules.distinct.hostsOfJob || rules.distinct.properties.contains(where: \.ofJob)
        let ofJob = needsJob ? surroundings.held.ofJob(rules.groupKey.job) : [:]
        let byPosition = { (counts: [NodeID: Int]) in
            var result = Array(repeating: 0, count: count)
            for (node, number) in counts {
                if let place = places[node], outlook.positions[place] >= 0 { result[outlook.positions[place]] = number }
            }
            return result
        }
        siblings = byPosition(ofGroup)
        hosted = rules.distinct.hostsOfJob ? byPosition(ofJob) : rules.distinct.hostsOfGroup ? siblings : []
        valueCounts = ValueCounts(outlook, ofGroup: ofGroup, ofJob: ofJob) { places[$0] }
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
        return valueCounts.barrier(ofCell: outlook.cell(of: position), outlook)
    }

    /// All `distinct_property` that keep it off the node at `place` once `gone` of its group have ended there, whether
    /// or not its description admits it.
    func propertyBarriers(at place: Int, leaving gone: Int) -> [DistinctBarrier] {
        valueCounts.barriers(at: place, leaving: gone, outlook)
    }

    /// The parts of the score that depend on the node alone.
    private func ownScore(at position: Int, on room: NodeRoom) -> FitScore? {
        guard !isBarred(position), rules.needs.fit(on: room) else { return nil }
        return score(at: position, binpack: binpack(on: room), devices: rules.needs.devicePart(on: room))
    }

    /// Whether the node at `position` must not be used, or has an instance where it must not have another.
    func isBarred(_ position: Int) -> Bool {
        !hosted.isEmpty && hosted[position] > 0 || excluded.positions.contains(position)
    }

    /// Whether rules about many nodes let the one at `position` take another.
    func isOpen(_ position: Int) -> Bool { valueCounts.isOpen(outlook.cell(of: position)) }

    /// How full `room` becomes.
    func binpack(on room: NodeRoom) -> Double { rules.needs.binpack(on: room.gauge, algorithm) }

    /// No more than this when up to `amounts` come free on `room` before.
    func binpackBound(on room: NodeRoom, freeing amounts: PlacementIndex.Amounts) -> Double {
        rules.needs.binpackBound(on: room.gauge, freeing: amounts, algorithm)
    }

    /// The score of the node at `position` without penalty and spread, where the rest is known.
    func score(at position: Int, binpack: Double, devices: Double?) -> FitScore {
        var score = FitScore(binpack: binpack)
        score.devices = devices
        score.antiAffinity = FitScore.antiAffinity(siblings: siblings[position], count: rules.subject.group.count)
        if !outlook.affinities.isEmpty { score.affinity = outlook.affinities[position] }
        if !localities.isEmpty { score.locality = localities[position] }
        return score
    }

    /// The whole score of the node at `position`; `nil` when it does not take the next instance.
    func score(at position: Int, on room: NodeRoom, avoided: Bool) -> FitScore? {
        let cell = outlook.cell(of: position)
        guard valueCounts.isOpen(cell), let score = ownScore(at: position, on: room) else { return nil }
        return completed(score, at: position, avoided: avoided)
    }

    /// The whole score of the node at `position` for an instance that takes the place of one of its group there: as if
    /// that had ended, and left `room`. `nil` when the node does not take it even so.
    func scoreReplacing(at position: Int, on room: NodeRoom, avoided: Bool) -> FitScore? {
        let others = valueCounts.state(ofCell: outlook.cell(of: position), withOneLess: outlook)
        guard hosted.isEmpty || hosted[position] <= 1, others.isOpen, rules.needs.fit(on: room) else { return nil }
        var score = score(at: position, binpack: binpack(on: room), devices: rules.needs.devicePart(on: room))
        let siblings = siblings[position] - 1
        score.antiAffinity = FitScore.antiAffinity(siblings: siblings, count: rules.subject.group.count)
        score.penalty = avoided ? -1 : nil
        score.spread = others.spread
        return score
    }

    /// With the parts that depend on the request and on other nodes.
    func completed(_ own: FitScore, at position: Int, avoided: Bool) -> FitScore {
        var score = own
        score.penalty = avoided ? -1 : nil
        score.spread = valueCounts.spread(ofCell: outlook.cell(of: position))
        return score
    }

    /// The whole score of the node at `position` whose own parts are `own`.
    func mean(of own: PartSum, at position: Int, avoided: Bool) -> Double {
        own.mean(penalty: avoided ? -1 : nil, spread: valueCounts.spread(ofCell: outlook.cell(of: position)))
    }

    private func pick(at position: Int, avoided: Bool) -> Pick? {
        guard let own = own[position] else { return nil }
        let score = mean(of: own, at: position, avoided: avoided)
        return Pick(position: position, place: outlook.places[position], score: score)
    }

    // MARK: The best of all

    /// The node for `request`: of the first tier that has one, the best.
    mutating func best(for request: PlacementRequest, places: [NodeID: Int]) -> Pick? {
        if let pinned = request.pinned { return only(pinned, for: request, places: places) }
        if avoided.nodes != request.avoided { avoided = AvoidedPositions(request, outlook, places: places) }
        for tier in outlook.tiers {
            var best: Pick?
            for block in tier where valueCounts.isOpen(outlook.blocks[block].cell) {
                let isSpecial = avoided.blocks.contains(block)
                let pick = isSpecial ? winner(of: block, avoiding: avoided) : winner(of: block)
                if let pick, pick.isBetter(than: best) { best = pick }
            }
            if let best { return best }
        }
        return nil
    }

    /// The one node that `request` asks about, when it takes it.
    private func only(_ node: NodeID, for request: PlacementRequest, places: [NodeID: Int]) -> Pick? {
        guard let position = places[node].map({ outlook.positions[$0] }), position >= 0,
            valueCounts.isOpen(outlook.cell(of: position))
        else { return nil }
        return pick(at: position, avoided: request.avoided.contains(node))
    }

    private mutating func winner(of block: Int) -> Pick? {
        if stale[block] {
            winners[block] = winner(of: block, avoiding: AvoidedPositions())
            stale[block] = false
        }
        return winners[block]
    }

    private func winner(of block: Int, avoiding avoided: AvoidedPositions) -> Pick? {
        var best: Pick?
        for position in outlook.blocks[block].positions {
            let isAvoided = avoided.positions.contains(position)
            if let pick = pick(at: position, avoided: isAvoided), pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    // MARK: Nodes that must not be used

    /// Leaves out `nodes`, which the next request must not use, and nobody else. Returns the positions of those that
    /// stand differently now. Requests of a run mostly leave out the same.
    mutating func exclude(_ nodes: Set<NodeID>, rooms: [NodeRoom], places: [NodeID: Int]) -> [Int] {
        guard nodes != excluded.nodes else { return [] }
        let changed = excluded.nodes.symmetricDifference(nodes).compactMap { node -> Int? in
            guard let position = places[node].map({ outlook.positions[$0] }), position >= 0 else { return nil }
            if nodes.contains(node) { excluded.positions.insert(position) } else { excluded.positions.remove(position) }
            return position
        }
        for position in changed {
            own[position] = ownScore(at: position, on: rooms[outlook.places[position]])?.own
            stale[outlook.block(of: position)] = true
        }
        (excluded.nodes, refused) = (nodes, nil)
        return changed
    }

    // MARK: What follows from an answer

    /// The answer to `request`, whose nodes are left out, when one like it was refused.
    func refusal(of request: PlacementRequest) -> Refusal? {
        request.pinned == nil ? refused : nil
    }

    /// Notes that no node takes `request`.
    mutating func refuse(_ request: PlacementRequest, _ refusal: Refusal) {
        if request.pinned == nil { refused = refusal }
    }

    /// Notes that the node at `position` took an instance, and is now as `room` says. Returns the blocks whose nodes
    /// stand differently now.
    @discardableResult
    mutating func noteInstance(at position: Int, room: NodeRoom) -> [Int] {
        refused = nil
        siblings[position] += 1
        if !hosted.isEmpty { hosted[position] += 1 }
        own[position] = ownScore(at: position, on: room)?.own
        let cell = outlook.cell(of: position)
        var blocks = [outlook.block(of: position)]
        valueCounts.add(toCell: cell, outlook)
        for changed in valueCounts.changed { blocks += outlook.cells[changed].blocks }
        for block in blocks { stale[block] = true }
        return blocks
    }
}
