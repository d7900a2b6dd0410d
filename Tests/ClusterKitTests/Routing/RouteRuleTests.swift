import ClusterKit
import ClusterTesting
import Testing

@Suite struct RouteRuleTests {
    struct Row: CustomStringConvertible, Sendable {
        var rule: String
        var holds: [RequestHead] = []
        var fails: [RequestHead] = []

        init(_ rule: String, holds: [RequestHead], fails: [RequestHead]) {
            self.rule = rule
            self.holds = holds
            self.fails = fails
        }

        var description: String { rule }
    }

    private static func host(_ name: String, _ path: String = "/") -> RequestHead {
        RequestHead(host: name, path: path)
    }

    private static func paths(_ list: String...) -> [RequestHead] { list.map { RequestHead(host: "h", path: $0) } }

    private static func method(_ name: String) -> RequestHead { RequestHead(method: name, host: "h", path: "/") }

    private static func query(_ text: String) -> RequestHead { RequestHead(host: "h", path: "/", query: text) }

    private static func fields(_ list: (String, String)...) -> RequestHead {
        RequestHead(host: "h", path: "/", fields: list)
    }

    private static func client(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> RequestHead {
        RequestHead(host: "h", path: "/", client: RouteFixture.address(a, b, c, d))
    }

    static let rows: [Row] = [
        Row("Host(`example.org`)", holds: [host("example.org")], fails: [host("www.example.org"), host("example.or")]),
        Row("Host(`Example.ORG`)", holds: [host("example.org")], fails: [host("example.com")]),
        Row("Host(`example.org.`)", holds: [host("example.org")], fails: [host("example.org.")]),
        Row("HostHeader(`a`)", holds: [host("a")], fails: [host("b"), host("")]),
        Row("host(`a`)", holds: [host("a")], fails: [host("b")]),
        Row("HOST(`a`,`b`)", holds: [host("a"), host("b")], fails: [host("c")]),
        Row("Host(\"a\", `b`)", holds: [host("a"), host("b")], fails: [host("c")]),
        Row("Host(`[::1]`)", holds: [host("[::1]")], fails: [host("::1")]),
        Row("  Host ( `a` )\t", holds: [host("a")], fails: [host("b")]),
        Row("Path(`/a`)", holds: paths("/a"), fails: paths("/a/", "/a/b", "/", "/ab", "/A")),
        Row("Path(`/`)", holds: paths("/"), fails: paths("/a")),
        Row("Path(`/a`, `/b/`)", holds: paths("/a", "/b/"), fails: paths("/b", "/a/")),
        Row("PathPrefix(`/path`)", holds: paths("/path", "/path/", "/path/x/y"), fails: paths("/pathX", "/", "/pat")),
        Row("PathPrefix(`/path/`)", holds: paths("/path/", "/path/x"), fails: paths("/path", "/pathX")),
        Row("PathPrefix(`/`)", holds: paths("/", "/a", "/a/b"), fails: []),
        Row("PathPrefix(`/a`,`/b`)", holds: paths("/a/x", "/b"), fails: paths("/c", "/ab")),
        Row("PathPrefix(`/a b`)", holds: paths("/a%20b/c"), fails: paths("/a", "/a b")),
        Row("PathPrefix(`/%61%2f`)", holds: paths("/a%2F/x", "/a%2F"), fails: paths("/a/", "/a%2f")),
        Row("PathPrefix(`/ä`)", holds: paths("/%C3%A4"), fails: paths("/a")),
        Row("Method(`GET`)", holds: [method("GET")], fails: [method("POST"), method("get"), method("GETS")]),
        Row("Method(`get`, `put`)", holds: [method("GET"), method("PUT")], fails: [method("HEAD")]),
        Row(
            "Headers(`X-Env`, `prod`)", holds: [fields(("x-env", "prod")), fields(("X-ENV", "a"), ("X-Env", "prod"))],
            fails: [fields(("X-Env", "Prod")), fields(("X-Env", "prod2")), fields(("X-En", "prod")), fields()]),
        Row(
            "Headers(`A`, `1`, `B`, `2`)", holds: [fields(("a", "1"), ("b", "2"))],
            fails: [fields(("a", "1")), fields(("a", "2"), ("b", "1"))]),
        Row(
            "Query(`a=1`)", holds: [query("a=1"), query("b=2&a=1"), query("%61=%31"), query("a=1&a=2")],
            fails: [query(""), query("a=2"), query("a=2&a=1"), query("a"), query("aa=1"), query("a=11")]),
        Row("Query(`a=`)", holds: [query("a"), query("a="), query("a=x")], fails: [query("b=a"), query("")]),
        Row("Query(`a=b c`)", holds: [query("a=b+c"), query("a=b%20c")], fails: [query("a=bc")]),
        Row("Query(`a=1`, `b=2`)", holds: [query("a=1&b=2")], fails: [query("a=1"), query("b=2")]),
        Row("Query(`a=b=c`)", holds: [query("a=b=c"), query("a=b%3Dc")], fails: [query("a=b")]),
        Row("ClientIP(`10.0.0.0/8`)", holds: [client(10, 255, 0, 1)], fails: [client(11, 0, 0, 1), host("h")]),
        Row(
            "ClientIP(`192.0.2.7`, `10.1.2.3/31`)", holds: [client(192, 0, 2, 7), client(10, 1, 2, 2)],
            fails: [client(192, 0, 2, 8), client(10, 1, 2, 4)]),
        Row("ClientIP(`::ffff:10.0.0.1`)", holds: [client(10, 0, 0, 1)], fails: [client(10, 0, 0, 2)]),
        Row("ClientIP(`0.0.0.0/0`)", holds: [client(1, 2, 3, 4)], fails: [host("h")]),
        Row("ClientIP(`::/0`)", holds: [client(1, 2, 3, 4), host("h")], fails: []),
        Row("!Host(`a`)", holds: [host("b")], fails: [host("a")]),
        Row("!!Host(`a`)", holds: [host("a")], fails: [host("b")]),
        Row(
            "Host(`a`) && PathPrefix(`/p`)", holds: [host("a", "/p/x")], fails: [host("a", "/q"), host("b", "/p")]),
        Row("Host(`a`)&&!PathPrefix(`/p`)", holds: [host("a", "/q")], fails: [host("a", "/p"), host("b", "/q")]),
        // `&&` binds stronger than `||`.
        Row(
            "Host(`a`) || Host(`b`) && Path(`/x`)", holds: [host("a", "/y"), host("b", "/x")],
            fails: [host("b", "/y")]),
        Row(
            "(Host(`a`) || Host(`b`)) && Path(`/x`)", holds: [host("a", "/x"), host("b", "/x")],
            fails: [host("a", "/y")]),
        Row("!(Host(`a`) || Path(`/x`))", holds: [host("b", "/y")], fails: [host("a", "/y"), host("b", "/x")]),
        Row("!Host(`a`) && Path(`/x`)", holds: [host("b", "/x")], fails: [host("a", "/x"), host("b", "/y")]),
        Row("((((Host(`a`)))))", holds: [host("a")], fails: [host("b")]),
        Row("Host(\"\\x61\")", holds: [host("a")], fails: [host("x61")]),
        Row("Headers(`X`, \"a\\\"b\\\\\")", holds: [fields(("x", "a\"b\\"))], fails: [fields(("x", "ab"))]),
    ]

    @Test(arguments: rows) func means(row: Row) throws {
        let rule = try RouteRule(row.rule)
        for head in row.holds { #expect(rule.matches(head), "\(head.text(0..<head.bytes.count))") }
        for head in row.fails { #expect(!rule.matches(head), "\(head.text(0..<head.bytes.count))") }
        // A table, which looks rules up by what they ask for, must find the same.
        let table = RouteFixture.table(tags: ["traefik.http.routers.r.rule=\(row.rule)"])
        #expect(table.problems == [])
        for head in row.holds { #expect(table.route(for: head) != nil) }
        for head in row.fails { #expect(table.route(for: head) == nil) }
    }

    @Test func nestsToItsBudget() throws {
        let depth = RouteRule.deepestNesting
        let text = String(repeating: "(", count: depth) + "Host(`a`)" + String(repeating: ")", count: depth)
        #expect(try RouteRule(text).matches(RequestHead(host: "a", path: "/")))
        #expect(throws: RouteRuleError.self) { try RouteRule("(\(text))") }
        let nots = String(repeating: "!", count: depth + 1) + "Host(`a`)"
        #expect(throws: RouteRuleError.self) { try RouteRule(nots) }
    }

    @Test func aHeadWhosePartsLieOutsideItsBytesIsNobodys() throws {
        var head = RequestHead(host: "a", path: "/")
        head.path = 5..<500
        #expect(try !RouteRule("PathPrefix(`/`)").matches(head))
        head.path = 0..<1
        head.fields = [RequestHead.Field(name: 0..<1, value: 90..<91)]
        #expect(try !RouteRule("Headers(`G`, `G`)").matches(head))
    }
}
