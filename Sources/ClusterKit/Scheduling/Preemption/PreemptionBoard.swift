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

    let key: Key
    /// By block: no node of it offers more.
    private(set) var worths: [PreemptionWorth]
    /// By block, of what it was when that was found out.
    private var stamps: [Int]
    /// By block and place in it; nothing until the block is looked through.
    private var looks: [[Look]]

    init(_ key: Key, blocks: Int) {
        self.key = key
        worths = Array(repeating: .none, count: blocks)
        stamps = Array(repeating: -1, count: blocks)
        looks = Array(repeating: [], count: blocks)
    }

    /// Whether something is known of each node of a block, so that nothing is asked of the block itself.
    func hasLooked(through block: Int) -> Bool { !looks[block].isEmpty }

    /// The block that may offer most; of equals the first.
    var best: Int? {
        var (best, most): (Int?, PreemptionWorth) = (nil, .none)
        for block in worths.indices where worths[block] > most { (best, most) = (block, worths[block]) }
        return best
    }

    /// Takes in what has changed. `promise` is what a node offers at best.
    mutating func follow(
        _ blocks: YieldingBlocks, _ kinds: [Int32], promise: (_ place: Int) -> PreemptionWorth?
    ) {
        for block in stamps.indices where stamps[block] != blocks.blockStamps[block] {
            stamps[block] = blocks.blockStamps[block]
            if looks[block].isEmpty {
                worths[block] = blocks.promise(of: block, key.ask) ?? .none
            } else {
                look(again: block, blocks, kinds, promise: promise)
            }
        }
    }

    private mutating func look(
        again block: Int, _ blocks: YieldingBlocks, _ kinds: [Int32], promise: (_ place: Int) -> PreemptionWorth?
    ) {
        let places = blocks.places(of: block)
        var most = PreemptionWorth.none
        for place in places {
            let number = place - places.lowerBound
            if looks[block][number].stamp != blocks.stamps[place] {
                let worth = key.admitted[Int(kinds[place])] ? promise(place) ?? .none : .none
                looks[block][number] = Look(stamp: blocks.stamps[place], worth: worth)
            }
            most = max(most, looks[block][number].worth)
        }
        worths[block] = most
    }

    /// Asks `body` about the nodes of a block that may offer `least` or more; it gives what each is worth, as far as it
    /// found out.
    mutating func look(
        through block: Int, atLeast least: PreemptionWorth, _ blocks: YieldingBlocks, _ kinds: [Int32],
        promise: (_ place: Int) -> PreemptionWorth?, _ body: (_ place: Int, PreemptionWorth) -> PreemptionWorth
    ) {
        let places = blocks.places(of: block)
        if looks[block].isEmpty {
            looks[block] = Array(repeating: Look(), count: places.count)
            look(again: block, blocks, kinds, promise: promise)
        }
        var most = PreemptionWorth.none
        for number in looks[block].indices {
            let worth = looks[block][number].worth
            if worth > .none, worth >= least { looks[block][number].worth = body(places.lowerBound + number, worth) }
            most = max(most, looks[block][number].worth)
        }
        worths[block] = most
    }
}
