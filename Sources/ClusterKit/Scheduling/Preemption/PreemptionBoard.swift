/// What is known of who could make room for one ask, kept from one decision to the next: offers of nodes that have not
/// changed since, and what stretches of nodes offer at best.
///
/// What else a score has than `PreemptionWorth` is added by who asks.
struct PreemptionBoard: Sendable {
    struct Key: Hashable, Sendable {
        let ask: PreemptionAsk
        /// By class, whether its nodes count.
        let admitted: [Bool]
    }

    /// What one node offers.
    struct Look: Sendable {
        /// Of what the node was then.
        var stamp = -1
        /// At most this, and exactly this once it was looked at in full.
        var worth = PreemptionWorth.none
    }

    private struct Summary: Sendable {
        var stamp = -1
        var worth = PreemptionWorth.none
    }

    let key: Key
    private var summaries: [Summary]
    /// By block and place in it; nothing until the block is looked through.
    private var looks: [[Look]]

    init(_ key: Key, blocks: Int) {
        self.key = key
        summaries = Array(repeating: Summary(), count: blocks)
        looks = Array(repeating: [], count: blocks)
    }

    /// No node of a block offers more.
    mutating func worth(of block: Int, _ blocks: YieldingBlocks) -> PreemptionWorth {
        let stamp = blocks.blocks[block].stamp
        if summaries[block].stamp != stamp {
            summaries[block] = Summary(stamp: stamp, worth: blocks.promise(of: block, key.ask) ?? .none)
        }
        return summaries[block].worth
    }

    /// Shows `body` what is known of each node of a block that counts, for it to find out more.
    mutating func look(
        through block: Int, _ blocks: YieldingBlocks, _ kinds: [Int32], promise: (_ place: Int) -> PreemptionWorth?,
        _ body: (_ place: Int, inout Look) -> Void
    ) {
        let places = blocks.places(of: block)
        if looks[block].isEmpty { looks[block] = Array(repeating: Look(), count: places.count) }
        var most = PreemptionWorth.none
        for place in places where key.admitted[Int(kinds[place])] {
            let number = place - places.lowerBound
            let stamp = blocks.stamps[place]
            if looks[block][number].stamp != stamp {
                looks[block][number] = Look(stamp: stamp, worth: promise(place) ?? .none)
            }
            guard looks[block][number].worth > .none else { continue }
            body(place, &looks[block][number])
            most = max(most, looks[block][number].worth)
        }
        summaries[block].worth = most
    }
}
