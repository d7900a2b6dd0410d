import ClusterKit

/// Something that places: the index, or one of the two scans.
protocol Contender {
    mutating func place(_ query: PlacementQuery) -> Int32?
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32)
}

struct IndexContender: Contender {
    var index: PlacementIndex

    init(_ machines: [Machine]) {
        index = PlacementIndex(expecting: machines.count)
        for (number, machine) in machines.enumerated() {
            index.insert(Int32(number), capacity: machine.amounts, class: machine.kind, free: machine.amounts)
        }
    }

    mutating func place(_ query: PlacementQuery) -> Int32? { index.place(query)?.node }
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { index.give(amounts, to: node) }
}

struct ArrayContender: Contender {
    private var scan = ArrayScan()

    init(_ machines: [Machine]) {
        for machine in machines { scan.append(capacity: machine.amounts, class: machine.kind, free: machine.amounts) }
    }

    mutating func take(_ amounts: PlacementIndex.Amounts, from node: Int32) { scan.take(amounts, from: node) }
    mutating func place(_ query: PlacementQuery) -> Int32? { scan.place(query)?.node }
    mutating func give(_ amounts: PlacementIndex.Amounts, to node: Int32) { scan.give(amounts, to: node) }
}

extension RecordScan: Contender {}

/// What runs somewhere.
struct Tenant {
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

    init(_ player: Player, _ shapes: [Shape], _ queries: [PlacementQuery]) {
        self.player = player
        self.shapes = shapes
        self.queries = queries
        draw = ShapeDraw(shapes)
    }

    /// Places until `cpu` MHz are held, or 200 instances in a row found no room. Gives how many were placed.
    mutating func fill(toCPU cpu: Int, _ entropy: inout Entropy) -> Int {
        var (held, misses) = (tenants.reduce(0) { $0 + shapes[Int($1.shape)].cpu }, 0)
        let before = tenants.count
        while held < cpu, misses < 200 {
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

    /// Places until there are `count` tenants; stops when one finds no room.
    mutating func fill(to count: Int, _ entropy: inout Entropy) {
        while tenants.count < count {
            let shape = draw.next(&entropy)
            guard let node = player.place(queries[shape]) else { return }
            tenants.append(Tenant(node: node, shape: Int32(shape)))
        }
    }

    /// Takes over what runs elsewhere.
    mutating func settle(_ others: [Tenant], _ take: (inout Player, PlacementIndex.Amounts, Int32) -> Void) {
        for tenant in others { take(&player, shapes[Int(tenant.shape)].amounts, tenant.node) }
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
