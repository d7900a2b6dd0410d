/// How well one instance fits on a node. Nodes that were asked about one after the other are often as full as each
/// other, and powers take longer than a comparison.
struct FitMemory {
    private let needs: GroupNeeds
    private let algorithm: PlacementAlgorithm
    private var latest: (gauge: NodeRoom.Gauge, fit: Double)?

    init(_ needs: GroupNeeds, _ algorithm: PlacementAlgorithm) { (self.needs, self.algorithm) = (needs, algorithm) }

    mutating func fit(_ gauge: NodeRoom.Gauge) -> Double {
        if let latest, latest.gauge == gauge { return latest.fit }
        let fit = needs.binpack(on: gauge, algorithm)
        latest = (gauge, fit)
        return fit
    }
}
