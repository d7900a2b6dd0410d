import ClusterKit

/// What runs somewhere.
struct Tenant: Equatable {
    var node: Int32
    var shape: Int32
}

/// A cluster on which the same decisions are asked of a contender again and again.
struct Field<Player: Contender> {
    var player: Player
    private(set) var tenants: [Tenant] = []
    private let shapes: [Shape]
    private let queries: [PlacementQuery]
    private let draw: ShapeDraw

    /// What runs already, the contender knows.
    init(_ player: Player, _ shapes: [Shape], _ queries: [PlacementQuery], tenants: [Tenant] = []) {
        self.player = player
        self.shapes = shapes
        self.queries = player.prepared(queries)
        self.tenants = tenants
        draw = ShapeDraw(shapes)
    }

    /// Places until `cpu` MHz are held, there are `most` tenants, or 200 instances in a row found no room. Gives how
    /// many were placed.
    mutating func fill(toCPU cpu: Int = .max, most: Int, _ entropy: inout Entropy) -> Int {
        var (held, misses) = (tenants.reduce(0) { $0 + shapes[Int($1.shape)].cpu }, 0)
        let before = tenants.count
        while held < cpu, misses < 200, tenants.count < most {
            let shape = draw.next(&entropy)
            guard let node = player.place(queries[shape]) else {
                misses += 1
                continue
            }
            misses = 0
            held += shapes[shape].cpu
            tenants.append(Tenant(node: node, shape: Int32(shape)))
        }
        return tenants.count - before
    }

    /// Takes over what runs elsewhere.
    mutating func settle(_ others: [Tenant]) {
        for tenant in others { player.take(shapes[Int(tenant.shape)].amounts, from: tenant.node) }
        tenants = others
    }

    /// A departure and a placement, `steps` times. Gives how many placements found room.
    mutating func churn(_ steps: Int, _ entropy: inout Entropy) -> Int {
        var placed = 0
        for _ in 0..<steps where !tenants.isEmpty {
            let place = entropy.below(tenants.count)
            let old = tenants[place]
            player.give(shapes[Int(old.shape)].amounts, to: old.node)
            let shape = draw.next(&entropy)
            if let node = player.place(queries[shape]) {
                tenants[place] = Tenant(node: node, shape: Int32(shape))
                placed += 1
            } else {
                tenants[place] = tenants[tenants.count - 1]
                tenants.removeLast()
            }
        }
        return placed
    }

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

    /// The sums of what is held.
    var held: PlacementIndex.Amounts {
        tenants.reduce(into: PlacementIndex.Amounts(cpu: 0, memory: 0)) { sum, tenant in
            let shape = shapes[Int(tenant.shape)]
            sum.cpu += shape.cpu
            sum.memory += shape.memory
            sum.disk += shape.disk
        }
    }
}
