/// The nodes that admit a group, found through the placement index instead of looked at one by one: the same answers as
/// those of `Candidates`, at a cost that does not grow with the cluster.
///
/// Two kinds of nodes are told apart. On a *fresh* node nothing depends on the node itself but how full it becomes
/// (`FreshNodes`). A *single* node is scored by itself: it runs instances of the job already, or a request treats it in
/// a way of its own (`SingleNodes`). Singles are withheld from the index until the run of requests is over. Of each
/// cell the best of both is remembered, and looked for again only when one of its nodes was taken or it stands
/// differently in the spreads.
struct IndexedCandidates {
    typealias Pick = Candidates.Pick

    /// What the session knows, lent for one call.
    struct Surroundings {
        let rooms: [NodeRoom]
        let places: [NodeID: Int]
        let algorithm: PlacementAlgorithm
    }

    /// What is known of one cell.
    private struct Stand {
        let tier: Int
        /// The best of its nodes, single or fresh; `none` where rules about many nodes leave no room.
        var best = Pick.none
        var isStale = true

        init(tier: Int) { self.tier = tier }
    }

    /// Over classes instead of nodes: rows are their numbers.
    let outlook: Outlook
    var rules: SubjectRules { outlook.rules }
    /// By cell.
    private var stands: [Stand]
    private var valueCounts: ValueCounts
    private var fresh: FreshNodes
    private var singles: SingleNodes
    private var fits: FitMemory
    /// Nodes that requests must not use. They are singles that offer nothing.
    private var excluded: Set<NodeID> = []
    /// Why the last request was refused; nothing becomes free while requests are answered, so it holds for equal ones.
    private var refused: Refusal?

    /// `nil` when the subject divides the cluster into more groups than levels can tell apart.
    init?(
        _ outlook: Outlook, held: HolderTable, in surroundings: Surroundings, field: inout NodeField
    ) {
        guard let fresh = FreshNodes(outlook, field, surroundings.algorithm) else { return nil }
        self.outlook = outlook
        self.fresh = fresh
        let rules = outlook.rules
        fits = FitMemory(rules.needs, surroundings.algorithm)
        let ofGroup = held.ofGroup(rules.groupKey)
        let needsJob = rules.distinct.hostsOfJob || rules.distinct.properties.contains(where: \.ofJob)
        let ofJob = needsJob ? held.ofJob(rules.groupKey.job) : [:]
        let kinds = field.kinds
        valueCounts = ValueCounts(outlook, ofGroup: ofGroup, ofJob: ofJob) { node in
            surroundings.places[node].map { Int(kinds[$0]) }
        }
        stands = outlook.cells.map { Stand(tier: $0.tier) }
        singles = SingleNodes(cells: outlook.cells.count)
        for (node, _) in rules.distinct.hostsOfJob ? ofJob : ofGroup {
            guard let place = surroundings.places[node] else { continue }
            let siblings = ofGroup[node] ?? 0
            let hosted =
                rules.distinct.hostsOfJob ? ofJob[node] ?? 0 : rules.distinct.hostsOfGroup ? siblings : 0
            makeSingleAndScore(place, surroundings.rooms, &field, siblings: siblings, hosted: hosted)
        }
    }

    // MARK: The best of all

    /// The node for an ordinary request: of the first tier that has one, the best. So many will be `wanted` one after
    /// the other.
    mutating func best(_ rooms: [NodeRoom], _ field: inout NodeField, wanted: Int) -> Pick? {
        var (best, tier) = (Pick.none, 0)
        for cell in stands.indices {
            if stands[cell].tier != tier {
                if best.isNode { return best }
                tier = stands[cell].tier
            }
            if stands[cell].isStale { look(at: cell, against: best, rooms, &field, wanted: wanted) }
            if stands[cell].best.isBetter(than: best) { best = stands[cell].best }
        }
        return best.isNode ? best : nil
    }

    /// Finds the best node of a cell, as far as that matters: who cannot be better than `rival` is not looked at.
    private mutating func look(
        at cell: Int, against rival: Pick, _ rooms: [NodeRoom], _ field: inout NodeField, wanted: Int
    ) {
        guard valueCounts.isOpen(cell) else { return (stands[cell].best, stands[cell].isStale) = (.none, false) }
        let spread = valueCounts.spread(ofCell: cell)
        var (best, isWhole) = fresh.best(
            ofCell: cell, spread: spread, against: rival, outlook, rooms, &field, wanted: wanted)
        if let pick = singles.best(ofCell: cell, spread: spread), pick.isBetter(than: best) { best = pick }
        (stands[cell].best, stands[cell].isStale) = (best ?? Pick.none, !isWhole)
    }

