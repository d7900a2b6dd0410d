import ClusterKit
import Testing

@Suite struct RouteRuleErrorTests {
    struct Row: CustomStringConvertible, Sendable {
        var rule: String
        var column: Int
        var words: String

        init(_ rule: String, _ column: Int, _ words: String) {
            self.rule = rule
            self.column = column
            self.words = words
        }

        var description: String { rule }
    }

    static let rows: [Row] = [
        Row("", 1, "the rule is empty"),
        Row("   ", 4, "the rule is empty"),
        Row("Hots(`a`)", 1, "did you mean Host?"),
        Row("Host(`a`) && PathPrefx(`/a`)", 14, "did you mean PathPrefix?"),
        Row("Header(`a`, `b`)", 1, "did you mean Headers?"),
        Row("Banana(`a`)", 1, "expected Host, HostHeader, PathPrefix, Path, Method, Headers, Query, ClientIP"),
        Row("Host", 5, "found the end of the rule, expected `(` after Host"),
        Row("Host()", 6, "found `)`, expected a value of Host in backticks or double quotes"),
        Row("Host(`a`", 9, "found the end of the rule, expected `,` or `)`"),
        Row("Host(`a`,)", 10, "found `)`, expected a value of Host"),
        Row("Host(`a` `b`)", 10, "found the text \"b\", expected `,` or `)`"),
        Row("Host(a)", 6, "found `a`, expected a value of Host"),
        Row("Host(`a)", 6, "the backtick is never closed"),
        Row("Host(\"a)", 6, "the double quote is never closed"),
        Row("Host(\"a\n\")", 6, "not closed on its line"),
        Row("Host('a')", 6, "a value stands in backticks or in double quotes"),
        Row("Host(“a”)", 6, "a value stands in backticks or in double quotes"),
        Row("Host(`ä`) && Hoost(`a`)", 6, "is not ASCII; write its `xn--` form"),
        Row("PathPrefix(`/ä`) && Hoost(`a`)", 21, "did you mean Host?"),
        Row("Host(``)", 6, "is empty"),
        Row("Host(`a`, ``)", 11, "is empty"),
        Row("Host(`{name:.+}`)", 6, "holds `{…}`, a regular expression; use HostRegexp"),
        Row("Host(`*.example.org`)", 6, "holds `*`; state the host wholly, or use HostRegexp"),
        Row("Host(`example.org:8080`)", 6, "a host is compared without its port"),
        Row("Host(`https://example.org`)", 6, "a host stands alone, without scheme"),
        Row("Host(`a b`)", 6, "is no host name"),
        Row("Host(`a\u{0}`)", 6, "holds a control character"),
        Row("HostRegexp(`^(a`)", 12, "is no regular expression: byte 1: a group is not closed"),
        Row("HostRegexp(`a(?=b)`)", 12, "is no regular expression: byte 1: `(?=` looks ahead"),
        Row("HostRegexp(`ä.*`)", 12, "is not ASCII; write its `xn--` form"),
        Row("HostRegexp(`a`, `{n:[}`)", 17, "is no regular expression: byte 3: a class is not closed"),
        Row("HostRegexp(`{n:a)|(b}`)", 12, "is no regular expression: byte 4: `)` closes no group"),
        Row("HostRegexp(`{n:}.a`)", 12, "has braces that are not {name:regexp} or {name}"),
        Row("HostRegexp(`{n:a`)", 12, "has a `{` that is never closed"),
        Row("HostRegexp(`{n}:80`)", 12, "has `:80` around its braces, which no host name has"),
        Row("HostRegexp(`^(a{400}){3}$`)", 12, "takes more than 1000 instructions"),
        Row("HostRegexp(`^a{600}$`) || PathRegexp(`b{600}`)", 27, "take more than 1000 instructions"),
        Row("HeadersRegexp(`a`)", 1, "HeadersRegexp takes a name and its value"),
        Row("HeaderRegexp(`a b`, `.*`)", 14, "is no name of a header line"),
        Row("HeadersRegexp(`a`, `**`)", 20, "is no regular expression: byte 0: there is nothing for `*` to repeat"),
        Row("QueryRegexp(`a`)", 1, "QueryRegexp takes a name and its value"),
        Row("PathRegexp(`\\1`)", 12, "is no regular expression: byte 0: `\\1` refers back"),
        Row("MethodRegexp(`G.*`)", 1, "there is no matcher `MethodRegexp`"),
        Row("HostSNI(`*`)", 1, "is about TCP routes"),
        Row("Path(`a`)", 6, "does not begin with `/`"),
        Row("Path(`/a?b=c`)", 6, "is matched by Query"),
        Row("Path(`/a/../b`)", 6, "holds `.` or `..`"),
        Row("PathPrefix(`/{[0-9]+}`)", 12, "holds a brace without a name; write {name:regexp}, or use PathRegexp"),
        Row("Path(`{id}`)", 6, "does not begin with `/`"),
        Row("Path(`/../{id}`)", 6, "holds `.` or `..`"),
        Row("Path(`/a?{id}`)", 6, "is matched by Query"),
        Row("Method(`G T`)", 8, "is no method"),
        Row("Headers(`a`)", 1, "Headers takes a name and its value"),
        Row("Headers(`a`, `b`, `c`)", 1, "Headers takes a name and its value"),
        Row("Headers(`a b`, `c`)", 9, "is no name of a header line"),
        Row("Headers(`a`, \"b\\r\\n\")", 14, "holds a control character"),
        Row("Query(`a`)", 7, "has to be `name=value`"),
        Row("Query(`=a`)", 7, "has to be `name=value`"),
        Row("Query(`a={x:.*}`)", 7, "holds `{…}`, a regular expression; use QueryRegexp"),
        Row("ClientIP(`10.0.0.0/33`)", 10, "is neither an IP address nor a network"),
        Row("ClientIP(`10.0.0`)", 10, "is neither an IP address nor a network"),
        Row("ClientIP(`::1::`)", 10, "is neither an IP address nor a network"),
        Row("ClientIP(`example.org`)", 10, "is neither an IP address nor a network"),
        Row("Host(`a`) & Host(`b`)", 11, "found a single `&`, expected `&&`"),
        Row("Host(`a`) | Host(`b`)", 11, "found a single `|`, expected `||`"),
        Row("Host(`a`) and Host(`b`)", 11, "\"and\" is written `&&`"),
        Row("Host(`a`) OR Host(`b`)", 11, "\"or\" is written `||`"),
        Row("not Host(`a`)", 1, "\"not\" is written `!`"),
        Row("Host(`a`) Host(`b`)", 11, "found `Host`, expected `&&`, `||` or the end of the rule"),
        Row("Host(`a`) &&", 13, "found the end of the rule, expected a matcher"),
        Row("&& Host(`a`)", 1, "found `&&`, expected a matcher"),
        Row("!", 2, "found the end of the rule, expected a matcher"),
        Row("()", 2, "found `)`, expected a matcher"),
        Row("(Host(`a`)", 11, "the `)` of the parenthesis in column 1"),
        Row("Host(`a`))", 10, "found `)`, expected `&&`, `||` or the end of the rule"),
        Row("`a`", 1, "found the text \"a\", expected a matcher"),
        Row("Host(`a`) && \u{0}", 14, "the control character U+0000"),
        Row("Host(`a`) == `b`", 11, "found `=`, expected a matcher"),
        Row("Host(\"\\q\")", 7, "the escapes are"),
        Row("Host(\"\\x4\")", 7, "needs 2 hexadecimal digits"),
        Row("Host(\"\\uD800\")", 7, "the escape names no character"),
        Row("Host(\"a\\", 8, "the escapes are"),
        Row("Host:example.org;PathPrefix:/a", 5, "found `:`"),
    ]

    @Test(arguments: rows) func refuses(row: Row) {
        let error = #expect(throws: RouteRuleError.self) { try RouteRule(row.rule) }
        #expect(error?.column == row.column, "\(error?.description ?? "")")
        #expect(error?.reason.contains(row.words) == true, "\(error?.description ?? "")")
    }

    @Test func aLongRuleIsRefusedUnread() {
        let text = "Host(`" + String(repeating: "a", count: 1 << 20) + "`)"
        let error = #expect(throws: RouteRuleError.self) { try RouteRule(text) }
        #expect(error?.reason == "the rule is 1048584 bytes long; 4096 are read at most")
    }
}
