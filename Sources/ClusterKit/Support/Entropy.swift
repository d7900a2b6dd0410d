/// Chance and new names, handed into every core so that a seed replays a run.
///
/// SplitMix64 (Steele, Lea, Flood 2014) instead of the standard library's generator, so that a seed means the same in
/// every release.
public struct Entropy: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the stream that belongs to `seed`.
    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A new identifier, marked as a random one (version 4) as RFC 9562 asks.
    public mutating func identifier<Subject>(of subject: Subject.Type = Subject.self) -> Identifier<Subject> {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Identifier(high: high, low: low)
    }

    /// New identifiers for what is made together. Up to 1,024 of them share the upper digits of their second half and
    /// are numbered in the lowest; all else is chance. A snapshot keeps allocations that are named so together, which
    /// makes adding them cheap.
    public mutating func identifiers<Subject>(
        _ count: Int, of subject: Subject.Type = Subject.self
    ) -> [Identifier<Subject>] {
        let numbers: UInt64 = 1 << 10 - 1
        var made: [Identifier<Subject>] = []
        made.reserveCapacity(max(0, count))
        var family: UInt64 = 0
        while made.count < count {
            let new = identifier(of: subject)
            let number = UInt64(made.count) & numbers
            if number == 0 { family = new.low }
            made.append(Identifier(high: new.high, low: family & ~numbers | (family &+ number) & numbers))
        }
        return made
    }

    /// A number in `0..<bound` by multiplication, without the standard library's rejection loop, whose draws may
    /// change.
    public mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A share of `duration`, from none to all of it: what keeps many timers from firing at one moment.
    public mutating func jitter(upTo duration: Duration) -> Duration {
        .nanoseconds(Int64(below(Int(max(0, duration.nanoseconds)))))
    }

    /// A stream of its own, so that one more draw here does not shift all draws there.
    public mutating func split() -> Entropy { Entropy(seed: next()) }
}
