/// A regular expression that is matched in linear time, whatever the text: with the syntax of RE2 and Go's regexp, and
/// without what cannot be had at that price, references back to groups and looks ahead or behind.
///
///     let pattern = try Pattern(#"(?P<user>\w+)@(?P<host>[\w.]+)"#)
///     pattern.matches("ann@example.org")                             // true
///     pattern.firstMatch(in: "to ann@example.org")?["host"]          // example.org
///     pattern.replacing(in: "ann@example.org", with: "$user at $host")
///
/// Of several possible matches the leftmost is taken, and of those the one that Go, Perl and Python would take. A
/// pattern is a value: it never changes, any number of threads may use it at a time, and two are equal if their texts
/// are.
///
/// Making one takes time that grows with its length and its counted repetitions, within `PatternLimits`. Matching takes
/// time that grows with the length of the text times that of the pattern at most, and memory that does not grow with
/// the text for a yes or no; finding what matched copies the text, and takes some four bytes more for each of its
/// bytes.
public struct Pattern: Sendable {
    /// The pattern as it was written.
    public let text: String
    let program: Program
    private let search: Automaton

    /// Reads a pattern. The error says what is wrong with it, where, and what to do.
    public init(_ text: String, limits: PatternLimits = PatternLimits()) throws(PatternError) {
        var parser = PatternParser(text, limits: limits)
        let program = try parser.program()
        var search = Automaton(program, goal: .part)
        // Usual patterns need far fewer; what is missing is made while matching.
        search.prepare(steps: 4096)
        (self.text, self.program, self.search) = (text, program, search)
    }

    /// The names of the groups, from group 1 on; nil for those without.
    public var groupNames: [String?] { program.groupNames }

    /// How large the pattern is: for each character of a text, matching looks at about so many instructions at most.
    public var instructionCount: Int { program.instructions.count }

    /// Whether the pattern matches somewhere in a text; `^` and `$` tie it to the ends. For usual patterns that is one
    /// look into a table for each character, and nothing is allocated.
    public func matches(_ text: some StringProtocol) -> Bool {
        var steps = Int.max
        return matches(text, steps: &steps) ?? false
    }

    /// The same for bytes of UTF-8. A byte that is not part of a well-formed character counts as U+FFFD.
    public func matches(utf8 text: UnsafeBufferPointer<UInt8>) -> Bool {
        var steps = Int.max
        return search.matches(text, budget: &steps) ?? false
    }

    /// Whether the pattern can match all of a text, as if it stood in `\A(?:…)\z`.
    public func matchesWhole(_ text: some StringProtocol) -> Bool {
        var steps = Int.max
        return Self.withUTF8(of: text) { Automaton(program, goal: .whole).matches($0, budget: &steps) } ?? false
    }

    /// The first match, with its groups. It looks at the whole text even if the match stands at its start.
    public func firstMatch(in text: String) -> PatternMatch? {
        guard matches(text) else { return nil }
        var matches = matches(in: text)
        return matches.next()
    }

    /// All matches from left to right, without overlaps, found as they are asked for. An empty match right behind
    /// another one is left out, as in Go. Finding all of them takes linear time together, not only each of them.
    public func matches(in text: String) -> PatternMatches { matches(in: text, steps: .max) }

    /// The text with all matches replaced. In `template`, `$1` and `${name}` stand for what a group took, nothing for
    /// one that is not there, and `$$` for a dollar sign; `$1x` is the group named `1x`, so write `${1}x`.
    public func replacing(in text: String, with template: String) -> String {
        var steps = Int.max
        return replacing(in: text, with: template, limit: .max, steps: &steps) ?? text
    }

    /// A pattern's text that matches a text as it stands: what has a meaning in patterns is escaped.
    public static func escaping(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if #"\.+*?()|[]{}^$"#.unicodeScalars.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    private static func withUTF8<Result>(
        of text: some StringProtocol, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(text.utf8).withUnsafeBufferPointer(body)
    }
}

/// For those who work for strangers: the same within a budget. A step is a character or an instruction that is looked
/// at.
extension Pattern {
    /// Whether the pattern matches somewhere in a text. Takes what it costs from `steps`; nil if they did not suffice,
    /// and then `steps` is below zero.
    public func matches(_ text: some StringProtocol, steps: inout Int) -> Bool? {
        guard steps >= 0 else { return nil }
        return Self.withUTF8(of: text) { search.matches($0, budget: &steps) }
    }

    /// All matches; there are no more once the steps are used up.
    public func matches(in text: String, steps: Int) -> PatternMatches {
        PatternMatches(program, text, steps: max(-1, steps))
    }

    /// The text with all matches replaced. Takes what it costs from `steps`; nil if they did not suffice, and then
    /// `steps` is below zero, and nil if the result would have more than `limit` bytes.
    public func replacing(
        in text: String, with template: String, limit: Int, steps: inout Int
    ) -> String? {
        guard let isMatching = matches(text, steps: &steps) else { return nil }
        if !isMatching { return text.utf8.count <= limit ? text : nil }
        let template = ReplacementTemplate(template, groupNames: groupNames)
        let bytes = Array(text.utf8)
        var finder = MatchFinder(program, bytes, budget: steps)
        defer { steps = finder.budget }
        var result: [UInt8] = []
        var end = 0
        while let match = finder.next() {
            result += bytes[end..<match[0]]
            guard template.append(match, of: bytes, to: &result, limit: limit) else { return nil }
            end = match[1]
        }
        result += bytes[end...]
        return finder.budget >= 0 && result.count <= limit ? String(decoding: result, as: UTF8.self) : nil
    }
}

extension Pattern: Hashable, CustomStringConvertible {
    public var description: String { text }

    public static func == (one: Pattern, other: Pattern) -> Bool { one.text == other.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
