import ClusterKit

extension Bench {
    /// A departure and a placement in turn, beside both scans on the same state.
    func churn(_ scenario: Scenario, _ machines: [Machine], _ queries: [PlacementQuery]) -> Figure {
        var figure = figure(scenario)
        var field = Field(IndexContender(machines), shapes, queries)
        var entropy = Entropy(seed: seed)
        noteEnd(figure, field.fill(to: load(85, of: machines), most: mostOnIndex, &entropy), of: mostOnIndex)
        field.churnThrough(&entropy)
        var scans = scans(machines, queries, field)
        var rates = Rates()
        for round in 0..<Self.rounds {
            let seed = seed &+ UInt64(100 + round)
            let own = field.churnRate(share, seed: seed)
            (figure.seconds, figure.placements) = (own.seconds, own.placed)
            rates.add(own.perSecond)
            rates.add(arrays: scans.arrays.churnRate(share, seed: seed).perSecond)
            rates.add(scan: scans.records.churnRate(share, seed: seed).perSecond)
        }
        rates.write(to: &figure)
        noteLoad(figure, field.heldPart)
        var sampled = Field(SampledContender(field.player, every: 4), queries, as: field)
        _ = sampled.churn(4 * DecisionTimes.wanted, &entropy)
        figure.note(sampled.player.times)
        note(field.player.index, queries, in: &figure)
        return figure
    }

    /// Machines of many classes; each shape admits half of them. They are those of a user's own list where it states
    /// any, else 256.
    func classes() -> Figure {
        var entropy = Entropy(seed: seed)
        var (machines, kinds) = (machines, 256)
        if machines.contains(where: { !$0.className.isEmpty }) {
            kinds = Set(machines.map(\.kind)).count
        } else {
            for number in machines.indices { machines[number].kind = Int32(entropy.below(kinds)) }
        }
        let queries = shapes.map { shape in
            PlacementQuery(
                cpu: shape.cpu, memory: shape.memory, disk: shape.disk, levels: Self.half(of: kinds, &entropy))
        }
        return churn(.classes, machines, queries)
    }

    /// By class, 1 for half of them, rounded up, and 0 for the others.
    static func half(of kinds: Int, _ entropy: inout Entropy) -> [UInt8] {
        var levels = (0..<kinds).map { UInt8($0 < (kinds + 1) / 2 ? 1 : 0) }
        for place in levels.indices.reversed() { levels.swapAt(place, entropy.below(place + 1)) }
        return levels
    }
}