    /// The node for any request.
    mutating func best(
        for request: PlacementRequest, in surroundings: Surroundings, field: inout NodeField
    ) -> Pick? {
        guard let pinned = request.pinned else {
            let numbers = request.avoided.compactMap { numberOfSingle($0, in: surroundings, field: &field) }
            return best(avoiding: numbers, surroundings.rooms, &field)
        }
        return numberOfSingle(pinned, in: surroundings, field: &field)
            .flatMap { pick($0, avoided: request.avoided.contains(pinned)) }
    }

    /// The best node when the singles of `numbers` get the penalty of an earlier failure.
    private mutating func best(avoiding numbers: [Int], _ rooms: [NodeRoom], _ field: inout NodeField) -> Pick? {
        for number in numbers { setScore(of: number, to: nil) }
        var best = best(rooms, &field, wanted: 1)
        for number in numbers {
            score(number, rooms)
            guard let pick = pick(number, avoided: true) else { continue }
            let (tier, first) = (tier(of: pick), best.map(tier) ?? .max)
            if tier < first || tier == first && pick.isBetter(than: best) { best = pick }
        }
        return best
    }

    private func tier(of pick: Pick) -> Int { stands[outlook.cell(of: pick.position)].tier }

    /// What a single node offers.
    private mutating func pick(_ number: Int, avoided: Bool) -> Pick? {
        let cell = singles[number].cell
        guard valueCounts.isOpen(cell) else { return nil }
        return singles.pick(number, penalty: avoided ? -1 : nil, spread: valueCounts.spread(ofCell: cell))
    }

    private func isOpen(_ cell: Int, in tier: Range<Int>) -> Bool {
        // Not with `&&`: the closure of its right side would copy the whole value.
        guard tier.overlaps(outlook.cells[cell].blocks) else { return false }
        return valueCounts.isOpen(cell)
    }

    // MARK: What is known of nodes

    /// How many single nodes were looked at, and how often the index was asked: what the work of a run grows with.
    var looks: Int { singles.looks + fresh.searches }

    /// Parts of the score that nodes have in common.
    struct SharedParts: Hashable {
        let affinity: Double?
        let spread: Double?
    }

    /// The nodes that are scored by themselves: those that are withheld from the index.
    var singlePlaces: some Sequence<Int> { singles.places }

    /// What is known of such a node.
    func member(at place: Int, _ field: NodeField) -> SingleNodes.Member? {
        field.number(ofWithheld: place).map { singles[$0] }
    }

    /// Whether rules about descriptions and about many nodes admit the node at `place`, and it belongs to `tier`.
    func isOpen(_ place: Int, in tier: Range<Int>? = nil, _ field: NodeField) -> Bool {
        let position = outlook.positions[Int(field.kinds[place])]
        guard position >= 0 else { return false }
        let cell = outlook.cell(of: position)
        guard let tier else { return valueCounts.isOpen(cell) }
        return isOpen(cell, in: tier)
    }

    /// What the node at `place`, which is open, has in common with others.
    func sharedParts(at place: Int, _ field: NodeField) -> SharedParts {
        let position = outlook.positions[Int(field.kinds[place])]
        return SharedParts(
            affinity: outlook.affinities.isEmpty ? nil : outlook.affinities[position],
            spread: valueCounts.spread(ofCell: outlook.cell(of: position)))
    }

    /// What open nodes of `tier` have in common, each once.
    func sharedParts(in tier: Range<Int>) -> [SharedParts] {
        let open = fresh.affinities.filter { isOpen($0.cell, in: tier) }
        return Array(
            Set(open.map { SharedParts(affinity: $0.affinity, spread: valueCounts.spread(ofCell: $0.cell)) }))
    }

    // MARK: Single nodes

    /// Looks at the node at `place` by itself from now on. Returns its number, if it is admitted and was not single.
    private mutating func makeSingle(
        _ place: Int, _ field: inout NodeField, siblings: Int = 0, hosted: Int = 0
    ) -> Int? {
        let position = outlook.positions[Int(field.kinds[place])]
        guard position >= 0, field.number(ofWithheld: place) == nil else { return nil }
        let (number, cell) = (singles.count, outlook.cell(of: position))
        field.withhold(place, as: number)
        singles.add(
            SingleNodes.Member(place: place, position: position, cell: cell, siblings: siblings, hosted: hosted))
        fresh.dismiss(place, fromCell: cell, outlook, field)
        stands[cell].isStale = true
        return number
    }

