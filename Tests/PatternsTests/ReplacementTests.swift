import Patterns
import Testing

@Suite struct ReplacementTests {
    @Test(arguments: [
        ("a", "banana", "x", "bxnxnx"), ("", "ab", "-", "-a-b-"), ("a*", "baac", "-", "-b-c-"),
        ("(a)(b)?", "aab", "[$1$2]", "[a][ab]"),
        ("(?P<n>a)", "ba", "${n}${n}", "baa"), ("(a)", "a", "$1x", ""), ("(a)", "a", "${1}x", "ax"),
        ("(a)", "a", "$$1", "$1"), ("a", "a", "$0$0", "aa"),
        ("a", "a", "$9$n${m}", ""), ("a", "a", "$ ${ ${} $-", "$ ${ ${} $-"), ("(a)", "a", "$01", ""),
        ("(?<_1>a)", "a", "<$_1>", "<a>"), ("é", "née", "e", "nee"),
        ("(?i)HOST", "Host host", "$0!", "Host! host!"), ("x", "abc", "y", "abc"), ("^", "a\nb", "> ", "> a\nb"),
        ("(?m)^", "a\nb", "> ", "> a\n> b"),
        ("$", "a", "$", "a$"), ("a", "", "x", ""), ("", "", "x", "x"), ("(a)", "a", "$99999999999999999999", ""),
        ("(a)", "a", "${1", "${1"),
        ("(\\w+) (\\w+)", "ann lee", "$2 $1", "lee ann"), ("b*", "é", "-", "-é-"),
    ])
    func results(_ pattern: String, _ text: String, _ template: String, _ expected: String) throws {
        #expect(try Pattern(pattern).replacing(in: text, with: template) == expected)
    }

    @Test func theLimitIsKeptBeforeTheResultIsBuilt() throws {
        func replaced(_ text: String, _ template: String, _ limit: Int) throws -> String? {
            var steps = Int.max
            return try Pattern("(a+)").replacing(in: text, with: template, limit: limit, steps: &steps)
        }
        let text = "a" * 1000
        #expect(try replaced(text, "$1$1", 2000)?.utf8.count == 2000)
        #expect(try replaced(text, "$1$1", 1999) == nil)
        #expect(try replaced(text, "$1" * 1_000_000, 1 << 20) == nil)
        #expect(try replaced("bbb", "", 2) == nil)
        #expect(try replaced("bbb", "", 3) == "bbb")
    }
}
