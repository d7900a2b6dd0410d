import ClusterKit

/// What runs somewhere.
struct Tenant: Equatable {
    var node: Int32
    var shape: Int32
}

/// How many instances were placed at once.
struct Filling {
    let placed: Int
    /// What part of the load was held when so many in a row found no room that it ended; `nil` where it did not end so,
    /// or where that is how it should end.
    let shortOf: Double?

    /// So many in a row may find no room.
    static let mostMisses = 200
}

/// A cluster on which the same decisions are asked of a contender again and again.
struct Field<Player: Contender> {
    var player: Player
    private(set) var tenants: [Tenant] = []
    /// The sums of what is held.
    private(set) var held = PlacementIndex.Amounts(cpu: 0, memory: 0)
    /// What churn keeps up: as much as was held when the cluster had been filled.
    private(set) var load = PlacementIndex.Amounts(cpu: 0, memory: 0)
    /// Whether instances were missed since so much was held.
    private var isShort = false
    /// Departures for which nobody came yet.
    private var vacant = 0
    private let shapes: [Shape]
    private let queries: [Player.Query]
    private let draw: ShapeDraw

    init(_ player: Player, _ shapes: [Shape], _ queries: [PlacementQuery]) {
        self.player = player
        self.shapes = shapes
        self.queries = player.prepared(queries)
        draw = ShapeDraw(shapes)
    }

    /// The same cluster for another contender, which knows what runs already.
    init<Other>(_ player: Player, _ queries: [PlacementQuery], as other: Field<Other>) {
        self.init(player, other.shapes, queries)
        (tenants, held, load) = (other.tenants, other.held, other.load)
        (isShort, vacant) = (other.isShort, other.vacant)
    }

    /// The same for a contender whose machines are empty yet.
    init<Other>(settling player: Player, _ queries: [PlacementQuery], as other: Field<Other>) {
        self.init(player, queries, as: other)
        for tenant in tenants { self.player.take(shapes[Int(tenant.shape)].amounts, from: tenant.node) }
    }

    /// One that shares no memory with this one.
    func copied() -> Field {
        var copy = self
        copy.player = player.copied()
        return copy
    }

    /// Places until as much processor time or memory is held as `load` has, there are `most` tenants, or too many
    /// instances in a row found no room.
    mutating func fill(
        to load: PlacementIndex.Amounts = .boundless, most: Int, _ entropy: inout Entropy
    ) -> Filling {
        var misses = 0
        let before = tenants.count
        while held.cpu < load.cpu, held.memory < load.memory, misses < Filling.mostMisses, tenants.count < most {
            let shape = draw.next(&entropy)
            guard let node = player.place(queries[shape]) else {
                misses += 1
                continue
            }
            misses = 0
            held.add(shapes[shape], times: 1)
            tenants.append(Tenant(node: node, shape: Int32(shape)))
        }
        self.load = held
        let isOver = misses == Filling.mostMisses && load != .boundless
        return Filling(placed: tenants.count - before, shortOf: isOver ? held.part(of: load) : nil)
    }

    /// A departure and a placement, `steps` times. After one that found no room another comes with each step until the
    /// load is back. Gives how many departures somebody came for.
    mutating func churn(_ steps: Int, _ entropy: inout Entropy) -> Int {
        var placed = 0
        for _ in 0..<steps where !tenants.isEmpty {
            let place = entropy.below(tenants.count)
            let old = tenants[place]
            player.give(shapes[Int(old.shape)].amounts, to: old.node)
            held.add(shapes[Int(old.shape)], times: -1)
            let shape = draw.next(&entropy)
            if let node = player.place(queries[shape]) {
                tenants[place] = Tenant(node: node, shape: Int32(shape))
                held.add(shapes[shape], times: 1)
                placed += 1
            } else {
                tenants[place] = tenants[tenants.count - 1]
                tenants.removeLast()
                (isShort, vacant) = (true, vacant + 1)
            }
            if isShort { placed += catchUp(&entropy) }
        }
        return placed
    }

    /// One more comes. Gives 1 where it takes the place of one that left.
    private mutating func catchUp(_ entropy: inout Entropy) -> Int {
        guard held.cpu < load.cpu, held.memory < load.memory else {
            (isShort, vacant) = (false, 0)
            return 0
        }
        let shape = draw.next(&entropy)
        guard let node = player.place(queries[shape]) else { return 0 }
        held.add(shapes[shape], times: 1)
        tenants.append(Tenant(node: node, shape: Int32(shape)))
        guard vacant > 0 else { return 0 }
        vacant -= 1
        return 1
    }

    /// What part of the load is held.
    var heldPart: Double { held.part(of: load) }

    /// Twice the population leaves and comes, so that the order of arrival is forgotten.
    mutating func churnThrough(_ entropy: inout Entropy) { _ = churn(min(4_000_000, tenants.count * 2), &entropy) }

    /// How many departures and placements in turn it makes in a second, over about so many seconds, in steps that grow.
    mutating func churnRate(_ seconds: Double, seed: UInt64) -> (perSecond: Double, seconds: Double, placed: Int) {
        var entropy = Entropy(seed: seed)
        var (placed, time, steps) = (0, 0.0, 16)
        while time < seconds, !tenants.isEmpty {
            time += Clocks.measure { placed += churn(steps, &entropy) }
            if time < seconds / 8 { steps *= 2 }
        }
        return (Double(placed) / time, time, placed)
    }

    /// How many nodes hold something.
    func used(of nodes: Int) -> Int {
        var isUsed = Array(repeating: false, count: nodes)
        for tenant in tenants { isUsed[Int(tenant.node)] = true }
        return isUsed.count { $0 }
    }
}

extension PlacementIndex.Amounts {
    /// More than is ever held.
    static let boundless = PlacementIndex.Amounts(cpu: .max, memory: .max)

    mutating func add(_ shape: Shape, times: Int) {
        cpu += shape.cpu * times
        memory += shape.memory * times
        disk += shape.disk * times
    }

    /// What part of a load this is, by the amount of which there is more.
    func part(of load: PlacementIndex.Amounts) -> Double {
        max(Double(cpu) / Double(max(1, load.cpu)), Double(memory) / Double(max(1, load.memory)))
    }
}
