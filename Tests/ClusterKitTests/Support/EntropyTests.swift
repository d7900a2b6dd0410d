import ClusterKit
import Testing

@Suite struct EntropyTests {
    /// The published outputs of SplitMix64.
    @Test func isSplitMix64() {
        var zero = Entropy(seed: 0)
        #expect(
            (0..<4).map { _ in zero.next() } == [
                0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F, 0xF88B_B8A8_724C_81EC,
            ])
        var other = Entropy(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in other.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func belowIsEvenAndInRange() {
        var entropy = Entropy(seed: 9)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[entropy.below(7)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 10_000) < 500 }, "\(counts)")
        for bound in [1, 0, -5, .min] { #expect(entropy.below(bound) == 0) }
        #expect((0..<100).allSatisfy { _ in (0..<Int.max).contains(entropy.below(.max)) })
    }

    @Test func jitterStaysWithin() {
        var entropy = Entropy(seed: 3)
        for _ in 0..<1000 {
            let share = entropy.jitter(upTo: .seconds(10))
            #expect(share >= .zero && share < .seconds(10))
        }
        #expect(entropy.jitter(upTo: .zero) == .zero)
        #expect(entropy.jitter(upTo: .seconds(-4)) == .zero)
        #expect(entropy.jitter(upTo: .seconds(Int64.max)) >= .zero)
    }

    @Test func identifiersAreRandomOnes() {
        var entropy = Entropy(seed: 4)
        let names = (0..<1000).map { _ in entropy.identifier(of: Node.self).description }
        #expect(Set(names).count == 1000)
        for name in names {
            let characters = Array(name)
            #expect(characters[14] == "4" && "89ab".contains(characters[19]), "\(name)")
        }
    }

    @Test func aSplitStreamIsItsOwn() {
        var one = Entropy(seed: 5)
        var child = one.split()
        let (mine, its) = ((0..<100).map { _ in one.next() }, (0..<100).map { _ in child.next() })
        #expect(Set(mine).isDisjoint(with: its))
        var again = Entropy(seed: 5)
        var same = again.split()
        #expect((0..<100).map { _ in same.next() } == its)
    }
}
