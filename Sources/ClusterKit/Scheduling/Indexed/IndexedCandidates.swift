/// The nodes that admit a group, found through the placement index instead of looked at one by one: the same answers as
/// those of `Candidates`, at a cost that does not grow with the cluster.
///
/// Two kinds of nodes are told apart. On a *fresh* node nothing depends on the node itself but how full it becomes; all
/// other parts of the score are those of its group: nodes of one cell that meet the same wishes. So the best fresh node
/// of a group is the one that the index finds among the group's classes, and a group is searched again only when one of
/// its nodes was taken. A *single* node is scored by itself: it runs instances of the job already, or a request
/// treats it in a way of its own. Singles are withheld from the index until the run of requests is over.
struct IndexedCandidates {
    typealias Pick = Candidates.Pick

    /// What the session knows, lent for one call.
    struct Surroundings {
        let rooms: [NodeRoom]
        let places: [NodeID: Int]
        let algorithm: PlacementAlgorithm
    }

    /// Classes whose fresh nodes differ in nothing but how well the instance fits.
    private struct Group {
        let cell: Int
        let affinity: Double?
        let query: PlacementQuery
        /// The best node, and how well the instance fits there.
        var winner: (place: Int, position: Int, fit: Double)?
        var isStale = true
    }

    private struct GroupKey: Hashable {
        let cell: Int
        let affinity: Double?
        let coreShare: Int
    }

    /// Over classes instead of nodes: rows are their numbers.
    let outlook: Outlook
    var rules: SubjectRules { outlook.rules }
    private var groups: [Group] = []
    private var scatter: Scatter
    private var singles: SingleNodes
    private var refused: (withheld: Set<NodeID>, refusal: Refusal)?
    /// Of the last request.
    private(set) var exceptions = SingleNodes.Exceptions()

    /// Levels are bytes, and 0 admits nothing.
    private static let mostGroups = 255

    /// `nil` when the subject divides the cluster into more groups than levels can tell apart.
    init?(
        _ outlook: Outlook, held: HolderTable, in surroundings: Surroundings, field: inout NodeField
    ) {
        self.outlook = outlook
        let rules = outlook.rules
        let ofGroup = held.ofGroup(rules.instance)
        let needsJob = rules.distinct.hostsOfJob || rules.distinct.properties.contains(where: \.ofJob)
        let ofJob = needsJob ? held.ofJob(rules.instance.job) : [:]
        let kinds = field.kinds
        scatter = Scatter(outlook, ofGroup: ofGroup, ofJob: ofJob) { node in
            surroundings.places[node].map { Int(kinds[$0]) }
        }
        singles = SingleNodes(cells: outlook.cells.count)
        guard divide(field, surroundings.algorithm) else { return nil }
        for (node, _) in rules.distinct.hostsOfJob ? ofJob : ofGroup {
            guard let place = surroundings.places[node] else { continue }
            let siblings = ofGroup[node] ?? 0
            let hosted =
                rules.distinct.hostsOfJob ? ofJob[node] ?? 0 : rules.distinct.hostsOfGroup ? siblings : 0
            single(out: place, surroundings, &field, siblings: siblings, hosted: hosted)
        }
    }

    /// Sorts classes into groups, and makes the index's question for each.
    private mutating func divide(_ field: NodeField, _ algorithm: PlacementAlgorithm) -> Bool {
        var numbers: [GroupKey: Int] = [:]
        var keys: [GroupKey] = []
        var levels = Array(repeating: UInt8(0), count: outlook.positions.count)
        for (kind, position) in outlook.positions.enumerated() where position >= 0 {
            let key = GroupKey(
                cell: outlook.cell(of: position),
                affinity: outlook.affinities.isEmpty ? nil : outlook.affinities[position],
                coreShare: rules.needs.cores > 0 ? field.classes.coreShares[kind] : 0)
            let number = numbers[key] ?? keys.count
            if number == keys.count {
                guard number < Self.mostGroups else { return false }
                numbers[key] = number
                keys.append(key)
            }
            levels[kind] = UInt8(number + 1)
        }
        groups = keys.enumerated().map { number, key in
            let query = PlacementQuery(
                cpu: rules.needs.cpu(coreShare: key.coreShare), memory: rules.needs.memory, disk: rules.needs.disk,
                levels: levels, level: keys.count == 1 ? nil : UInt8(number + 1),
                goal: algorithm == .binpack ? .pack : .spread)
            return Group(cell: key.cell, affinity: key.affinity, query: field.index.prepare(query))
        }
        return true
    }

