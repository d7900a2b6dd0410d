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
    /// By stretch: no node of it offers more.
    private(set) var worths: [PreemptionWorth]
    /// By stretch, of what it was when that was found out.
    private var stamps: [Int]
    /// By stretch and place in it; nothing until the stretch is looked through.
    private var looks: [[Look]]

    init(_ key: Key, stretches: Int) {
        self.key = key
        worths = Array(repeating: .none, count: stretches)
        stamps = Array(repeating: -1, count: stretches)
        looks = Array(repeating: [], count: stretches)
    }

    /// Whether something is known of each node of a stretch, so that nothing is asked of the stretch itself.
    func hasLooked(through stretch: Int) -> Bool { !looks[stretch].isEmpty }

    /// The stretch that may offer most; of equals the first.
    var best: Int? {
        var (best, most): (Int?, PreemptionWorth) = (nil, .none)
        for stretch in worths.indices where worths[stretch] > most { (best, most) = (stretch, worths[stretch]) }
        return best
    }

    /// Takes in what has changed. `promise` is what a node offers at best.
    mutating func follow(
        _ stretches: YieldingStretches, _ kinds: [Int32], promise: (_ place: Int) -> PreemptionWorth?
    ) {
        for stretch in stamps.indices where stamps[stretch] != stretches.stretchStamps[stretch] {
            stamps[stretch] = stretches.stretchStamps[stretch]
            if looks[stretch].isEmpty {
                worths[stretch] = stretches.promise(of: stretch, key.ask) ?? .none
            } else {
                look(again: stretch, stretches, kinds, promise: promise)
            }
        }
    }

    private mutating func look(
        again stretch: Int, _ stretches: YieldingStretches, _ kinds: [Int32],
        promise: (_ place: Int) -> PreemptionWorth?
    ) {
        let places = stretches.places(of: stretch)
        var most = PreemptionWorth.none
        for place in places {
            let number = place - places.lowerBound
            if looks[stretch][number].stamp != stretches.stamps[place] {
                let worth = key.admitted[Int(kinds[place])] ? promise(place) ?? .none : .none
                looks[stretch][number] = Look(stamp: stretches.stamps[place], worth: worth)
            }
            most = max(most, looks[stretch][number].worth)
        }
        worths[stretch] = most
    }

    /// Asks `body` about the nodes of a stretch that may offer `least` or more; it returns what each is worth, as far
    /// as it found out.
    mutating func look(
        through stretch: Int, atLeast least: PreemptionWorth, _ stretches: YieldingStretches, _ kinds: [Int32],
        promise: (_ place: Int) -> PreemptionWorth?, _ body: (_ place: Int, PreemptionWorth) -> PreemptionWorth
    ) {
        let places = stretches.places(of: stretch)
        if looks[stretch].isEmpty {
            looks[stretch] = Array(repeating: Look(), count: places.count)
            look(again: stretch, stretches, kinds, promise: promise)
        }
        var most = PreemptionWorth.none
        for number in looks[stretch].indices {
            let worth = looks[stretch][number].worth
            if worth > .none, worth >= least { looks[stretch][number].worth = body(places.lowerBound + number, worth) }
            most = max(most, looks[stretch][number].worth)
        }
        worths[stretch] = most
    }
}
