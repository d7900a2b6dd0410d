/// What comes free on one node when less important work ends, summed by priority: enough to pass over most nodes on
/// which preemption would not help without a look at each allocation.
struct YieldingWork: Sendable {
    struct Amounts: Sendable {
        var cpu = 0
        var memory = 0
        var disk = 0
    }

    /// All that has one priority.
    private struct Band: Sendable {
        let priority: Int
        var count = 0
        var amounts = Amounts()
    }

    /// By priority, the lowest first; none is empty.
    private var bands: [Band] = []

    mutating func add(_ amounts: Amounts, at priority: Int) {
        let place = bands.firstIndex { $0.priority >= priority } ?? bands.count
        if place == bands.count || bands[place].priority != priority {
            bands.insert(Band(priority: priority), at: place)
        }
        bands[place].count += 1
        bands[place].amounts.add(amounts)
    }

    mutating func remove(_ amounts: Amounts, at priority: Int) {
        guard let place = bands.firstIndex(where: { $0.priority == priority }) else { return }
        bands[place].count -= 1
        bands[place].amounts.subtract(amounts)
        if bands[place].count <= 0 { bands.remove(at: place) }
    }

    /// The lowest priority.
    var lowest: Int? { bands.first?.priority }

    /// What all have whose priority is at most `limit`.
    func sum(upTo limit: Int) -> Amounts {
        var sum = Amounts()
        for band in bands {
            guard band.priority <= limit else { break }
            sum.add(band.amounts)
        }
        return sum
    }
}

extension YieldingWork.Amounts {
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