    // MARK: The best of all

    /// The node for `request`: of the first tier that has one, the best.
    mutating func best(
        for request: PlacementRequest, in surroundings: Surroundings, field: inout NodeField
    ) -> Pick? {
        exceptions = exceptions(of: request, surroundings, &field)
        if let pinned = request.pinned {
            guard let place = surroundings.places[pinned] else { return nil }
            return singles.pick(at: place, scatter, exceptions)
        }
        for tier in outlook.tiers {
            var best: Pick?
            for number in groups.indices where isOpen(groups[number].cell, in: tier) {
                if let winner = winner(of: number, against: best, surroundings, field), winner.isBetter(than: best) {
                    best = winner
                }
            }
            for cell in outlook.cells.indices where isOpen(cell, in: tier) {
                best = singles.best(ofCell: cell, or: best, scatter, exceptions)
            }
            if let best { return best }
        }
        return nil
    }

    private func isOpen(_ cell: Int, in tier: Range<Int>) -> Bool {
        // Without an operator, whose closure would copy all of this.
        guard tier.overlaps(outlook.cells[cell].blocks) else { return false }
        return scatter.isOpen(cell)
    }

    /// The best fresh node of a group, unless it cannot be better than `rival`.
    private mutating func winner(
        of number: Int, against rival: Pick?, _ surroundings: Surroundings, _ field: NodeField
    ) -> Pick? {
        let (affinity, spread) = (groups[number].affinity, scatter.spread(ofCell: groups[number].cell))
        if groups[number].isStale {
            // No fit is better than 1.
            if let rival, Self.score(1, affinity, spread) < rival.score { return nil }
            groups[number].winner = search(groups[number].query, surroundings, field).map { place in
                let fit = rules.needs.binpack(on: surroundings.rooms[place].level, surroundings.algorithm)
                return (place, outlook.positions[Int(field.kinds[place])], fit)
            }
            groups[number].isStale = false
        }
        guard let winner = groups[number].winner else { return nil }
        return Pick(
            position: winner.position, place: winner.place, score: Self.score(winner.fit, affinity, spread))
    }

    private static func score(_ fit: Double, _ affinity: Double?, _ spread: Double?) -> Double {
        var sum = PartSum(fit)
        sum.add(affinity)
        return sum.mean(penalty: nil, spread: spread)
    }

    private func search(_ query: PlacementQuery, _ surroundings: Surroundings, _ field: NodeField) -> Int? {
        let needs = rules.needs
        if needs.isPlain { return field.index.best(query).map { Int($0.node) } }
        return field.index.best(query) { Shortage.fits(needs, on: surroundings.rooms[Int($0)]) }.map { Int($0.node) }
    }

    // MARK: What is known of nodes

    /// Parts of the score that nodes have in common.
    struct Rest: Hashable {
        let affinity: Double?
        let spread: Double?
    }

    /// Whether the node at `place` is scored by itself.
    func isSingle(_ place: Int) -> Bool { singles.contains(place) }

    /// The nodes that are.
    var singlePlaces: some Sequence<Int> { singles.places }

    /// What is known of such a node.
    func member(at place: Int) -> SingleNodes.Member? { singles.member(at: place) }

    /// Whether rules about descriptions and about many nodes admit the node at `place`, and it belongs to `tier`.
    func isOpen(_ place: Int, in tier: Range<Int>? = nil, _ field: NodeField) -> Bool {
        let position = outlook.positions[Int(field.kinds[place])]
        guard position >= 0 else { return false }
        let cell = outlook.cell(of: position)
        guard let tier else { return scatter.isOpen(cell) }
        return isOpen(cell, in: tier)
    }

    /// What the node at `place`, which is open, has in common with others.
    func rest(at place: Int, _ field: NodeField) -> Rest {
        let position = outlook.positions[Int(field.kinds[place])]
        return Rest(
            affinity: outlook.affinities.isEmpty ? nil : outlook.affinities[position],
            spread: scatter.spread(ofCell: outlook.cell(of: position)))
    }

