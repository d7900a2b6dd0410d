/// One place where a pattern matched, and what its groups took.
public struct PatternMatch: Sendable, Hashable {
    /// The text that was searched.
    public let text: String
    /// Two for each group, the whole match first.
    let bounds: [Int]
    private let groupNames: [String?]

    init(text: String, bounds: [Int], groupNames: [String?]) {
        (self.text, self.bounds, self.groupNames) = (text, bounds, groupNames)
    }

    /// The number of groups, the whole match not counted.
    public var groupCount: Int { groupNames.count }

    /// Where the match stands.
    public var range: Range<String.Index> { index(bounds[0])..<index(bounds[1]) }

    /// What matched.
    public var content: Substring { text[range] }

    /// Where the match or one of its groups stands, in bytes of UTF-8 from the start of the text; nil for a group that
    /// took no part, and for one that is not there.
    public func offsets(of group: Int = 0) -> Range<Int>? {
        guard group >= 0, group <= groupCount, bounds[2 * group] >= 0, bounds[2 * group + 1] >= bounds[2 * group] else {
            return nil
        }
        return bounds[2 * group]..<bounds[2 * group + 1]
    }

    /// Where a group stands; nil for one that took no part, and for one that is not there. Group 0 is the whole match.
    public func range(of group: Int) -> Range<String.Index>? {
        offsets(of: group).map { index($0.lowerBound)..<index($0.upperBound) }
    }

    /// What a group took; nil if it took no part, or is not there. Group 0 is the whole match.
    public subscript(group: Int) -> Substring? { range(of: group).map { text[$0] } }

    /// What the group of a name took; nil if it took no part, or is not there.
    public subscript(name: String) -> Substring? {
        guard let index = groupNames.firstIndex(of: name) else { return nil }
        return self[index + 1]
    }

    private func index(_ offset: Int) -> String.Index { text.utf8.index(text.startIndex, offsetBy: offset) }
}

/// The matches in a text from left to right, found one by one as they are asked for.
public struct PatternMatches: Sequence, IteratorProtocol {
    private let text: String
    private let groupNames: [String?]
    private var finder: MatchFinder

    init(_ program: Program, _ text: String, steps: Int) {
        self.text = text
        groupNames = program.groupNames
        finder = MatchFinder(program, Array(text.utf8), budget: steps)
    }

    /// The next match; nil if there is none, or if the steps are used up.
    public mutating func next() -> PatternMatch? {
        finder.next().map { PatternMatch(text: text, bounds: $0, groupNames: groupNames) }
    }

    /// How many of the steps are left; below zero if they did not suffice, so that matches may be missing.
    public var remainingSteps: Int { finder.budget }

    /// Takes steps for what a caller does with a match; fewer than none are none.
    public mutating func spend(_ steps: Int) { finder.spend(Swift.max(0, steps)) }
}
