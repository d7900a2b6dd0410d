import Testing

@testable import ClusterKit

@Suite struct PlacementIndexTests {
    typealias Amounts = PlacementIndex.Amounts

    /// Forty runs of random things done to the index and to a plain scan; each prints its seed when they differ.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func answersAsAScanDoes(seed: UInt64) {
        var run = LockStep(seed: seed)
        run.run(decisions: 500)
        #expect(run.difference == nil)
    }

    private func index(_ machines: [Amounts], capacity: Amounts = Amounts(cpu: 1000, memory: 1000)) -> PlacementIndex {
        var index = PlacementIndex()
        for (node, free) in machines.enumerated() { index.insert(Int32(node), capacity: capacity, free: free) }
        return index
    }

    @Test func fullestNodeWithRoomIsBest() {
        let index = index([
            Amounts(cpu: 1000, memory: 1000), Amounts(cpu: 300, memory: 400), Amounts(cpu: 100, memory: 900),
        ])
        #expect(index.best(PlacementQuery(cpu: 200, memory: 200))?.node == 1)
        #expect(index.best(PlacementQuery(cpu: 100, memory: 800))?.node == 2)
        #expect(index.best(PlacementQuery(cpu: 200, memory: 200, goal: .spread))?.node == 0)
        #expect(index.best(PlacementQuery(cpu: 1001, memory: 0)) == nil)
    }

    /// 20 - 10^0.1 - 10^0.2, divided by 18.
    @Test func scoreIsNomads() throws {
        let choice = try #require(
            index([Amounts(cpu: 300, memory: 400)]).best(PlacementQuery(cpu: 200, memory: 200)))
        #expect(abs(choice.score - (20 - 1.258_925_411_794_167 - 1.584_893_192_461_113) / 18) < 1e-12)
    }

    @Test func tiesGoToTheSmallestNumber() {
        let index = index([Amounts(cpu: 5, memory: 5)] + Array(repeating: Amounts(cpu: 500, memory: 500), count: 100))
        #expect(index.best(PlacementQuery(cpu: 10, memory: 10))?.node == 1)
        // The shares are the other way around, but their sum is the same.
        let mirrored = self.index([Amounts(cpu: 200, memory: 300), Amounts(cpu: 300, memory: 200)])
        #expect(mirrored.best(PlacementQuery(cpu: 0, memory: 0))?.node == 0)
    }

    /// Nodes of one state that differ in class stand in several cohorts, whose numbers alternate.
    @Test func successionMergesTwinsUpToAnotherStateThatIsAsGood() {
        var index = PlacementIndex()
        let capacity = Amounts(cpu: 1000, memory: 1000)
        for node in 0..<10 as Range<Int32> {
            // Its shares are the other way around, but their sum is the same.
            let free = node == 6 ? Amounts(cpu: 400, memory: 500) : Amounts(cpu: 500, memory: 400)
            index.insert(node, capacity: capacity, class: node % 3, free: free)
        }
        var nodes: [Int32] = []
        index.succession(PlacementQuery(cpu: 0, memory: 0), most: 64, into: &nodes)
        #expect(nodes == [5, 4, 3, 2, 1, 0])
        nodes = []
        index.succession(PlacementQuery(cpu: 0, memory: 0), most: 2, into: &nodes)
        #expect(nodes == [1, 0])
        nodes = []
        index.succession(PlacementQuery(cpu: 0, memory: 0, levels: [0, 1, 1]), most: 3, into: &nodes)
        #expect(nodes == [4, 2, 1])
    }

    @Test func onlyAdmittedClassesAreSearched() {
        var index = PlacementIndex()
        for node in 0..<4 as Range<Int32> {
            let free = Amounts(cpu: 400 + 100 * Int(node), memory: 500)
            index.insert(node, capacity: Amounts(cpu: 1000, memory: 1000), class: node, free: free)
        }
        let levels: [UInt8] = [0, 1, 2]
        #expect(index.best(PlacementQuery(cpu: 1, memory: 1))?.node == 0)
        #expect(index.best(PlacementQuery(cpu: 1, memory: 1, levels: levels))?.node == 1)
        #expect(index.best(PlacementQuery(cpu: 1, memory: 1, levels: levels, level: 2))?.node == 2)
        #expect(index.best(PlacementQuery(cpu: 1, memory: 1, levels: levels, level: 3)) == nil)
    }

    @Test func diskIsCompared() {
        let index = index([
            Amounts(cpu: 100, memory: 100, disk: 299), Amounts(cpu: 200, memory: 200, disk: 300),
            Amounts(cpu: 300, memory: 300, disk: 70_000),
        ])
        #expect(index.best(PlacementQuery(cpu: 100, memory: 100, disk: 299))?.node == 0)
        #expect(index.best(PlacementQuery(cpu: 100, memory: 100, disk: 300))?.node == 1)
        #expect(index.best(PlacementQuery(cpu: 100, memory: 100, disk: 301))?.node == 2)
        #expect(index.best(PlacementQuery(cpu: 100, memory: 100, disk: 70_001)) == nil)
    }

    @Test func thresholdIsExact() throws {
        let index = index([Amounts(cpu: 300, memory: 400), Amounts(cpu: 700, memory: 700)])
        let query = PlacementQuery(cpu: 1, memory: 1)
        let score = try #require(index.best(query)?.score)
        #expect(index.best(query, atLeast: score - 1e-6)?.node == 0)
        #expect(index.best(query, atLeast: score + 1e-6) == nil)
    }

    @Test func verifierSeesOnlyCandidates() {
        let index = index(
            Array(repeating: Amounts(cpu: 500, memory: 500), count: 50) + [Amounts(cpu: 900, memory: 900)])
        var asked: [Int32] = []
        let choice = index.best(PlacementQuery(cpu: 1, memory: 1)) { node in
            asked.append(node)
            return node >= 7
        }
        #expect(choice?.node == 7)
        #expect(asked == Array(0...7))
    }

    @Test func withheldNodesAreLeftOutButKeptUpToDate() {
        var index = index([Amounts(cpu: 300, memory: 300), Amounts(cpu: 600, memory: 600)])
        let query = PlacementQuery(cpu: 250, memory: 250)
        index.withhold(0)
        #expect(index.best(query)?.node == 1)
        index.take(Amounts(cpu: 100, memory: 100), from: 0)
        index.restore(0)
        #expect(index.best(query)?.node == 1)
        index.give(Amounts(cpu: 100, memory: 100), to: 0)
        #expect(index.best(query)?.node == 0)
    }

    @Test func nodeIsRestoredWithWhatIsFreeByThen() {
        var index = index([Amounts(cpu: 300, memory: 300), Amounts(cpu: 500, memory: 500)])
        index.withhold(0)
        index.restore(0, free: Amounts(cpu: 600, memory: 600, disk: 7))
        #expect(index.free(of: 0) == Amounts(cpu: 600, memory: 600, disk: 7))
        #expect(index.best(PlacementQuery(cpu: 1, memory: 1))?.node == 1)
        #expect(index.best(PlacementQuery(cpu: 550, memory: 1))?.node == 0)
    }

    @Test func searchSaysWhatItLookedAt() {
        let index = index((1...9).map { Amounts(cpu: 100 * $0, memory: 100 * $0) })
        // The first is as full as can be, and nothing that is emptier is looked at.
        #expect(index.cohortsLookedAt(for: PlacementQuery(cpu: 100, memory: 100)) == 1)
        #expect(index.cohortsLookedAt(for: PlacementQuery(cpu: 1000, memory: 0)) == 0)
    }

    @Test func batchGoesNodeByNode() {
        var index = index(Array(repeating: Amounts(cpu: 1000, memory: 1000, disk: 9000), count: 3))
        var runs: [[Int]] = []
        let placed = index.place(PlacementQuery(cpu: 300, memory: 100, disk: 10), count: 7) {
            runs.append([Int($0), $1])
        }
        #expect(placed == 7)
        #expect(runs == [[0, 3], [1, 3], [2, 1]])
        #expect(index.free(of: 1) == Amounts(cpu: 100, memory: 700, disk: 8970))
        let more = index.place(PlacementQuery(cpu: 300, memory: 100), count: 9) { _, _ in }
        #expect(more == 2)
    }

    /// What needs nothing leaves a node as good as it was, so the next one goes there too.
    @Test func batchThatNeedsNothingStaysOnOneNode() {
        var index = index(Array(repeating: Amounts(cpu: 1000, memory: 1000), count: 3))
        for goal in [PlacementAlgorithm.binpack, .spread] {
            var nodes: [Int32] = []
            let placed = index.place(PlacementQuery(cpu: 0, memory: 0, goal: goal), count: 4, into: &nodes)
            #expect(placed == 4 && nodes == [0, 0, 0, 0])
        }
    }

    @Test func batchToSpreadTakesTurns() {
        var index = index(Array(repeating: Amounts(cpu: 1000, memory: 1000), count: 3))
        var nodes: [Int32] = []
        index.place(PlacementQuery(cpu: 300, memory: 300, goal: .spread), count: 5, into: &nodes)
        #expect(nodes == [0, 1, 2, 0, 1])
    }

    @Test func numbersAreDense() {
        var index = index([Amounts(cpu: 1, memory: 1), Amounts(cpu: 1, memory: 1)])
        let capacity = Amounts(cpu: 1, memory: 1)
        #expect(index.end == 2)
        for node in [-1, 1, 3, .max] as [Int32] {
            let inserted = index.insert(node, capacity: capacity, free: capacity)
            #expect(!inserted, "\(node)")
        }
        index.remove(0)
        #expect(index.count == 1)
        #expect(index.free(of: 0) == nil)
        let inserted = index.insert(0, capacity: capacity, free: capacity)
        #expect(inserted && index.best(PlacementQuery(cpu: 1, memory: 1))?.node == 0)
    }

    @Test func copiesAreIndependent() {
        let original = index([Amounts(cpu: 500, memory: 500)])
        var copy = original
        let choice = copy.place(PlacementQuery(cpu: 300, memory: 300))
        #expect(choice?.node == 0)
        #expect(copy.best(PlacementQuery(cpu: 300, memory: 300)) == nil)
        #expect(original.best(PlacementQuery(cpu: 300, memory: 300))?.node == 0)
    }

    /// A prepared query holds no numbers that belong to other capacities.
    @Test func preparedQueriesFollowNewCapacities() {
        var index = index([Amounts(cpu: 900, memory: 900)])
        let query = index.prepare(PlacementQuery(cpu: 100, memory: 100))
        index.insert(1, capacity: Amounts(cpu: 150, memory: 150), free: Amounts(cpu: 150, memory: 150))
        #expect(index.best(query)?.node == 1)
        let other = self.index([Amounts(cpu: 50, memory: 50)], capacity: Amounts(cpu: 50, memory: 50))
        #expect(other.best(query) == nil)
    }

    /// So many cohorts are passed over that the walk through the cells is given up.
    @Test func rareClassIsFoundAmongManyCohorts() {
        var chance = Entropy(seed: 8)
        var (index, naive) = (PlacementIndex(), NaivePlacement())
        let capacity = Amounts(cpu: 100_000, memory: 100_000)
        for node in 0..<9000 {
            let free = Amounts(cpu: chance.below(100_000), memory: chance.below(100_000))
            let kind: Int32 = node % 900 == 7 ? 1 : 0
            index.insert(Int32(node), capacity: capacity, class: kind, free: free)
            naive.insert(node, capacity: capacity, kind: kind, free: free)
        }
        for goal in [PlacementAlgorithm.binpack, .spread] {
            for _ in 0..<10 {
                let query = PlacementQuery(
                    cpu: chance.below(40_000), memory: chance.below(40_000), levels: [0, 1], goal: goal)
                #expect(index.best(query).map { Int($0.node) } == naive.best(query)?.node)
            }
        }
    }

    @Test func nodeCanJoinInTheMiddle() {
        var index = index([Amounts(cpu: 100, memory: 100), Amounts(cpu: 200, memory: 200)])
        index.openGap(at: 1)
        #expect(index.count == 2 && index.end == 3)
        #expect(index.best(PlacementQuery(cpu: 150, memory: 150))?.node == 2)
        index.insert(1, capacity: Amounts(cpu: 1000, memory: 1000), free: Amounts(cpu: 200, memory: 200))
        #expect(index.best(PlacementQuery(cpu: 150, memory: 150))?.node == 1)
    }

    /// Few capacities and classes, many, and as many capacities as nodes.
    @Test(arguments: [(2, 3), (5, 200), (3000, 2)]) func scanAnswersAsTheIndexDoes(capacities: Int, kinds: Int) {
        var chance = Entropy(seed: 4)
        var index = PlacementIndex()
        var members: [ArrayScan.Member] = []
        for node in 0..<3000 as Range<Int32> {
            let capacity = Amounts(cpu: 38_400, memory: 28_672 + 110 * chance.below(capacities))
            let kind = Int32(chance.below(kinds))
            let free = Amounts(
                cpu: chance.below(38_400), memory: chance.below(28_672), disk: [1000, 90_000][chance.below(2)])
            index.insert(node, capacity: capacity, class: kind, free: free)
            members.append(ArrayScan.Member(capacity: capacity, class: kind, free: free))
        }
        var scan = ArrayScan(members)
        for step in 0..<1000 {
            let levels = chance.below(2) == 0 ? [] : (0..<kinds).map { _ in UInt8(chance.below(3)) }
            let level: UInt8? = [nil, 0, 1, 2][chance.below(4)]
            let query = PlacementQuery(
                cpu: chance.below(9000), memory: chance.below(9000), disk: chance.below(2) * 2000, levels: levels,
                level: level, goal: step < 750 ? .binpack : .spread)
            let (left, right) = (index.place(query), scan.place(scan.prepare(query)))
            #expect(left?.node == right?.node, "step \(step)")
        }
    }

    /// Many nodes that differ in nothing but their numbers and classes: the first of them is the best.
    @Test func scanTakesTheFirstOfEqualNodes() {
        let capacity = Amounts(cpu: 1000, memory: 1000)
        let members = (0..<2000).map { ArrayScan.Member(capacity: capacity, class: Int32($0 * 7 % 5), free: capacity) }
        var scan = ArrayScan(members)
        let query = scan.prepare(PlacementQuery(cpu: 600, memory: 600))
        let nodes = (0..<2001).map { _ in scan.place(query)?.node }
        #expect(nodes.compactMap { $0 } == Array(0..<2000) && nodes[2000] == nil)
        scan.give(Amounts(cpu: 600, memory: 600), to: 1500)
        let best = scan.best(query)
        #expect(best?.node == 1500)
    }
}