    /// What open nodes of `tier` have in common, each once.
    func rests(in tier: Range<Int>) -> [Rest] {
        let open = groups.filter { isOpen($0.cell, in: tier) }
        return Array(Set(open.map { Rest(affinity: $0.affinity, spread: scatter.spread(ofCell: $0.cell)) }))
    }

    // MARK: Single nodes

    /// Looks at the node at `place` by itself from now on, and gives its number, if it is admitted and was not single.
    private mutating func single(
        out place: Int, _ field: inout NodeField, siblings: Int = 0, hosted: Int = 0
    ) -> Int? {
        let position = outlook.positions[Int(field.kinds[place])]
        guard position >= 0, !singles.contains(place) else { return nil }
        field.withhold(place)
        return singles.add(
            SingleNodes.Member(
                place: place, position: position, cell: outlook.cell(of: position), siblings: siblings, hosted: hosted))
    }

    /// The same, with what it offers.
    private mutating func single(
        out place: Int, _ surroundings: Surroundings, _ field: inout NodeField, siblings: Int = 0, hosted: Int = 0
    ) {
        if let number = single(out: place, &field, siblings: siblings, hosted: hosted) { score(number, surroundings) }
    }

    private mutating func score(_ number: Int, _ surroundings: Surroundings) {
        singles.setScore(of: number, to: ownScore(of: singles[number], surroundings), scatter)
    }

    private func ownScore(of member: SingleNodes.Member, _ surroundings: Surroundings) -> PartSum? {
        let (needs, level) = (rules.needs, surroundings.rooms[member.place].level)
        guard member.hosted == 0, Shortage.fits(needs, on: level),
            needs.isPlain || Shortage.fits(needs, on: surroundings.rooms[member.place])
        else { return nil }
        var score = FitScore(binpack: needs.binpack(on: level, surroundings.algorithm))
        score.antiAffinity = FitScore.antiAffinity(siblings: member.siblings, count: rules.subject.group.count)
        if !outlook.affinities.isEmpty { score.affinity = outlook.affinities[member.position] }
        return score.own
    }

    private mutating func exceptions(
        of request: PlacementRequest, _ surroundings: Surroundings, _ field: inout NodeField
    ) -> SingleNodes.Exceptions {
        var exceptions = SingleNodes.Exceptions()
        if request.avoided.isEmpty, request.withheld.isEmpty, request.pinned == nil { return exceptions }
        for node in request.avoided {
            guard let place = surroundings.places[node] else { continue }
            single(out: place, surroundings, &field)
            exceptions.avoided.insert(place)
        }
        for node in request.withheld {
            guard let place = surroundings.places[node] else { continue }
            single(out: place, surroundings, &field)
            exceptions.withheld.insert(place)
        }
        if let pinned = request.pinned, let place = surroundings.places[pinned] {
            single(out: place, surroundings, &field)
        }
        invalidate()
        return exceptions
    }

    /// Nodes may have left the index since they won.
    private mutating func invalidate() {
        for number in groups.indices where groups[number].winner.map({ singles.contains($0.place) }) ?? false {
            groups[number].isStale = true
        }
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

    /// Notes that the node at `place` is about to take an instance, so that the index need not follow.
    mutating func takes(_ place: Int, field: inout NodeField) {
        guard !singles.contains(place) else { return }
        _ = single(out: place, &field)
        for number in groups.indices where groups[number].winner?.place == place { groups[number].isStale = true }
    }

    /// Notes that the node at `place`, of which `takes` was told, took an instance.
    mutating func took(_ place: Int, in surroundings: Surroundings) {
        guard let number = singles.number(of: place) else { return }
        refused = nil
        singles.count(number, hosts: rules.distinct.hostsOfJob || rules.distinct.hostsOfGroup)
        score(number, surroundings)
        for other in scatter.add(toCell: singles[number].cell, outlook) { singles.reconsider(other) }
    }

    /// Gives the index its nodes back.
    func finish(_ field: inout NodeField, _ rooms: [NodeRoom]) {
        for place in singles.places { field.restore(place, free: rooms[place].free) }
    }
}
