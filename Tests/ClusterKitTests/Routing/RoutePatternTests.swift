import ClusterKit
import Testing

/// Regular expressions in rules: those of Traefik 3, and the templates of Traefik 2.
@Suite struct RoutePatternTests {
    struct Row: CustomStringConvertible, Sendable {
        var rule: String
        var holds: [RequestHead] = []
        var fails: [RequestHead] = []

        var description: String { rule }

        init(_ rule: String, holds: [RequestHead], fails: [RequestHead]) {
            (self.rule, self.holds, self.fails) = (rule, holds, fails)
        }
    }

    private static func hosts(_ list: String...) -> [RequestHead] { list.map { RequestHead(host: $0, path: "/") } }

    private static func paths(_ list: String...) -> [RequestHead] { list.map { RequestHead(host: "h", path: $0) } }

    private static func queries(_ list: String...) -> [RequestHead] {
        list.map { RequestHead(host: "h", path: "/", query: $0) }
    }

    private static func fields(_ list: (String, String)...) -> RequestHead {
        RequestHead(host: "h", path: "/", fields: list)
    }

    static let hostRows: [Row] = [
        Row(
            #"HostRegexp(`^.+\.example\.org$`)"#, holds: hosts("a.example.org", "b.a.example.org"),
            fails: hosts("example.org", "a.exampleXorg", "a.example.org.evil")),
        Row(
            #"HostRegexp(`^[A-Z]{2}\.x$`)"#, holds: hosts("ab.x"), fails: hosts("abc.x", "a1.x")),
        Row(#"HostRegexp(`example\.org`)"#, holds: hosts("example.org", "www.example.org.uk"), fails: hosts("example")),
        Row(#"HostRegexp(`^\p{Lu}+$`)"#, holds: hosts("ab"), fails: hosts("a1")),
        Row("HostRegexp(`a|b`)", holds: hosts("a", "cb"), fails: hosts("c")),
        Row("HostRegexp(`Example.org`)", holds: hosts("example.org"), fails: hosts("exampleXorg", "a.example.org")),
        Row(
            "HostRegexp(`{sub:[A-Z]+}.example.org`)", holds: hosts("abc.example.org"),
            fails: hosts("a1.example.org", "abc.exampleXorg", "x.abc.example.org", "abc.example.org.x")),
        Row("HostRegexp(`{sub}.example.org.`)", holds: hosts("a-1.example.org"), fails: hosts("a.b.example.org")),
        Row("HostRegexp(`{a:x{2}|y}.{b:.*}`)", holds: hosts("xx.a.b", "y."), fails: hosts("x.a", "xxx.a")),
        Row("HostRegexp(`a`, `{n:b+}`)", holds: hosts("a", "bb"), fails: hosts("ab", "c")),
        Row("!HostRegexp(`^a`)", holds: hosts("b"), fails: hosts("ab")),
    ]

    static let otherRows: [Row] = [
        Row(
            #"PathRegexp(`^/(products|shoes)/\d+$`)"#, holds: paths("/products/1", "/shoes/31"),
            fails: paths("/products", "/Products/1", "/products/1/", "/x/products/1")),
        Row(#"PathRegexp(`\.jpe?g$`)"#, holds: paths("/a/b.jpg", "/c.jpeg"), fails: paths("/a.JPG", "/jpg")),
        Row(#"PathRegexp(`(?i)\.JPG$`)"#, holds: paths("/a.jpg"), fails: paths("/jpg")),
        Row("Path(`/a/{id:[0-9]+}`)", holds: paths("/a/1", "/a/23"), fails: paths("/a/", "/a/1/", "/a/x", "/b/a/1")),
        Row("Path(`/{any}/end`)", holds: paths("/x/end"), fails: paths("/x/y/end", "//end", "/x/end/")),
        Row("Path(`/a.b/{rest:.*}`)", holds: paths("/a.b/", "/a.b/c/d"), fails: paths("/axb/c", "/a.b")),
        Row("Path(`/a b/{id}`)", holds: paths("/a%20b/1"), fails: paths("/a b/1")),
        Row(
            "PathPrefix(`/a/{id:[0-9]+}`)", holds: paths("/a/1", "/a/12/", "/a/1/x"),
            fails: paths("/a/1x", "/a/", "/b/a/1")),
        Row("PathPrefix(`/{id:[0-9]+}/`)", holds: paths("/1/", "/1/x"), fails: paths("/1", "/x/")),
        Row("PathPrefix(`/a`, `/{n:b+}`)", holds: paths("/a/1", "/bb/1"), fails: paths("/c", "/ab")),
        Row(
            "HeadersRegexp(`Accept`, `^text/(html|plain)`)",
            holds: [fields(("ACCEPT", "text/html; q=1")), fields(("Accept", "a/b"), ("accept", "text/plain"))],
            fails: [fields(("Accept", "x text/html")), fields(("Accept", "TEXT/html")), fields(("Acc", "text/html"))]),
        Row(
            "HeaderRegexp(`A`, `^1`, `B`, `2$`)", holds: [fields(("a", "12"), ("b", "12"))],
            fails: [fields(("a", "12")), fields(("a", "21"), ("b", "12"))]),
        Row(
            "QueryRegexp(`a`, `^[0-9]+ x$`)", holds: queries("a=1+x", "b=2&a=12%20x", "a=y&%61=1%20x"),
            fails: queries("", "a=1", "a=+1+x", "b=1+x", "aa=1+x")),
        Row("QueryRegexp(`a`, `^$`)", holds: queries("a", "a="), fails: queries("a=1", "b")),
    ]

    @Test(arguments: hostRows + otherRows) func means(row: Row) throws {
        let rule = try RouteRule(row.rule)
        for head in row.holds { #expect(rule.matches(head), "\(head.text(0..<head.bytes.count))") }
        for head in row.fails { #expect(!rule.matches(head), "\(head.text(0..<head.bytes.count))") }
        let table = RouteFixture.table(tags: ["traefik.http.routers.r.rule=\(row.rule)"])
        #expect(table.problems == [])
        for head in row.holds { #expect(table.route(for: head) != nil) }
        for head in row.fails { #expect(table.route(for: head) == nil) }
    }

    /// Bytes that are no UTF-8 are looked at, and end nothing.
    @Test func anyBytesMayBeAsked() throws {
        var head = RequestHead(host: "h", path: "/")
        let start = head.bytes.count
        head.bytes += [0xFF, 0x61, 0xC3]
        head.path = start..<start + 3
        #expect(try RouteRule("PathRegexp(`^.a.$`)").matches(head))
        #expect(try !RouteRule("PathRegexp(`^a`)").matches(head))
    }

    /// Rules with expressions stand beside others: the longer one, or the one with the higher priority, is asked first.
    @Test func expressionsTakePartInTheOrder() {
        let table = RouteFixture.table(tags: [
            "traefik.http.routers.all.rule=HostRegexp(`.+`)", "traefik.http.routers.all.priority=1",
            "traefik.http.routers.one.rule=Host(`a`)",
        ])
        #expect(table.problems == [])
        #expect(table.route(for: RequestHead(host: "a", path: "/"))?.name == "one")
        #expect(table.route(for: RequestHead(host: "b", path: "/"))?.name == "all")
    }
}
