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
        /// Those that are best after it, because nothing tells them apart from it but their names; the next one last.
        var followers: [Int32] = []
        var isStale = true

        /// What the best node offers.
        func pick(_ spread: Double?) -> Pick? {
            guard let winner else { return nil }
            return Pick(
                position: winner.position, place: winner.place,
                score: IndexedCandidates.score(winner.fit, affinity, spread))
        }
    }

    private struct GroupKey: Hashable {
        let cell: Int
        let affinity: Double?
        let coreShare: Int
    }

    /// What is known of one cell.
    private struct Stand {
        let groups: Range<Int>
        /// The best of its nodes, single or fresh.
        var best: Pick?
        var isStale = true
    }

    /// Over classes instead of nodes: rows are their numbers.
    let outlook: Outlook
    var rules: SubjectRules { outlook.rules }
    private let algorithm: PlacementAlgorithm
    /// In the order of their cells.
    private var groups: [Group] = []
    /// By cell.
    private var stands: [Stand] = []
    private var scatter: Scatter
    private var singles: SingleNodes
    private var fits: (fresh: FitMemory, single: FitMemory)
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
        algorithm = surroundings.algorithm
        let rules = outlook.rules
        let memory = FitMemory(rules.needs, algorithm)
        fits = (memory, memory)
        let ofGroup = held.ofGroup(rules.instance)
        let needsJob = rules.distinct.hostsOfJob || rules.distinct.properties.contains(where: \.ofJob)
        let ofJob = needsJob ? held.ofJob(rules.instance.job) : [:]
        let kinds = field.kinds
        scatter = Scatter(outlook, ofGroup: ofGroup, ofJob: ofJob) { node in
            surroundings.places[node].map { Int(kinds[$0]) }
        }
        singles = SingleNodes(cells: outlook.cells.count)
        guard divide(field) else { return nil }
        for (node, _) in rules.distinct.hostsOfJob ? ofJob : ofGroup {
            guard let place = surroundings.places[node] else { continue }
            let siblings = ofGroup[node] ?? 0
            let hosted =
                rules.distinct.hostsOfJob ? ofJob[node] ?? 0 : rules.distinct.hostsOfGroup ? siblings : 0
            single(out: place, surroundings.rooms, &field, siblings: siblings, hosted: hosted)
        }
    }

    /// Sorts classes into groups, and makes the index's question for each.
    private mutating func divide(_ field: NodeField) -> Bool {
        let kinds = outlook.positions.indices.filter { outlook.positions[$0] >= 0 }
        let keys = kinds.map { key(ofClass: $0, field) }
        let order = kinds.indices.sorted { (keys[$0].cell, $0) < (keys[$1].cell, $1) }
        var numbers: [GroupKey: Int] = [:]
        var distinct: [GroupKey] = []
        var levels = Array(repeating: UInt8(0), count: outlook.positions.count)
        for kind in order {
            let number = numbers[keys[kind]] ?? distinct.count
            if number == distinct.count {
                guard number < Self.mostGroups else { return false }
                numbers[keys[kind]] = number
                distinct.append(keys[kind])
            }
            levels[kinds[kind]] = UInt8(number + 1)
        }
        groups = distinct.enumerated().map { number, key in
            let query = PlacementQuery(
                cpu: rules.needs.cpu(coreShare: key.coreShare), memory: rules.needs.memory, disk: rules.needs.disk,
                levels: levels, level: distinct.count == 1 ? nil : UInt8(number + 1),
                goal: algorithm == .binpack ? .pack : .spread)
            return Group(cell: key.cell, affinity: key.affinity, query: field.index.prepare(query))
        }
        var end = 0
        stands = outlook.cells.indices.map { cell in
            let start = end
            while end < groups.count, groups[end].cell == cell { end += 1 }
            return Stand(groups: start..<end)
        }
        return true
    }

    private func key(ofClass kind: Int, _ field: NodeField) -> GroupKey {
        let position = outlook.positions[kind]
        return GroupKey(
            cell: outlook.cell(of: position), affinity: outlook.affinities.isEmpty ? nil : outlook.affinities[position],
            coreShare: rules.needs.cores > 0 ? field.classes.coreShares[kind] : 0)
    }

    // MARK: The best of all

    /// The node for a request that treats all nodes alike: of the first tier that has one, the best.
    mutating func best(_ rooms: [NodeRoom], _ field: NodeField) -> Pick? {
        var (best, tier): (Pick?, Int) = (nil, 0)
        for cell in stands.indices {
            if outlook.cells[cell].tier != tier {
                if best != nil { return best }
                tier = outlook.cells[cell].tier
            }
            guard scatter.isOpen(cell) else { continue }
            if stands[cell].isStale {
                let pick = bestAnew(ofCell: cell, against: best, rooms, field)
                if let pick, pick.isBetter(than: best) { best = pick }
            } else if let pick = stands[cell].best, pick.isBetter(than: best) {
                best = pick
            }
        }
        return best
    }

    /// The best node of a cell, as far as that matters: who cannot be better than `rival` is not looked at.
    private mutating func bestAnew(
        ofCell cell: Int, against rival: Pick?, _ rooms: [NodeRoom], _ field: NodeField
    ) -> Pick? {
        let spread = scatter.spread(ofCell: cell)
        var (best, isWhole): (Pick?, Bool) = (nil, true)
        for number in stands[cell].groups {
            if groups[number].isStale {
                // No fit is better than 1.
                let bound = Self.score(1, groups[number].affinity, spread)
                if let best, bound < best.score { continue }
                if let rival, bound < rival.score {
                    isWhole = false
                    continue
                }
                search(number, rooms, field)
            }
            if let pick = groups[number].pick(spread), pick.isBetter(than: best) { best = pick }
        }
        let bound = singles.bound(ofCell: cell, spread: spread)
        if bound >= best?.score ?? -.infinity {
            if let rival, bound < rival.score {
                isWhole = false
            } else if let pick = singles.best(ofCell: cell, spread: spread), pick.isBetter(than: best) {
                best = pick
            }
        }
        (stands[cell].best, stands[cell].isStale) = (best, !isWhole)
        return best
    }

    private static func score(_ fit: Double, _ affinity: Double?, _ spread: Double?) -> Double {
        var sum = PartSum(fit)
        sum.add(affinity)
        return sum.mean(penalty: nil, spread: spread)
    }

    /// Finds the best fresh node of a group.
    private mutating func search(_ number: Int, _ rooms: [NodeRoom], _ field: NodeField) {
        groups[number].isStale = false
        groups[number].winner = nil
        groups[number].followers.removeAll(keepingCapacity: true)
        let needs = rules.needs
        if needs.isPlain {
            field.index.best(groups[number].query, most: Self.mostFollowers, into: &groups[number].followers)
        } else if let choice = field.index.best(
            groups[number].query, where: { Shortage.fits(needs, on: rooms[Int($0)]) })
        {
            groups[number].followers.append(choice.node)
        }
        guard let place = groups[number].followers.popLast().map(Int.init) else { return }
        let fit = fits.fresh.fit(rooms[place].level)
        groups[number].winner = (place, outlook.positions[Int(field.kinds[place])], fit)
    }

    /// Beyond so many the index is asked again.
    private static let mostFollowers = 64

    /// Notes that the node at `place` is not fresh any more. The next one that looks like it takes its place.
    private mutating func dismiss(_ place: Int, fromGroup number: Int, _ field: NodeField) {
        guard groups[number].winner?.place == place else { return }
        while let next = groups[number].followers.popLast().map(Int.init) {
            guard field.number(ofWithheld: next) == nil else { continue }
            groups[number].winner?.place = next
            return
        }
        groups[number].isStale = true
    }

    /// The node for any request.
    mutating func best(
        for request: PlacementRequest, in surroundings: Surroundings, field: inout NodeField
    ) -> Pick? {
        exceptions = exceptions(of: request, surroundings, &field)
        if let pinned = request.pinned {
            guard let place = surroundings.places[pinned], let number = field.number(ofWithheld: place) else {
                return nil
            }
            return singles.pick(number, scatter, exceptions)
        }
        if exceptions.isEmpty { return best(surroundings.rooms, field) }
        for tier in outlook.tiers {
            var best: Pick?
            for cell in outlook.cells.indices where isOpen(cell, in: tier) {
                for number in stands[cell].groups {
                    if groups[number].isStale { search(number, surroundings.rooms, field) }
                    let pick = groups[number].pick(scatter.spread(ofCell: cell))
                    if let pick, pick.isBetter(than: best) { best = pick }
                }
                let pick = singles.best(ofCell: cell, scatter, exceptions)
                if let pick, pick.isBetter(than: best) { best = pick }
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

    // MARK: What is known of nodes

    /// Parts of the score that nodes have in common.
    struct Rest: Hashable {
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
        guard position >= 0, field.number(ofWithheld: place) == nil else { return nil }
        let (number, cell) = (singles.count, outlook.cell(of: position))
        field.withhold(place, as: number)
        singles.add(
            SingleNodes.Member(place: place, position: position, cell: cell, siblings: siblings, hosted: hosted))
        for number in stands[cell].groups { dismiss(place, fromGroup: number, field) }
        stands[cell].isStale = true
        return number
    }

    /// The same, with what it offers.
    private mutating func single(
        out place: Int, _ rooms: [NodeRoom], _ field: inout NodeField, siblings: Int = 0, hosted: Int = 0
    ) {
        if let number = single(out: place, &field, siblings: siblings, hosted: hosted) { score(number, rooms) }
    }

    private mutating func score(_ number: Int, _ rooms: [NodeRoom]) {
        let member = singles[number]
        stands[member.cell].isStale = true
        singles.setScore(
            of: number, to: ownScore(of: member, rooms), spread: scatter.spread(ofCell: member.cell))
    }

    private mutating func ownScore(of member: SingleNodes.Member, _ rooms: [NodeRoom]) -> PartSum? {
        let (needs, level) = (rules.needs, rooms[member.place].level)
        guard member.hosted == 0, Shortage.fits(needs, on: level),
            needs.isPlain || Shortage.fits(needs, on: rooms[member.place])
        else { return nil }
        var score = FitScore(binpack: fits.single.fit(level))
        score.antiAffinity = FitScore.antiAffinity(siblings: member.siblings, count: rules.subject.group.count)
        if !outlook.affinities.isEmpty { score.affinity = outlook.affinities[member.position] }
        return score.own
    }

    private mutating func exceptions(
        of request: PlacementRequest, _ surroundings: Surroundings, _ field: inout NodeField
    ) -> SingleNodes.Exceptions {
        var exceptions = SingleNodes.Exceptions()
        if request.isOrdinary { return exceptions }
        for node in request.avoided {
            guard let place = surroundings.places[node] else { continue }
            single(out: place, surroundings.rooms, &field)
            exceptions.avoided.insert(place)
        }
        for node in request.withheld {
            guard let place = surroundings.places[node] else { continue }
            single(out: place, surroundings.rooms, &field)
            exceptions.withheld.insert(place)
        }
        if let pinned = request.pinned, let place = surroundings.places[pinned] {
            single(out: place, surroundings.rooms, &field)
        }
        return exceptions
    }

    // MARK: What follows from an answer

    /// The answer to `request` when one like it was refused.
    func refusal(of request: PlacementRequest) -> Refusal? {
        guard let refused, request.pinned == nil, request.withheld == refused.withheld else { return nil }
        return refused.refusal
    }

    /// Whether a request was refused since the last one that was placed.
    var hasRefused: Bool { refused != nil }

    /// Notes that no node takes `request`.
    mutating func refuse(_ request: PlacementRequest, _ refusal: Refusal) {
        if request.pinned == nil { refused = (request.withheld, refusal) }
    }

    /// Notes that the node at `place` is about to take an instance, so that the index need not follow.
    mutating func takes(_ place: Int, field: inout NodeField) { _ = single(out: place, &field) }

    /// Notes that the node at `place`, of which `takes` was told, took an instance.
    mutating func took(_ place: Int, in rooms: [NodeRoom], _ field: NodeField) {
        guard let number = field.number(ofWithheld: place) else { return }
        refused = nil
        singles.count(number, hosts: rules.distinct.hostsOfJob || rules.distinct.hostsOfGroup)
        scatter.add(toCell: singles[number].cell, outlook)
        for cell in scatter.changed {
            singles.reconsider(cell)
            stands[cell].isStale = true
        }
        score(number, rooms)
    }

    /// Gives the index its nodes back.
    func finish(_ field: inout NodeField, _ rooms: [NodeRoom]) {
        for place in singles.places { field.restore(place, free: rooms[place].free) }
    }
}

extension PlacementRequest {
    /// Whether it treats all nodes alike.
    var isOrdinary: Bool { avoided.isEmpty && withheld.isEmpty && pinned == nil }
}
