/// What comes free on one node when less important work ends, summed by priority: enough to pass over most nodes on
/// which preemption would not help without a look at each allocation.
struct YieldingWork: Sendable {
    /// All that has one priority.
    private struct Band: Sendable {
        let priority: Int
        var count = 0
        var amounts = PlacementIndex.Amounts.none
        /// No one has more; it does not shrink before all have ended.
        var largest = PlacementIndex.Amounts.none
    }

    /// By priority, the lowest first; none is empty.
    private var bands: [Band] = []

    mutating func add(_ amounts: PlacementIndex.Amounts, at priority: Int) {
        let place = bands.firstIndex { $0.priority >= priority } ?? bands.count
        if place == bands.count || bands[place].priority != priority {
            bands.insert(Band(priority: priority), at: place)
        }
        bands[place].count += 1
        bands[place].amounts.add(amounts)
        bands[place].largest = .each(bands[place].largest, amounts, max)
    }

    mutating func remove(_ amounts: PlacementIndex.Amounts, at priority: Int) {
        guard let place = bands.firstIndex(where: { $0.priority == priority }) else { return }
        bands[place].count -= 1
        bands[place].amounts.subtract(amounts)
        if bands[place].count <= 0 { bands.remove(at: place) }
    }

    /// The lowest priority.
    var lowest: Int? { bands.first?.priority }

    /// What all have whose priority is at most `limit`, and the most that one of them has of each amount.
    func extent(upTo limit: Int = .max) -> (sum: PlacementIndex.Amounts, largest: PlacementIndex.Amounts) {
        var (sum, largest) = (PlacementIndex.Amounts.none, PlacementIndex.Amounts.none)
        for band in bands {
            guard band.priority <= limit else { break }
            sum.add(band.amounts)
            largest = .each(largest, band.largest, max)
        }
        return (sum, largest)
    }

    /// Shows `body` each priority, the lowest first, and what all have up to it.
    func accumulate(_ body: (_ priority: Int, _ sum: PlacementIndex.Amounts) -> Void) {
        var sum = PlacementIndex.Amounts.none
        for band in bands {
            sum.add(band.amounts)
            body(band.priority, sum)
        }
    }
}

extension PlacementIndex.Amounts {
    static let none = Self(cpu: 0, memory: 0)

    /// Amount by amount.
    static func each(_ left: Self, _ right: Self, _ choose: (Int, Int) -> Int) -> Self {
        Self(
            cpu: choose(left.cpu, right.cpu), memory: choose(left.memory, right.memory),
            disk: choose(left.disk, right.disk))
    }

    mutating func add(_ other: Self) {
        cpu &+= other.cpu
        memory &+= other.memory
        disk &+= other.disk
    }

    mutating func subtract(_ other: Self) {
        cpu &-= other.cpu
        memory &-= other.memory
        disk &-= other.disk
    }
}
