import ClusterKit
import Testing

@Suite struct RewritingTests {
    private func rewrite(_ path: String, _ middlewares: [Middleware]) -> String? {
        let route = Route(name: "r", rule: "", priority: 1, service: "s", middlewares: middlewares, targets: [])
        let head = RequestHead(host: "example.org", path: path)
        return route.rewriting(head).map {
            head.text($0.path) + " " + String(decoding: $0.fieldLines, as: UTF8.self).replacing("\r\n", with: ";")
        }
    }

    @Test(arguments: [
        ("/path", "/ X-Forwarded-Prefix: /path;"), ("/path/", "/ X-Forwarded-Prefix: /path;"),
        ("/path/x", "/x X-Forwarded-Prefix: /path;"), ("/path/x/", "/x/ X-Forwarded-Prefix: /path;"),
        ("/path/path", "/path X-Forwarded-Prefix: /path;"), ("/pathX", nil), ("/", nil), ("/x/path", nil), ("", nil),
        ("*", nil),
    ])
    func stripsWholeSegments(path: String, result: String?) {
        #expect(rewrite(path, [.stripPrefix(["/path"])]) == result)
    }

    /// `//evil.example` names a host to whoever builds a redirect from it.
    @Test(arguments: ["/path//evil.example", "/path///evil.example", "/path//////evil.example"])
    func neverLeavesTwoSlashes(path: String) {
        #expect(rewrite(path, [.stripPrefix(["/path"])]) == "/evil.example X-Forwarded-Prefix: /path;")
        #expect(rewrite(path, [.stripPrefix(["/path/"])]) == "/evil.example X-Forwarded-Prefix: /path/;")
    }

    @Test func theFirstPrefixWins() {
        let one: [Middleware] = [.stripPrefix(["/a", "/a/b"])]
        #expect(rewrite("/a/b/c", one) == "/b/c X-Forwarded-Prefix: /a;")
        #expect(rewrite("/a/b/c", [.stripPrefix(["/a/b", "/a"])]) == "/c X-Forwarded-Prefix: /a/b;")
    }

    @Test func middlewaresFollowEachOther() {
        let two: [Middleware] = [.stripPrefix(["/a"]), .stripPrefix(["/x"]), .stripPrefix(["/b"])]
        #expect(rewrite("/a/b/c", two) == "/c X-Forwarded-Prefix: /a;X-Forwarded-Prefix: /b;")
        #expect(rewrite("/b/c", two) == "/c X-Forwarded-Prefix: /b;")
        #expect(rewrite("/c", two) == nil)
        #expect(rewrite("/a/b/c", []) == nil)
    }

    @Test func aPrefixCannotEndItsHeaderLine() {
        let evil: [Middleware] = [.stripPrefix(["/a\r\nX-Evil: 1"])]
        #expect(rewrite("/a%0D%0AX-Evil:%201/b", evil) == "/b X-Forwarded-Prefix: /a%0D%0AX-Evil:%201;")
    }

    @Test func aSlashAsPrefixTakesNothing() {
        #expect(rewrite("/a", [.stripPrefix(["/"])]) == "/a X-Forwarded-Prefix: /;")
        #expect(rewrite("/", [.stripPrefix(["/"])]) == "/ X-Forwarded-Prefix: /;")
    }
}
