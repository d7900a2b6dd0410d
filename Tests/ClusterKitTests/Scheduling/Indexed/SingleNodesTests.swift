import Testing

@testable import ClusterKit

/// Nodes that are scored one by one, beside a look at each of them.
@Suite struct SingleNodesTests {
    /// Sums of which some differ in the last bits only, so that a part more makes them equal.
    private static let sums: [Double] = {
        let few = [0.25, 0.7, 0.70000000001, 0.9]
        return few + few.flatMap { [$0.nextUp, $0.nextUp.nextUp, $0.nextDown] }
    }()

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func bestIsThatOfAScan(seed: UInt64) {
        var entropy = Entropy(seed: seed)
        var singles = SingleNodes(cells: 2)
        var equals = 0
        for step in 0..<1800 {
            if singles.count < 40, entropy.below(4) == 0 || singles.count == 0 {
                // Not in the order of their names.
                let place = (singles.count &* 7919) % 4099
                singles.add(
                    SingleNodes.Member(place: place, position: place, cell: entropy.below(2), siblings: 0, hosted: 0))
            }
            let sum = Self.sums[entropy.below(Self.sums.count)]
            let own = entropy.below(6) == 0 ? nil : PartSum(sum: sum, count: 2 + entropy.below(2))
            singles.setScore(of: entropy.below(singles.count), to: own)
            // Most of those who come are behind somebody, and are asked for when that one is gone.
            if entropy.below(3) > 0 { continue }
            let spread = [nil, 1.0, -1.0, 0.5, -0.125][entropy.below(5)]
            for cell in 0..<2 {
                let known = singles.best(ofCell: cell, spread: spread)
                let scores = (0..<singles.count).compactMap { number -> Candidates.Pick? in
                    let member = singles[number]
                    guard member.cell == cell, let own = member.own else { return nil }
                    return Candidates.Pick(
                        position: member.position, place: member.place,
                        score: own.mean(penalty: nil, spread: spread))
                }
                let best = scores.reduce(nil as Candidates.Pick?) { $1.isBetter(than: $0) ? $1 : $0 }
                #expect(known?.place == best?.place && known?.score == best?.score, "step \(step)")
                let owns = (0..<singles.count).filter { singles[$0].cell == cell }.compactMap { singles[$0].own }
                if let best, Set(owns.filter { $0.mean(penalty: nil, spread: spread) == best.score }).count > 1 {
                    equals += 1
                }
            }
        }
        #expect(equals > 20)
    }
}
