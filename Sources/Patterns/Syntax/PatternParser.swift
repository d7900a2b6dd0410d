/// Reads a pattern from left to right and makes its program. The syntax is that of RE2 and Go's regexp/syntax.
///
/// Open groups stand on a list, not on the stack of calls, so that no depth of parentheses ends the process.
struct PatternParser {
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let ignoreCase = Flags(rawValue: 1)
        static let multiLine = Flags(rawValue: 2)
        static let dotAll = Flags(rawValue: 4)
        static let ungreedy = Flags(rawValue: 8)
    }

    /// A group that is open, or the pattern itself.
    struct Group {
        /// What stands one after the other since the last `|`.
        var parts: [Fragment] = []
        var alternatives: [Fragment] = []
        /// Its number, if it captures.
        var number: Int?
        /// The flags outside of it.
        var outerFlags: Flags
        /// Where its parenthesis stands.
        var offset: Int
    }

    let text: String
    let limits: PatternLimits
    let bytes: [UInt8]
    /// Where reading goes on.
    var position = 0
    var flags: Flags = []
    var groups: [Group]
    var groupNames: [String?] = []
    /// Where the last repetition ended, to tell `a**`.
    var repetitionEnd: Int?
    /// How many instructions were made; it never falls, so it bounds the work too.
    private var instructionCount = 1
    /// Whether `:]` is known to stand nowhere in the rest.
    var hasNoPOSIXEnd = false
    private var rangeCount = 0
    private var sets: [ScalarSet] = []
    private var setNumbers: [ScalarSet: Int32] = [:]

    init(_ text: String, limits: PatternLimits) {
        self.text = text
        self.limits = limits
        bytes = Array(text.utf8)
        groups = [Group(outerFlags: [], offset: 0)]
    }

    /// Reads all of it.
    mutating func program() throws(PatternError) -> Program {
        guard bytes.count <= limits.bytes else {
            throw error("has \(bytes.count) bytes, more than \(limits.bytes); use a shorter one", at: 0)
        }
        while let byte = peek() { try readPart(byte) }
        guard groups.count == 1 else {
            throw error(
                "a group is not closed; add `)`, or write `\\(` for a parenthesis", at: groups.last?.offset ?? 0)
        }
        return Program(closed(groups.removeLast()), sets: sets, groupNames: groupNames)
    }

    private mutating func readPart(_ byte: UInt8) throws(PatternError) {
        switch byte {
        case UInt8(ascii: "("): try openGroup()
        case UInt8(ascii: ")"): try closeGroup()
        case UInt8(ascii: "|"):
            try claim(2, at: position)
            position += 1
            let last = groups.count - 1
            groups[last].alternatives.append(.sequence(groups[last].parts))
            groups[last].parts = []
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            if let (count, end) = try repetition() {
                try repeatLast(count, to: end)
            } else {
                try readLiteral()
            }
        case UInt8(ascii: "["): try readClass()
        case UInt8(ascii: "\\"): try readEscape()
        case UInt8(ascii: "."):
            try append(set: flags.contains(.dotAll) ? .all : .allButNewline, at: position)
            position += 1
        case UInt8(ascii: "^"):
            try append(.check(flags.contains(.multiLine) ? .lineStart : .textStart), at: position)
            position += 1
        case UInt8(ascii: "$"):
            try append(.check(flags.contains(.multiLine) ? .lineEnd : .textEnd), at: position)
            position += 1
        default: try readLiteral()
        }
    }

    // MARK: - Reading

    func peek(_ ahead: Int = 0) -> UInt8? { position + ahead < bytes.count ? bytes[position + ahead] : nil }

    func follows(_ word: String) -> Bool { bytes[position...].starts(with: word.utf8) }

    /// The next scalar; there must be one.
    mutating func readScalar() -> UInt32 {
        let (scalar, width) = bytes.withUnsafeBufferPointer { UTF8Text.decode($0, at: position) }
        position += width
        return scalar
    }

    /// A part of the pattern as text.
    func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func error(_ message: String, at offset: Int) -> PatternError {
        PatternError(pattern: text, offset: offset, message: message)
    }

    // MARK: - Making

    /// Refuses to become larger than the limit, before it does.
    mutating func claim(_ count: Int, at offset: Int) throws(PatternError) {
        instructionCount += count
        guard instructionCount <= limits.instructions else {
            throw error(
                "takes more than \(limits.instructions) instructions; repeat less often, or use a shorter pattern",
                at: offset)
        }
    }

    mutating func append(_ instruction: Instruction, at offset: Int) throws(PatternError) {
        try claim(1, at: offset)
        groups[groups.count - 1].parts.append(Fragment(instruction))
    }

    mutating func append(set: ScalarSet, at offset: Int) throws(PatternError) {
        if let number = setNumbers[set] {
            try append(.take(number), at: offset)
            return
        }
        rangeCount += set.ranges.count
        guard rangeCount <= limits.ranges else {
            throw error(
                "its classes have more than \(limits.ranges) ranges of characters; use fewer or simpler ones",
                at: offset)
        }
        let number = Int32(sets.count)
        sets.append(set)
        setNumbers[set] = number
        try append(.take(number), at: offset)
    }

    mutating func readLiteral() throws(PatternError) {
        let start = position
        try append(literal: readScalar(), at: start)
    }

    mutating func append(literal scalar: UInt32, at offset: Int) throws(PatternError) {
        let ranges = [scalar...scalar]
        let set = ScalarSet(flags.contains(.ignoreCase) ? CaseFolding.folded(ranges) : ranges)
        try append(set: set, at: offset)
    }

    // MARK: - Groups

    mutating func open(_ number: Int?, outerFlags: Flags, at offset: Int) throws(PatternError) {
        guard groups.count <= limits.nesting else {
            throw error("groups nest deeper than \(limits.nesting); use fewer parentheses", at: offset)
        }
        if number != nil { try claim(2, at: offset) }
        groups.append(Group(number: number, outerFlags: outerFlags, offset: offset))
    }

    private mutating func closeGroup() throws(PatternError) {
        guard groups.count > 1, let group = groups.popLast() else {
            throw error("`)` closes no group; remove it, or write `\\)` for a parenthesis", at: position)
        }
        position += 1
        flags = group.outerFlags
        groups[groups.count - 1].parts.append(closed(group))
    }

    private func closed(_ group: Group) -> Fragment {
        let content = Fragment.choice(group.alternatives + [.sequence(group.parts)])
        return group.number.map { content.noted(as: $0) } ?? content
    }
}
