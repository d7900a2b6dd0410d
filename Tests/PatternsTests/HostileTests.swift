import Patterns
import Testing

/// Patterns and texts of strangers cost no more than is promised: counted in steps, not in seconds.
@Suite struct HostileTests {
    @Test(arguments: [
        ("((a{100}){100}){100}", "9: takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
        ("(?:a{1000}){1000}", "11: takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
        (
            "((((a{30}){30}){30}){30}){30}",
            "15: takes more than 10000 instructions; repeat less often, or use a shorter pattern"
        ),
        ("(" * 100_000 + ")" * 100_000, "0: has 200000 bytes, more than 65536; use a shorter one"),
        ("(" * 30_000 + ")" * 30_000, "250: groups nest deeper than 250; use fewer parentheses"),
        ("(?:" * 20_000, "750: groups nest deeper than 250; use fewer parentheses"),
        ("a" * 20_000, "9999: takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
        ("|" * 20_000, "4999: takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
        ("()" * 20_000, "9998: takes more than 10000 instructions; repeat less often, or use a shorter pattern"),
    ])
    func whatIsTooLargeIsRefused(_ pattern: String, _ expected: String) { #expect(refusal(pattern) == expected) }

    @Test func classesAreLimited() {
        // Each differs from all others, and has some hundred ranges.
        let classes = (0..<500).map { "[\\pL\\x{\(String(0x2190 + $0, radix: 16))}]" }.joined()
        #expect(refusal(classes)?.contains("ranges of characters") == true)
        #expect(refusal("[" + #"\PL\pN"# * 1000 + "]")?.contains("ranges of characters") == true)
        #expect(refusal(#"\pL\PL(?i)\pL"# * 100) == nil)
    }

    @Test func theCallersLimitsHold() {
        var limits = PatternLimits()
        (limits.bytes, limits.instructions, limits.nesting) = (20, 9, 2)
        #expect(refusal("a{8}", limits: limits) == nil)
        #expect(refusal("a{9}", limits: limits)?.hasPrefix("1: takes more than 9 instructions") == true)
        #expect(refusal("((a))", limits: limits) == nil)
        #expect(refusal("(?:(?:(?:a)))", limits: limits)?.hasPrefix("6: groups nest deeper than 2") == true)
        #expect(refusal("a" * 21, limits: limits)?.hasPrefix("0: has 21 bytes") == true)
    }

    @Test(arguments: [
        ("(a*)*", "a" * 50_000, true), ("^(a+)+$", "a" * 50_000 + "b", false), ("(x+x+)+y", "x" * 50_000, false),
        ("(x+x+)+y", "x" * 50_000 + "y", true), ("^(a|a)*$", "a" * 50_000 + "b", false),
        ("^(a?){50}a{50}$", "a" * 50, true),
        ("^(.*)*,(.*)*;$", "," * 50_000, false), ("(?:a|aa|aaa)+$", "a" * 50_000 + "b", false),
        (#"^(\w+\s?)*$"#, "word " * 10_000 + "!", false),
        ("(" * 250 + "a*" + ")*" * 250, "a" * 1000, true), ("(.|.)*x(.|.){20}$", "x" * 5000, true),
        ("(|a)+b", "a" * 50_000, false),
    ])
    func ambiguousPatternsAreAnswered(_ pattern: String, _ text: String, _ expected: Bool) throws {
        let pattern = try Pattern(pattern)
        #expect(pattern.matches(text) == expected)
        #expect((pattern.firstMatch(in: text) != nil) == expected)
        if pattern.text.hasPrefix("^") { #expect(pattern.matchesWhole(text) == expected) }
    }

    static let costly = [
        "(a*)*b", "(x+x+)+y", "^(a+)+$", "(a|b)*a(a|b){12}c", "x*y|x", "(?:a?){40}a{40}b", #"(\b\w+\b\s*)+z"#,
        "(?i)(é|É|e)*!", "a.*b.*c.*d.*e!", "[^b]{100}b",
    ]

    private static let units = ["a", "x", "ab", "aé ", "abcde"]

    /// For each character, no instruction is looked at more than a few times, however long the text is.
    @Test(arguments: costly)
    func matchingIsLinear(_ pattern: String) throws {
        let pattern = try Pattern(pattern)
        for unit in Self.units {
            let text = unit * 8000
            var steps = Int.max
            #expect(pattern.matches(text, steps: &steps) != nil)
            #expect(.max - steps <= 4 * (text.utf8.count + 1) * (pattern.instructionCount + 1), "\(unit)")
        }
    }

    /// All matches together take linear time too: no search runs to the end of the text in vain.
    @Test(arguments: costly)
    func findingAllIsLinear(_ pattern: String) throws {
        let pattern = try Pattern(pattern)
        for unit in Self.units {
            let text = unit * 8000
            var matches = pattern.matches(in: text)
            while matches.next() != nil {}
            let steps = .max - matches.remainingSteps
            #expect(steps <= 4 * (text.utf8.count + 1) * (pattern.instructionCount + 1), "\(unit)")
        }
    }

    /// Who pays for strangers stops them, and is told so.
    @Test(arguments: costly)
    func budgetsHold(_ pattern: String) throws {
        let pattern = try Pattern(pattern)
        let text = "ab" * 20_000 + "!"
        for most in [0, 100, 10_000] {
            var steps = most
            let answer = pattern.matches(text, steps: &steps)
            #expect((answer == nil) == (steps < 0) && (answer ?? pattern.matches(text)) == pattern.matches(text))
            var matches = pattern.matches(in: text, steps: most)
            while matches.next() != nil {}
            #expect(matches.remainingSteps < 0)
            steps = most
            let replaced = pattern.replacing(in: text, with: "", limit: .max, steps: &steps)
            #expect((replaced == nil) == (steps < 0) && (replaced == nil || !pattern.matches(text)))
        }
        var none = -1
        #expect(pattern.matches("", steps: &none) == nil && pattern.matches(in: "", steps: .min).remainingSteps < 0)
    }

    @Test func tablesStaySmall() throws {
        // Each position of the last a in the last 18 is a state of its own; the table is begun anew when it is full.
        let pattern = try Pattern("a[ab]{18}c")
        var random = SeededGenerator(state: 1)
        let text = (0..<60_000).map { _ in Bool.random(using: &random) ? "a" : "b" }.joined()
        #expect(!pattern.matches(text))
        #expect(pattern.matches(text + "a" * 19 + "c"))
        #expect(pattern.matches(in: text + "a" * 19 + "c" + text).map(\.spans) == ["60000-60020"])
    }
}
