/// What one file may cost. Files come from strangers: each limit that is reached is a diagnostic, never a trap.
public struct Limits: Sendable, Hashable {
    /// The most bytes of text.
    public var sourceBytes = 1 << 20
    /// How deep blocks, expressions, templates and produced values may nest. It also bounds the use of the stack.
    public var nesting = 64
    /// The most nodes of the syntax tree.
    public var nodes = 100_000
    /// The most steps of evaluation in one session: about one per node and per element of each value that is built.
    public var steps = 1_000_000
    /// The most bytes of text in one produced value.
    public var valueBytes = 4 << 20
    /// After so many mistakes, the rest is not looked at.
    public var diagnostics = 100

    /// The limits for files from outside.
    public init() {}
}
