import ClusterKit

extension Bench {
    /// A departure and a placement in turn, beside both scans on the same state.
    func churn(_ scenario: Scenario, _ machines: [Machine], _ queries: [PlacementQuery]) -> Figure {
        var figure = figure(scenario)
        let player = IndexContender(machines)
        var field = Field(player, shapes, queries.map(player.index.prepare))
        var entropy = Entropy(seed: seed)
        let load = machines.totalCPU / 100 * 85
        _ = field.fill(toCPU: load, &entropy)
        // Twice the population, so that the order of arrival is forgotten.
        _ = field.churn(min(4_000_000, field.tenants.count * 2), &entropy)
        var arrays = Field(ArrayContender(machines), shapes, queries)
        arrays.settle(field.tenants) { $0.take($1, from: $2) }
        var records = Field(RecordScan(machines), shapes, queries)
        records.settle(field.tenants) { $0.take($1, from: $2) }

        var (rates, arrayRates, recordRates): ([Double], [Double], [Double]) = ([], [], [])
        let share = seconds / Double(Self.rounds)
        for round in 0..<Self.rounds {
            let seed = seed &+ UInt64(100 + round)
            let own = Self.rate(&field, share, seed)
            (figure.seconds, figure.placements) = (own.seconds, own.placed)
            rates.append(own.perSecond)
            arrayRates.append(Self.rate(&arrays, share, seed).perSecond)
            recordRates.append(Self.rate(&records, share, seed).perSecond)
        }
        figure.perSecond = rates.median
        figure.referencePerSecond = arrayRates.median
        figure.scanPerSecond = recordRates.median
        figure.bytesPerNode = Double(field.player.index.byteCount) / Double(machines.count)
        figure.states = field.player.index.cohortCount
        figure.statesPerSearch = looks(on: field.player.index, queries)
        return figure
    }

    /// Runs about `seconds` in steps that grow.
    private static func rate<Player: Contender>(
        _ field: inout Field<Player>, _ seconds: Double, _ seed: UInt64
    ) -> (perSecond: Double, seconds: Double, placed: Int) {
        var entropy = Entropy(seed: seed)
        var (placed, time, steps) = (0, 0.0, 16)
        while time < seconds, !field.tenants.isEmpty {
            time += Clocks.measure { placed += field.churn(steps, &entropy) }
            if time < seconds / 8 { steps *= 2 }
        }
        return (Double(placed) / time, time, placed)
    }

    /// 256 classes of machines; each shape admits half of them.
    func classes() -> Figure {
        var entropy = Entropy(seed: seed)
        let kinds = 256
        let machines = machines.map { machine in
            var machine = machine
            machine.kind = Int32(entropy.below(kinds))
            return machine
        }
        let queries = shapes.map { shape in
            PlacementQuery(
                cpu: shape.cpu, memory: shape.memory, disk: shape.disk,
                levels: (0..<kinds).map { _ in UInt8(entropy.below(2)) })
        }
        return churn(.classes, machines, queries)
    }
}
