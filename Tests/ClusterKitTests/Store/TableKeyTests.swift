import Testing

@testable import ClusterKit

private struct Number: TableRecord, Equatable {
    let value: Int
}

@Suite struct TableKeyTests {
    @Test func whatIsMadeTogetherStandsTogether() {
        var entropy = Entropy(seed: 1)
        let ids = entropy.identifiers(1_500, of: Allocation.self)
        #expect(ids.count == 1_500)
        #expect(Set(ids).count == 1_500)
        // Each as random a one (version 4) as RFC 9562 asks.
        for id in ids {
            #expect(Array(id.description)[14] == "4")
            #expect(Array("89ab").contains(Array(id.description)[19]))
        }
        let corners = ids.map { $0.treePlace & (1 << 25 - 1) }
        #expect(Set(corners[..<1_024]).count == 1)
        #expect(Set(corners[1_024...]).count == 1)
        #expect(corners[0] != corners[1_024])
        #expect(Set(ids.map(\.treePlace)).count == 1_500)
        #expect(Set(ids.map(\.short)).count > 1_490)
        #expect(entropy.identifiers(0, of: Allocation.self).isEmpty)
    }

    /// Names that nobody made with chance are told apart as well.
    @Test func identifiersOfAnyKindHavePlacesOfTheirOwn() {
        let ids = (0..<100).flatMap { high in (0..<100).map { AllocationID(high: high, low: $0 << 32) } }
        #expect(Set(ids.map(\.treePlace)).count == ids.count)
        var seen: Set<Int> = []
        var entropy = Entropy(seed: 2)
        for _ in 0..<10_000 { seen.insert(entropy.identifier(of: Allocation.self).treePlace & (1 << 25 - 1)) }
        #expect(seen.count > 9_980)
    }

    @Test func recordsAreFoundWhateverTheirKeys() {
        var table = Table<AllocationID, Number>()
        var expected: [AllocationID: Number] = [:]
        var entropy = Entropy(seed: 3)
        let ids =
            entropy.identifiers(2_000, of: Allocation.self)
            + (0..<500).map { AllocationID(high: $0 % 7, low: $0 / 7) }
            + (0..<500).map { _ in entropy.identifier() }
        for (number, id) in ids.enumerated() {
            table.put(Number(value: number), for: id, at: Revision(UInt64(number)))
            expected[id] = Number(value: number)
        }
        let before = table
        for id in ids.shuffled(using: &entropy).prefix(1_500) {
            table.remove(id, at: Revision(9_999))
            expected[id] = nil
        }
        #expect(table.count == expected.count)
        #expect(table.sortedKeys == expected.keys.sorted())
        #expect(table.sorted == expected.keys.sorted().map { expected[$0] })
        for id in ids { #expect(table[id] == expected[id]) }
        #expect(before.count == 3_000)
        #expect(ids.indices.allSatisfy { before[ids[$0]]?.value == $0 })
        #expect(table.part(of: ids[0], \.value) == expected[ids[0]]?.value)
    }
}