    /// The same, with what it offers.
    private mutating func makeSingleAndScore(
        _ place: Int, _ rooms: [NodeRoom], _ field: inout NodeField, siblings: Int = 0, hosted: Int = 0
    ) {
        if let number = makeSingle(place, &field, siblings: siblings, hosted: hosted) { score(number, rooms) }
    }

    /// Looks at a node by itself from now on. Returns its number; `nil` when it is not admitted.
    private mutating func numberOfSingle(
        _ node: NodeID, in surroundings: Surroundings, field: inout NodeField
    ) -> Int? {
        guard let place = surroundings.places[node] else { return nil }
        makeSingleAndScore(place, surroundings.rooms, &field)
        return field.number(ofWithheld: place)
    }

    private mutating func score(_ number: Int, _ rooms: [NodeRoom]) {
        setScore(of: number, to: ownScore(of: singles[number], rooms))
    }

    private mutating func setScore(of number: Int, to own: PartSum?) {
        stands[singles[number].cell].isStale = true
        singles.setScore(of: number, to: own)
    }

    private mutating func ownScore(of member: SingleNodes.Member, _ rooms: [NodeRoom]) -> PartSum? {
        // Without a copy of the needs, which would count references.
        let gauge = rooms[member.place].gauge
        guard !member.isExcluded, member.hosted == 0, outlook.rules.needs.fit(on: gauge),
            outlook.rules.needs.isPlain || outlook.rules.needs.fit(on: rooms[member.place])
        else { return nil }
        var score = FitScore(binpack: fits.fit(gauge))
        score.antiAffinity = FitScore.antiAffinity(siblings: member.siblings, count: outlook.rules.subject.group.count)
        if !outlook.affinities.isEmpty { score.affinity = outlook.affinities[member.position] }
        return score.own
    }

    /// Leaves out `nodes`, which the next request must not use, and nobody else. Requests of a run mostly leave out the
    /// same.
    mutating func exclude(_ nodes: Set<NodeID>, in surroundings: Surroundings, field: inout NodeField) {
        guard nodes != excluded else { return }
        for node in excluded.symmetricDifference(nodes) {
            guard let number = numberOfSingle(node, in: surroundings, field: &field) else { continue }
            singles.setExcluded(number, to: nodes.contains(node))
            score(number, surroundings.rooms)
        }
        (excluded, refused) = (nodes, nil)
    }

    // MARK: What follows from an answer

    /// The answer to `request`, whose nodes are left out, when one like it was refused.
    func refusal(of request: PlacementRequest) -> Refusal? {
        request.pinned == nil ? refused : nil
    }

    /// Whether a request was refused since the last one that was placed.
    var hasRefused: Bool { refused != nil }

    /// Notes that no node takes `request`.
    mutating func refuse(_ request: PlacementRequest, _ refusal: Refusal) {
        if request.pinned == nil { refused = refusal }
    }

    /// Notes that up to so many nodes more will take one.
    mutating func expect(_ more: Int) { singles.expect(more) }

    /// Notes that the node at `place` is about to take an instance, so that the index need not follow.
    mutating func willTake(_ place: Int, field: inout NodeField) { _ = makeSingle(place, &field) }

    /// Notes that the node at `place`, of which `willTake` was told, took an instance.
    mutating func didTake(_ place: Int, in rooms: [NodeRoom], _ field: NodeField) {
        guard let number = field.number(ofWithheld: place) else { return }
        refused = nil
        singles.addInstance(to: number, countsAsHosted: rules.distinct.hostsOfJob || rules.distinct.hostsOfGroup)
        valueCounts.add(toCell: singles[number].cell, outlook)
        for cell in valueCounts.changed { stands[cell].isStale = true }
        score(number, rooms)
    }

    /// Gives the index its nodes back.
    func finish(_ field: inout NodeField, _ rooms: [NodeRoom]) { field.restore(singles.places, rooms) }
}

extension PlacementRequest {
    /// Whether it treats all nodes alike that it may use.
    var isOrdinary: Bool { avoided.isEmpty && pinned == nil }
}
