/// One step of a program. Places are counted from the instruction itself, so that code may be moved and repeated.
enum Instruction: Sendable, Hashable {
    /// Takes one scalar of a set, by the set's number, and goes on with the next instruction.
    case take(Int32)
    /// Goes on at two places, of which the first is preferred.
    case fork(Int32, Int32)
    case jump(Int32)
    /// Notes the place in the text: where group n begins at 2n, where it ends at 2n + 1.
    case note(Int32)
    /// Goes on with the next instruction if the place in the text is of a kind.
    case check(Assertion)
    case match
}

/// What a pattern may ask of a place between two scalars.
enum Assertion: UInt8, Sendable, Hashable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordEdge
    case noWordEdge

    func holds(between before: Neighbor, and after: Neighbor) -> Bool {
        switch self {
        case .textStart: before == .none
        case .textEnd: after == .none
        case .lineStart: before == .none || before == .newline
        case .lineEnd: after == .none || after == .newline
        case .wordEdge: (before == .word) != (after == .word)
        case .noWordEdge: (before == .word) == (after == .word)
        }
    }
}

/// What assertions need to know of the scalar beside a place.
enum Neighbor: UInt8, Sendable, Hashable {
    /// There is none: the text begins or ends.
    case none
    case newline
    case word
    case other

    init(_ scalar: UInt32) {
        switch scalar {
        case 0x0A: self = .newline
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: self = .word
        default: self = .other
        }
    }

    /// A byte of UTF-8 is enough: all beyond ASCII is alike.
    init(_ byte: UInt8) { self.init(UInt32(byte)) }
}
