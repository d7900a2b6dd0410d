import Patterns
import Testing

@Suite struct FuzzTests {
    /// Small patterns of all kinds on small texts give what trying all ways gives.
    @Test(arguments: 0..<4)
    func patternsMeanWhatTheReferenceSays(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        for round in 0..<1500 {
            var groupCount = 0
            let reference = Self.pattern(depth: Int.random(in: 1...4, using: &random), &groupCount, &random)
            let pattern = try Pattern(reference.text)
            for _ in 0..<4 {
                let text = Self.text(&random)
                let matcher = ReferenceMatcher(text: Array(text))
                let expected = matcher.matches(reference).map { Self.shown($0, groupCount, in: text) }
                let found = pattern.matches(in: text).map(\.spans)
                #expect(
                    found == expected,
                    "seed \(seed), round \(round): \(reference.text) on \(text.debugDescription)")
                #expect(pattern.matches(text) == !expected.isEmpty, "seed \(seed), round \(round)")
            }
        }
    }

    /// Texts that are no patterns are refused with a place within them; those that are can be matched.
    @Test(arguments: 0..<4)
    func anyTextIsReadToTheEnd(_ seed: Int) {
        var random = SeededGenerator(state: UInt64(seed))
        var taken = 0
        for round in 0..<4000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                if let piece = Self.pieces.randomElement(using: &random), Int.random(in: 0..<4, using: &random) > 0 {
                    bytes += piece.utf8
                } else {
                    bytes.append(UInt8.random(in: 0...255, using: &random))
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            do throws(PatternError) {
                let pattern = try Pattern(text)
                let matches = Array(pattern.matches(in: text + "ab1 é\n"))
                #expect(matches.isEmpty != pattern.matches(text + "ab1 é\n"), "seed \(seed), round \(round)")
                taken += 1
            } catch {
                #expect((0...text.utf8.count).contains(error.offset) && !error.message.isEmpty, "\(error)")
            }
        }
        #expect(taken > 400)
    }

    private static let pieces = [
        "(", ")", "(?:", "(?i)", "(?P<a>", "(?<b>", "(?s-m:", "(?", "|", "*", "+", "?", "*?", "{2}", "{1,3}", "{0,}?",
        "{9999}", "{",
        "}", "[", "[^", "]", "[:alpha:]", "[:", ":]", "-", "^", "$", ".", "\\", "\\d", "\\W", "\\b", "\\pL",
        "\\p{Greek}", "\\P{^Lu}", "\\x",
        "\\x{", "\\x41", "\\07", "\\Q", "\\E", "\\1", "a", "b", "é", "ſ", "\u{1F600}", "\0",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        let characters: [Character] = ["a", "a", "b", "é", "\n", " "]
        return String(
            (0..<Int.random(in: 0...7, using: &random)).compactMap { _ in characters.randomElement(using: &random) })
    }

    private static func pattern(
        depth: Int, _ groupCount: inout Int, _ random: inout SeededGenerator
    ) -> ReferencePattern {
        switch depth > 0 ? Int.random(in: 0..<10, using: &random) : 9 {
        case 0...1:
            return .sequence(
                (0..<2).map { _ in pattern(depth: depth - 1, &groupCount, &random) })
        case 2...3:
            return .choice(
                (0..<Int.random(in: 2...3, using: &random)).map { _ in pattern(depth: depth - 1, &groupCount, &random) }
            )
        case 4...5:
            groupCount += 1
            let number = groupCount
            return .group(number, pattern(depth: depth - 1, &groupCount, &random))
        case 6...8:
            let (least, most) =
                [(0, nil), (0, nil), (1, nil), (0, 1), (2, nil), (1, 2), (0, 2)].randomElement(using: &random) ?? (
                    0, nil
                )
            return .repeated(
                pattern(depth: depth - 1, &groupCount, &random), least: least, most: most,
                isLazy: Bool.random(using: &random))
        default:
            let leaves: [ReferencePattern] = [
                .scalar("a"), .scalar("a"), .scalar("b"), .scalar("é"), .any, .oneOf(["a", "é"], isInverted: false),
                .oneOf(["a"], isInverted: true), .textStart, .textEnd, .lineStart, .wordEdge, .sequence([]),
            ]
            return leaves.randomElement(using: &random) ?? .any
        }
    }

    private static func shown(_ bounds: ReferenceMatcher.Bounds, _ groupCount: Int, in text: String) -> String {
        let offsets = text.indices.map { text.utf8.distance(from: text.startIndex, to: $0) } + [text.utf8.count]
        let ranges = (0...groupCount).map { group in
            bounds[group].map { "\(offsets[$0.lowerBound])-\(offsets[$0.upperBound])" } ?? "-"
        }
        return ranges[0] + (groupCount > 0 ? "(\(ranges.dropFirst().joined(separator: ",")))" : "")
    }
}
