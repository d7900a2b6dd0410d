import ClusterKit
import Testing

@testable import ClusterEdge

struct RequestScannerTests {
    private func scan(_ text: String) throws -> RequestScanner {
        var scanner = RequestScanner()
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBytes { try scanner.read($0, configuration: ProxyConfiguration()) }
        return scanner
    }

    @Test func findsTheParts() throws {
        let scanner = try scan(
            "POST /a/b?x=1 HTTP/1.1\r\nHost: Example.ORG.:8080\r\nX-A:  b c \r\nContent-Length: 12\r\n\r\n")
        let head = scanner.head
        #expect(head.text(head.method) == "POST" && scanner.method == .post)
        #expect(head.text(head.path) == "/a/b" && head.text(head.query) == "x=1")
        #expect(head.text(head.host) == "example.org" && head.text(scanner.hostPort) == "8080")
        #expect(head.fields.map { head.text($0.name) + "=" + head.text($0.value) } == ["X-A=b c"])
        #expect(scanner.framing == .length(12) && scanner.isPersistent)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true), ("HTTP/1.1", "Connection: a, CLOSE\r\n", false),
    ])
    func knowsWhetherTheConnectionStays(version: String, line: String, stays: Bool) throws {
        #expect(try scan("GET / \(version)\r\nHost: a\r\n\(line)\r\n").isPersistent == stays)
    }

    @Test func dropsWhatGoesNoFurther() throws {
        let scanner = try scan(
            """
            GET / HTTP/1.1\r\nHost: a\r\nConnection: x-mine, X-Forwarded-For\r\nX-Mine: 1\r\nKeep-Alive: 5\r
            TE: trailers\r\nTrailer: a\r\nX-Forwarded-Proto: https\r\nX-REAL-IP: 1.2.3.4\r\nForwarded: for=a\r
            X_Forwarded_For: 6.6.6.6\r\nProxy-Connection: a\r\nProxy-Authorization: a\r\nAccept: b\r\n\r\n
            """)
        #expect(scanner.head.fields.map { scanner.head.text($0.name) } == ["Accept"])
    }

    @Test func upgradesOnlyWhenAskedProperly() throws {
        func upgrade(_ text: String) throws -> String {
            let scanner = try scan(text)
            return scanner.head.text(scanner.upgrade)
        }
        let good = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
        #expect(try upgrade(good) == "websocket")
        #expect(try upgrade(good.replacing("Connection: keep-alive, Upgrade\r\n", with: "")).isEmpty)
        #expect(try upgrade(good.replacing("websocket", with: "h2c")) == "")
        #expect(try upgrade(good.replacing("GET", with: "POST")) == "")
    }

    @Test(arguments: [
        ("GET / HTTP/2.0", 505), ("GET / HTTP/1.2", 505), ("GET / http/1.1", 400), ("GET / HTTP/1.1 ", 400),
        ("GET  / HTTP/1.1", 400), ("GET /a b HTTP/1.1", 400), ("G(T / HTTP/1.1", 400), ("GET", 400),
        ("CONNECT a:1 HTTP/1.1", 501), ("TRACE / HTTP/1.1", 501), ("OPTIONS * HTTP/1.1", 400),
        ("GET http:/a HTTP/1.1", 400), ("GET http://b/ HTTP/1.1", 400), ("GET http://a@b/ HTTP/1.1", 400),
        ("GET http://a HTTP/1.1", 400), ("GET a HTTP/1.1", 400), ("GET /\u{7F} HTTP/1.1", 400),
        ("GET /\u{1} HTTP/1.1", 400), ("GET /#a HTTP/1.1", 400), ("GET /?a#b HTTP/1.1", 400),
    ])
    func refusesFirstLines(line: String, status: Int) {
        let refusal = #expect(throws: HTTPRefusal.self) { try scan(line + "\r\nHost: a\r\n\r\n") }
        #expect(refusal?.status == status)
    }

    @Test func agreesWithAnAbsoluteTarget() throws {
        let scanner = try scan("GET http://A:81/x HTTP/1.1\r\nHost: a:81\r\n\r\n")
        #expect(scanner.head.text(scanner.head.path) == "/x")
    }
}

struct RequestPathTests {
    private func canonical(_ path: String, allowing: EncodedDelimiters = []) throws -> String {
        var output: [UInt8] = []
        let bytes = Array(path.utf8)
        try bytes.withUnsafeBufferPointer { buffer in
            if RequestPath.isPlain(buffer, 0..<buffer.count) {
                output = bytes
            } else {
                try RequestPath.canonicalize(buffer, allowing: allowing, into: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("/a/", "/a/"), ("/%61", "/a"), ("/%7e%2D", "/~-"), ("/a%c3%a9", "/a%C3%A9"),
        ("/é", "/%C3%A9"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/.", "/a/"),
        ("/a/%2e%2E/b", "/b"), ("/a/b/../../c", "/c"), ("/a/..", "/"), ("/.", "/"), ("/...", "/..."),
        ("/a..b/.c", "/a..b/.c"), ("/a.b", "/a.b"), ("/a|b", "/a%7Cb"), ("/a;x/b", "/a;x/b"), ("/a%2Bb", "/a%2Bb"),
        ("/a+b", "/a+b"), ("/..a", "/..a"),
    ])
    func hasOneForm(path: String, form: String) throws {
        #expect(try canonical(path) == form)
        #expect(try canonical(form) == form, "once is enough")
    }

    @Test(arguments: [
        "/..", "/../a", "/a/../../b", "/%2e%2e/a", "//", "//a", "/a//b", "/a//", "/a\\b", "/a%2Fb", "/a%5cb",
        "/a%00", "/a%3b", "/a%25b", "/a%3F", "/a%23", "/a%0d%0a", "/a%", "/a%4", "/a%zz", "/a/..;/b", "/.;x/", "/a b",
        "/a/%2e%2e;/b", "/a/.//b",
    ])
    func isRefusedWhenServersDisagree(path: String) {
        #expect(throws: HTTPRefusal.self) { try canonical(path) }
    }

    @Test func delimitersMayBeAllowed() throws {
        #expect(try canonical("/a%2fb", allowing: .slash) == "/a%2Fb")
        #expect(try canonical("/a%25b", allowing: [.slash, .percent]) == "/a%25b")
        #expect(throws: HTTPRefusal.self) { try canonical("/a%00", allowing: EncodedDelimiters(rawValue: 0xFF)) }
    }
}

struct RequestHostTests {
    private static func host(_ bytes: [UInt8]) throws -> RequestHost {
        try bytes.withUnsafeBufferPointer { try RequestHost($0, 0..<$0.count) }
    }

    @Test(arguments: [
        ("a", "a", ""), ("a.b:80", "a.b", "80"), ("a.", "a", ""), ("[::1]:8080", "[::1]", "8080"),
        ("[::1]", "[::1]", ""),
        ("my_host", "my_host", ""), ("10.0.0.1:1", "10.0.0.1", "1"),
    ])
    func isTakenApart(text: String, name: String, port: String) throws {
        let bytes = Array(text.utf8)
        let host = try Self.host(bytes)
        #expect(String(decoding: bytes[host.name], as: UTF8.self) == name)
        #expect(String(decoding: bytes[host.port], as: UTF8.self) == port)
    }

    @Test(arguments: [
        "", "a b", "a,b", "a:b", "a:", "a:123456", "user@a", "a/b", "[::1", "[]", "a\u{E9}", "a%41", "[::1]x", ":80",
        String(repeating: "a", count: 300),
    ])
    func isRefused(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: HTTPRefusal.self) { try Self.host(bytes) }
    }
}
