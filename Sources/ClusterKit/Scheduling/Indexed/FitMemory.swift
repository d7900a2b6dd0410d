/// How well one instance fits on a node. Nodes that were asked about one after the other are often as full as each
/// other, and powers take longer than a comparison.
struct FitMemory {
    private let needs: GroupNeeds
    private let algorithm: PlacementAlgorithm
    private var latest: (level: NodeRoom.Level, fit: Double)?

    init(_ needs: GroupNeeds, _ algorithm: PlacementAlgorithm) { (self.needs, self.algorithm) = (needs, algorithm) }

    mutating func fit(_ level: NodeRoom.Level) -> Double {
        if let latest, latest.level == level { return latest.fit }
        let fit = needs.binpack(on: level, algorithm)
        latest = (level, fit)
        return fit
    }
}
