/// The best of the fresh nodes: those that run nothing of the job yet and that no request treats specially, so that
/// only how full they become tells them apart.
///
/// All other parts of their scores are those of their group: classes of one cell that meet the same wishes. The best
/// node of a group is the one that the index finds among its classes, and it is asked again only when that node, and
/// those that are as full, were taken.
struct FreshNodes {
    typealias Pick = Candidates.Pick

    private struct Winner {
        let place: Int
        let position: Int
        /// How well the instance fits there.
        let fit: Double
    }

    private struct ClassGroup {
        let key: Key
        let query: PlacementQuery
        var winner: Winner?
        /// Those that are best after it, for they are as full as it is; the next one last.
        var followers: [Int32] = []
        var isStale = true
    }

    private struct Key: Hashable {
        let cell: Int
        let affinity: Double?
        let coreShare: Int
    }

    private let needs: GroupNeeds
    /// In the order of their cells.
    private var groups: [ClassGroup] = []
    /// By cell, its groups.
    private var ranges: [Range<Int>] = []
    private var fits: FitMemory
    /// How often the index was asked.
    private(set) var searches = 0

    /// Levels are bytes, and 0 admits nothing.
    private static let mostGroups = 255
    /// Beyond so many the index is asked again.
    private static let mostFollowers = 1024

    /// `nil` when the subject divides the cluster into more groups than levels can tell apart.
    init?(_ outlook: Outlook, _ field: NodeField, _ algorithm: PlacementAlgorithm) {
        needs = outlook.rules.needs
        fits = FitMemory(needs, algorithm)
        let kinds = outlook.positions.indices.filter { outlook.positions[$0] >= 0 }
        let keys = kinds.map { Self.key(ofClass: $0, outlook, field) }
        let order = kinds.indices.sorted { (keys[$0].cell, $0) < (keys[$1].cell, $1) }
        var numbers: [Key: Int] = [:]
        var distinct: [Key] = []
        var levels = Array(repeating: UInt8(0), count: outlook.positions.count)
        for kind in order {
            let number = numbers[keys[kind]] ?? distinct.count
            if number == distinct.count {
                guard number < Self.mostGroups else { return nil }
                numbers[keys[kind]] = number
                distinct.append(keys[kind])
            }
            levels[kinds[kind]] = UInt8(number + 1)
        }
        for (number, key) in distinct.enumerated() {
            let query = PlacementQuery(
                cpu: needs.cpu(coreShare: key.coreShare), memory: needs.memory, disk: needs.disk, levels: levels,
                level: distinct.count == 1 ? nil : UInt8(number + 1), goal: algorithm)
            groups.append(ClassGroup(key: key, query: field.index.prepare(query)))
        }
        var end = 0
        for cell in outlook.cells.indices {
            let start = end
            while end < groups.count, groups[end].key.cell == cell { end += 1 }
            ranges.append(start..<end)
        }
    }

    private static func key(ofClass kind: Int, _ outlook: Outlook, _ field: NodeField) -> Key {
        let position = outlook.positions[kind]
        return Key(
            cell: outlook.cell(of: position), affinity: outlook.affinities.isEmpty ? nil : outlook.affinities[position],
            coreShare: outlook.rules.needs.cores > 0 ? field.classes.coreShares[kind] : 0)
    }

    /// The cells, and what nodes of each get for wishes that they meet.
    var affinities: some Sequence<(cell: Int, affinity: Double?)> {
        groups.lazy.map { ($0.key.cell, $0.key.affinity) }
    }

    /// The best node of a cell that stands as `spread` says, and whether all were looked at: who cannot be better than
    /// `rival` need not be.
    mutating func best(
        ofCell cell: Int, spread: Double?, against rival: Pick?, _ outlook: Outlook, _ rooms: [NodeRoom],
        _ field: inout NodeField, wanted: Int
    ) -> (pick: Pick?, isWhole: Bool) {
        var (best, isWhole): (Pick?, Bool) = (nil, true)
        for number in ranges[cell] {
            let affinity = groups[number].key.affinity
            if groups[number].isStale {
                // No fit is better than 1.
                let bound = Self.score(1, affinity, spread)
                if let best, bound < best.score { continue }
                if let rival, bound < rival.score {
                    isWhole = false
                    continue
                }
                search(number, outlook, rooms, &field, wanted: wanted)
            }
            guard let winner = groups[number].winner else { continue }
            let score = Self.score(winner.fit, affinity, spread)
            let pick = Pick(position: winner.position, place: winner.place, score: score)
            if pick.isBetter(than: best) { best = pick }
        }
        return (best, isWhole)
    }

    private static func score(_ fit: Double, _ affinity: Double?, _ spread: Double?) -> Double {
        var sum = PartSum(fit)
        sum.add(affinity)
        return sum.mean(penalty: nil, spread: spread)
    }

    private mutating func search(
        _ number: Int, _ outlook: Outlook, _ rooms: [NodeRoom], _ field: inout NodeField, wanted: Int
    ) {
        searches += 1
        groups[number].isStale = false
        groups[number].winner = nil
        groups[number].followers.removeAll(keepingCapacity: true)
        field.settle()
        if needs.isPlain {
            // The share of one group: a long run asks again when it is used up, and a single instance pays for one
            // only.
            let most = min(wanted / groups.count + 1, Self.mostFollowers)
            field.index.succession(groups[number].query, most: most, into: &groups[number].followers)
            // Removes nobody, for index and rooms agree. It reads all rooms in one go, so that the accesses to memory
            // overlap.
            groups[number].followers.removeAll { !needs.fit(on: rooms[Int($0)].gauge) }
        } else {
            let needs = needs
            let choice = field.index.best(groups[number].query) { needs.fit(on: rooms[Int($0)]) }
            if let choice { groups[number].followers.append(choice.node) }
        }
        guard let node = groups[number].followers.popLast() else { return }
        let place = Int(node)
        let fit = fits.fit(rooms[place].gauge)
        groups[number].winner = Winner(place: place, position: outlook.positions[Int(field.kinds[place])], fit: fit)
    }

    /// Notes that the node at `place`, in `cell`, is not fresh any more. The next one that looks like it follows.
    mutating func dismiss(_ place: Int, fromCell cell: Int, _ outlook: Outlook, _ field: NodeField) {
        for number in ranges[cell] {
            guard let winner = groups[number].winner, winner.place == place else { continue }
            groups[number].winner = follower(of: winner, inGroup: number, outlook, field)
            groups[number].isStale = groups[number].winner == nil
        }
    }

    private mutating func follower(
        of winner: Winner, inGroup number: Int, _ outlook: Outlook, _ field: NodeField
    ) -> Winner? {
        while let next = groups[number].followers.popLast() {
            let place = Int(next)
            if field.number(ofWithheld: place) != nil { continue }
            return Winner(place: place, position: outlook.positions[Int(field.kinds[place])], fit: winner.fit)
        }
        return nil
    }
}
