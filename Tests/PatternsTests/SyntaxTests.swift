import Patterns
import Testing

/// What each piece of syntax matches. The facts are those of RE2's and Go's documentation; all rows were compared with
/// RE2.
@Suite struct SyntaxTests {
    struct Row: CustomStringConvertible, Sendable {
        var pattern: String
        var text: String
        var spans: String

        init(_ pattern: String, _ text: String, _ spans: String) {
            (self.pattern, self.text, self.spans) = (pattern, text, spans)
        }

        var description: String { "\(pattern) on \(text.debugDescription)" }
    }

    static let literals = [
        Row("", "", "0-0"), Row("", "ab", "0-0 1-1 2-2"), Row("a", "banana", "1-2 3-4 5-6"), Row("abc", "ab", ""),
        Row("é", "né", "1-3"), Row("語", "日本語", "6-9"), Row("😀", "a😀", "1-5"), Row(#"a\.b"#, "axb a.b", "4-7"),
        Row(#"\a\f\t\n\r\v"#, "\u{7}\u{C}\t\n\r\u{B}", "0-6"), Row(#"\x41\x{42}\x{1F600}"#, "AB😀", "0-6"),
        Row(#"\101\0\08"#, "A\0\08", "0-4"), Row(#"\12"#, "\n", "0-1"), Row(#"\1234"#, "S4", "0-2"),
        Row(#"\*\+\?\{\}\(\)\[\]\|\^\$\.\\\_\-"#, #"*+?{}()[]|^$.\_-"#, "0-16"),
        Row(#"\Qa.b*\E+"#, "a.b***", "0-6"), Row(#"\Q*"#, "*", "0-1"), Row(#"\Qa\\E"#, #"a\"#, "0-2"),
        Row(#"\Q\E"#, "", "0-0"), Row("]}", "]}", "0-2"), Row("a{,2}", "a{,2}", "0-5"), Row("a{x}", "a{x}", "0-4"),
        Row("a{", "a{", "0-2"), Row("a{1", "a{1", "0-3"), Row("a{01}", "a{01}", "0-5"), Row("{", "{", "0-1"),
        Row("a{2,b}", "a{2,b}", "0-6"), Row("a{,}", "a{,}", "0-4"),
    ]

    static let classes = [
        Row("[abc]", "xbc", "1-2 2-3"), Row("[^abc]", "ab\nd", "2-3 3-4"), Row("[]a]", "]a", "0-1 1-2"),
        Row("[^]a]", "]ab", "2-3"), Row("[-a]", "-a", "0-1 1-2"), Row("[a-]", "-a", "0-1 1-2"),
        Row("[a-c-e]", "b-d", "0-1 1-2"), Row("[[]", "[", "0-1"), Row("[[:]", ":[", "0-1 1-2"),
        Row(#"[\]\\]"#, #"]\"#, "0-1 1-2"), Row(#"[\x41-\x43]"#, "@ABCD", "1-2 2-3 3-4"), Row("[à-ü]", "zéz", "1-3"),
        Row(#"[\d-x]"#, "5-x", "0-1 1-2 2-3"), Row(#"[\n-\r]"#, "\t\n\r", "1-2 2-3"), Row("[^é]", "éa", "2-3"),
        Row("[[:alpha:]]+", "ab1", "0-2"), Row("[[:^alpha:]]+", "ab1é", "2-5"), Row("[[:digit:]x]+", "1x", "0-2"),
        Row("[[:word:]]+", "a_1-", "0-3"), Row("[^[:space:]]+", "a b", "0-1 2-3"), Row("[[:xdigit:]]+", "afg", "0-2"),
        Row("[[:punct:]]+", "a!@[`{~b", "1-7"), Row("[[:cntrl:]]", "\u{7F}", "0-1"), Row("[[:blank:]]", "\n\t", "1-2"),
        Row("[[:alnum:]]+", "aZ0_", "0-3"), Row("[[:lower:]]+", "aZ", "0-1"), Row("[[:upper:]]+", "aZ", "1-2"),
        Row("[[:graph:]]+", "a b", "0-1 2-3"), Row("[[:print:]]+", "a b\n", "0-3"), Row("[[:ascii:]]+", "a\0é", "0-2"),
        Row(#"\d+"#, "a12٣", "1-3"), Row(#"\D+"#, "1ab2", "1-3"), Row(#"\s+"#, "a \t\n\u{C}\r\u{B}", "1-6"),
        Row(#"\S+"#, " ab ", "1-3"), Row(#"\w+"#, "é_a1-", "2-5"), Row(#"\W+"#, "aé-b", "1-4"),
        Row(#"[\D]+"#, "1ab2", "1-3"), Row(#"[^\D]+"#, "1ab2", "0-1 3-4"), Row(#"[\s\d]+"#, "a1 2", "1-4"),
        Row(".", "a\né", "0-1 2-4"), Row("(?s).", "a\n", "0-1 1-2"), Row("[^\\x00-\\x{10FFFF}]", "ab", ""),
        Row(#"\x{D800}"#, "\u{FFFD}", ""), Row("[a-a]", "a", "0-1"), Row("[&&^|]", "^&", "0-1 1-2"),
    ]

    static let unicode = [
        Row(#"\pL+"#, "aé語1", "0-6"), Row(#"\PL+"#, "a1 é", "1-3"), Row(#"\p{Lu}"#, "aÉ", "1-3"),
        Row(#"\p{^Lu}+"#, "aÉ", "0-1"), Row(#"\P{^Lu}"#, "aÉ", "1-3"), Row(#"\p{Nd}+"#, "1٣x", "0-3"),
        Row(#"[\p{Ll}\d]+"#, "Aé1", "1-4"), Row(#"[^\pL]+"#, "a12b", "1-3"), Row(#"\p{Greek}+"#, "aαΩ", "1-5"),
        Row(#"\p{Han}+"#, "a日本ひ", "1-7"), Row(#"\p{Cyrillic}+"#, "aЖз", "1-5"), Row(#"\p{Latin}+"#, "éαa", "0-2 4-5"),
        Row(#"\p{Any}"#, "\n", "0-1"), Row(#"\p{ASCII}+"#, "aé", "0-1"), Row(#"\p{Cn}"#, "a\u{378}", "1-3"),
        Row(#"\p{Letter}\p{uppercase_letter}"#, "éÉ", "0-4"), Row(#"\p{Zs}\p{Sc}\p{Pd}"#, " €-", "0-5"),
        Row(#"\p{Mn}"#, "e\u{301}", "1-3"), Row(#"\p{Co}\p{Cf}"#, "\u{E000}\u{200B}", "0-6"),
        Row(#"\pN+"#, "1Ⅷ½", "0-6"),
        Row(#"\p{LC}+"#, "aÉǅ語", "0-5"), Row(#"\p{Assigned}"#, "\u{378}a", "2-3"), Row(#"\p{Cs}"#, "a", ""),
    ]

    static let places = [
        Row("^a", "aa\na", "0-1"), Row("a$", "a\na", "2-3"), Row("a$", "a\n", ""), Row("(?m)^a$", "a\nb\na", "0-1 4-5"),
        Row("(?m)$", "a\n", "1-1 2-2"), Row("(?m)^", "a\nb", "0-0 2-2"), Row(#"\Aa"#, "aa", "0-1"),
        Row(#"(?m)\Aa|\zb"#, "a\na", "0-1"), Row(#"a\z"#, "a\na", "2-3"), Row("^$", "", "0-0"), Row("^", "a", "0-0"),
        Row("$", "ab", "2-2"), Row("a^b", "ab", ""), Row("(?m)a\n^b", "a\nb", "0-3"),
        Row("(^|x)a", "axa", "0-1(0-0) 1-3(1-2)"),
        Row(#"\bab\b"#, "ab cab ab", "0-2 7-9"), Row(#"\B"#, "ab", "1-1"), Row(#"\Ba"#, "aa", "1-2"),
        Row(#"\b"#, "a é", "0-0 1-1"), Row(#"\B"#, "é", "0-0 2-2"), Row(#"\b"#, "", ""), Row(#"\B"#, "", "0-0"),
        Row(#"é\b"#, "éa", "0-2"), Row("^*a", "aa", "0-1 1-2"), Row("$+", "a", "1-1"), Row(#"(\b)+a"#, "a", "0-1(0-0)"),
        Row(#"(?:^a|\bb)c"#, "ac bc bbc", "0-2 3-5"),
    ]

    static let repetitions = [
        Row("a*", "baac", "0-0 1-3 4-4"), Row("a+", "baac", "1-3"), Row("a?", "ba", "0-0 1-2"),
        Row("a*?", "aa", "0-0 1-1 2-2"),
        Row("a+?", "aa", "0-1 1-2"), Row("a??b", "ab", "0-2"), Row("a{2}", "aaaaa", "0-2 2-4"),
        Row("a{2,}", "aaaaa", "0-5"),
        Row("a{1,2}", "aaa", "0-2 2-3"), Row("a{1,2}?", "aa", "0-1 1-2"), Row("a{2,}?", "aaa", "0-2"),
        Row("a{0}b", "ab", "1-2"),
        Row("a{0,0}", "a", "0-0 1-1"), Row("(a){0}b", "b", "0-1(-)"), Row("(ab){2}", "abab", "0-4(2-4)"),
        Row("a{0,2}b", "aaab", "1-4"), Row("(?U)a+", "aa", "0-1 1-2"), Row("(?U)a+?", "aa", "0-2"),
        Row("(?U:a+)a+", "aaa", "0-3"),
        Row("é{2}", "ééé", "0-4"), Row("x{1000}", "x" * 1001, "0-1000"), Row("(?:)*", "a", "0-0 1-1"),
        Row("(?:a{2}){2}", "aaaaa", "0-4"),
        Row("(a*)*", "b", "0-0(0-0) 1-1(1-1)"), Row("(a*)+", "b", "0-0(0-0) 1-1(1-1)"), Row("(a|b*)*", "b", "0-1(0-1)"),
        Row("(|a)*", "aa", "0-0(0-0) 1-1(1-1) 2-2(2-2)"), Row("(|a)+", "aa", "0-0(0-0) 1-1(1-1) 2-2(2-2)"),
        Row("(a*)*?b", "aab", "0-3(0-2)"),
        Row("(a??)*", "aa", "0-0(0-0) 1-1(1-1) 2-2(2-2)"), Row("(?:(?:|a)*)+?", "aa", "0-0 1-1 2-2"),
    ]

    static let groups = [
        Row("(a)(b)?", "a", "0-1(0-1,-)"), Row("(a)|(b)", "ab", "0-1(0-1,-) 1-2(-,1-2)"),
        Row("((a)b)*", "abab", "0-4(2-4,2-3)"),
        Row("(?:a)(b)", "ab", "0-2(1-2)"), Row("(?P<x>a)(?<y>b)", "ab", "0-2(0-1,1-2)"), Row("()", "", "0-0(0-0)"),
        Row("(a|ab)(c|bcd)(d*)", "abcd", "0-4(0-1,1-4,4-4)"), Row("(a*)(a*)", "aa", "0-2(0-2,2-2)"),
        Row("(a*?)(a*)", "aa", "0-2(0-0,0-2)"),
        Row("(?:(a)|b)*", "ab", "0-2(0-1)"), Row("(a+)(b+)?", "aab", "0-3(0-2,2-3)"),
        Row("(.*)c(.*)", "abcde", "0-5(0-2,3-5)"),
        Row("a|ab", "ab", "0-1"), Row("ab|a", "ab", "0-2"), Row("|a", "a", "0-0 1-1"), Row("a||b", "b", "0-0 1-1"),
        Row("a|", "ba", "0-0 1-2"), Row("(?:|)", "", "0-0"), Row("samwise|sam", "samwise", "0-7"),
        Row("sam|samwise", "samwise", "0-3"),
        Row("((((a))))", "a", "0-1(0-1,0-1,0-1,0-1)"),
    ]

    static let flags = [
        Row("(?i)aé", "AÉ", "0-3"), Row("(?i:a)b", "Ab AB", "0-2"), Row("(?i)a(?-i)b", "Ab AB", "0-2"),
        Row("((?i)a)b", "Ab AB", "0-2(0-1)"),
        Row("a(?i)b|c", "aB C", "0-2 3-4"), Row("(?i)[a-c]+", "aBçC", "0-2 4-5"), Row("(?i)[^a]+", "Aab", "2-3"),
        Row("(?i)k", "kK\u{212A}", "0-1 1-2 2-5"),
        Row("(?i)\u{212A}", "kK", "0-1 1-2"), Row("(?i)s", "ſ", "0-2"), Row("(?i)ſ", "sS", "0-1 1-2"),
        Row("(?i)ß", "ẞ", "0-3"), Row("(?i)σ", "ςΣ", "0-2 2-4"),
        Row("(?i)i", "Iıİ", "0-1"), Row("(?i)ǆ", "ǅǄ", "0-2 2-4"), Row(#"(?i)\p{Lu}+"#, "aÉ1", "0-3"),
        Row(#"(?i)\w"#, "ſ", "0-2"), Row(#"(?i)\W"#, "ſ-", "2-3"),
        Row("(?i)[[:upper:]]+", "aB", "0-2"), Row("(?i)μ", "µΜ", "0-2 2-4"), Row("(?is)a.b", "A\nB", "0-3"),
        Row("(?s-i:.)", "\n", "0-1"),
        Row("(?)a", "a", "0-1"), Row("(?m-m)^a", "b\na", ""), Row("(?im)^A$", "b\na", "2-3"),
        Row(#"(?i)\QaB\E"#, "AB", "0-2"), Row("(?i)a*?b", "AAB", "0-3"),
    ]

    static let all = literals + classes + unicode + places + repetitions + groups + flags

    @Test(arguments: all)
    func matches(_ row: Row) throws { #expect(try spans(row.pattern, row.text) == row.spans) }

    /// The quick answer is the same as that of the search.
    @Test(arguments: all)
    func answers(_ row: Row) throws {
        let pattern = try Pattern(row.pattern)
        #expect(pattern.matches(row.text) == !row.spans.isEmpty)
        let first = row.spans.split(separator: " ").first.map { $0.prefix { $0 != "(" } }
        #expect(pattern.firstMatch(in: row.text).map { $0.spans.prefix { $0 != "(" } } == first)
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "ab", false), ("a|ab", "ab", true), ("a*?", "aaa", true), ("", "", true),
        ("", "a", false),
        ("^a$", "a", true), (#"\ba"#, "a", true), (#"a\B"#, "a", false), ("(?m)a$", "a\n", false),
        ("(?m)a$\n", "a\n", true),
        ("é+", "éé", true), ("(a|b)*c", "abac", true), ("(a|b)*c", "abacd", false),
    ])
    func wholeTexts(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try Pattern(pattern).matchesWhole(text) == expected)
    }
}
