/// What one pattern may cost. Patterns come from strangers: each limit that is reached is an error, never a trap.
public struct PatternLimits: Sendable, Hashable {
    /// The most bytes of its text.
    public var bytes = 65_536
    /// The most instructions of its program. A character or a class takes one, a group two, a repetition or an
    /// alternative up to two; counted repetitions are written out, so `a{100}` takes a hundred.
    public var instructions = 10_000
    /// How deep groups may nest.
    public var nesting = 250
    /// The most ranges of characters in all its classes.
    public var ranges = 40_000

    /// The limits for patterns from outside.
    public init() {}
}
