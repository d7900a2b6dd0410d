/// A request as no honest client sends it.
struct SmugglingCase: Sendable, CustomStringConvertible {
    var description: String
    /// What is sent.
    var raw: String
    /// The status that the client gets for it; 0 where it is proper and goes on.
    var status: Int

    init(_ description: String, _ status: Int, _ raw: String) {
        self.description = description
        self.status = status
        self.raw = raw
    }

    /// What an attacker hides behind a request.
    static let hidden = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func post(_ lines: String, _ body: String) -> String {
        "POST /a HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\(body)"
    }

    private static func get(_ path: String, _ lines: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
    }

    private static let chunkedHidden = "0\r\n\r\n" + hidden

    static let all = lengths + encodings + chunks + heads + names + paths + targets

    private static let lengths: [SmugglingCase] = [
        .init("CL.TE", 400, post("Content-Length: 41\r\nTransfer-Encoding: chunked\r\n", chunkedHidden)),
        .init(
            "TE.CL", 400, post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "23\r\n\(hidden)\r\n0\r\n\r\n")),
        .init("two different lengths", 400, post("Content-Length: 0\r\nContent-Length: 35\r\n", hidden)),
        .init("the same length twice", 400, post("Content-Length: 35\r\nContent-Length: 35\r\n", hidden)),
        .init("lengths in a list", 400, post("Content-Length: 35, 35\r\n", hidden)),
        .init("different lengths in a list", 400, post("Content-Length: 0, 35\r\n", hidden)),
        .init("a length with plus", 400, post("Content-Length: +35\r\n", hidden)),
        .init("a negative length", 400, post("Content-Length: -1\r\n", hidden)),
        .init("a hexadecimal length", 400, post("Content-Length: 0x23\r\n", hidden)),
        .init("a length with a space inside", 400, post("Content-Length: 3 5\r\n", hidden)),
        .init("a length that overflows", 400, post("Content-Length: 18446744073709551652\r\n", hidden)),
        .init("a length with a fraction", 400, post("Content-Length: 35.0\r\n", hidden)),
        .init("an empty length", 400, post("Content-Length:\r\n", hidden)),
        .init("a quoted length", 400, post("Content-Length: \"35\"\r\n", hidden)),
        .init("an underscore in the length's name", 0, post("Content_Length: 35\r\nContent-Length: 0\r\n", "")),
        .init("a length named in Connection", 0, post("Connection: content-length\r\nContent-Length: 35\r\n", hidden)),
        .init("a body of a GET", 0, get("/a", "Content-Length: 35\r\n") + hidden),
        .init("leading zeros in a length", 0, post("Content-Length: 0000035\r\n", hidden)),
    ]

    private static let encodings: [SmugglingCase] = [
        .init("identity", 400, post("Transfer-Encoding: identity\r\n", hidden)),
        .init("chunked not last", 400, post("Transfer-Encoding: chunked, identity\r\n", chunkedHidden)),
        .init("chunked twice", 400, post("Transfer-Encoding: chunked, chunked\r\n", chunkedHidden)),
        .init("two encodings", 400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", chunkedHidden)),
        .init("gzip, chunked", 400, post("Transfer-Encoding: gzip, chunked\r\n", chunkedHidden)),
        .init("xchunked", 400, post("Transfer-Encoding: xchunked\r\n", chunkedHidden)),
        .init("a quoted encoding", 400, post("Transfer-Encoding: \"chunked\"\r\n", chunkedHidden)),
        .init("a vertical tab before chunked", 400, post("Transfer-Encoding: \u{0B}chunked\r\n", chunkedHidden)),
        .init("an encoding with a parameter", 400, post("Transfer-Encoding: chunked;q=1\r\n", chunkedHidden)),
        .init("an empty encoding", 400, post("Transfer-Encoding:\r\n", chunkedHidden)),
        .init("a space before the colon", 400, post("Transfer-Encoding : chunked\r\n", chunkedHidden)),
        .init("a tab before the colon", 400, post("Transfer-Encoding\t: chunked\r\n", chunkedHidden)),
        .init("an encoding on a folded line", 400, post("X: y\r\n Transfer-Encoding: chunked\r\n", chunkedHidden)),
        .init("a folded encoding", 400, post("Transfer-Encoding:\r\n chunked\r\n", chunkedHidden)),
        .init(
            "an encoding in HTTP/1.0", 400,
            "POST /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunkedHidden),
        .init("another case", 0, post("transfer-ENCODING: CHUNKED\r\n", "0\r\n\r\n")),
        .init(
            "an encoding named in Connection", 0,
            post("Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n", "23\r\n\(hidden)\r\n0\r\n\r\n")),
        .init("an encoding behind a bare CR", 400, post("X: y\rTransfer-Encoding: chunked\r\n", chunkedHidden)),
        .init("an encoding behind a bare LF", 400, post("X: y\nTransfer-Encoding: chunked\r\n", chunkedHidden)),
        .init("an encoding behind a NUL", 400, post("X: y\u{0}Transfer-Encoding: chunked\r\n", chunkedHidden)),
    ]

    private static func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked\r\n", body) }

    private static let chunks: [SmugglingCase] = [
        .init("a chunk that ends in LF", 400, chunked("0\n\n" + hidden)),
        .init("an LF in an extension", 400, chunked("2;\nxx\r\n23\r\n\(hidden)\r\n0\r\n\r\n")),
        .init("a CR in an extension", 400, chunked("2;a\rb\r\nxx\r\n0\r\n\r\n" + hidden)),
        .init("a chunk size with 0x", 400, chunked("0x0\r\n\r\n" + hidden)),
        .init("a chunk size with plus", 400, chunked("+0\r\n\r\n" + hidden)),
        .init("a chunk size that overflows", 400, chunked("10000000000000000\r\n" + hidden)),
        .init("a chunk size that overflows to 0", 400, chunked("FFFFFFFFFFFFFFFFF\r\n" + hidden)),
        .init("a chunk size with a space", 400, chunked("0 \r\n\r\n" + hidden)),
        .init("a chunk size with underscores", 400, chunked("0_0\r\n\r\n" + hidden)),
        .init("data longer than its chunk", 400, chunked("2\r\nxxx\r\n0\r\n\r\n" + hidden)),
        .init("data that ends in LF", 400, chunked("2\r\nxx\n0\r\n\r\n" + hidden)),
        .init("a trailer with LF", 400, chunked("0\r\nX: y\n\r\n" + hidden)),
        .init("a trailer that is folded", 400, chunked("0\r\n X: y\r\n\r\n" + hidden)),
        .init("a trailer that states a length", 0, chunked("0\r\nContent-Length: 35\r\n\r\n")),
        .init("an extension", 0, chunked("2;a=\"0\"\r\nxx\r\n0;b\r\n\r\n")),
    ]

    private static let heads: [SmugglingCase] = [
        .init("lines that end in LF", 400, "GET /a HTTP/1.1\nHost: a\n\n" + hidden),
        .init("a line that ends in CR", 400, "GET /a HTTP/1.1\r\nHost: a\r\r\n\r\n" + hidden),
        .init("a first line that ends in LF", 400, "GET /a HTTP/1.1\nHost: a\r\n\r\n"),
        .init("HTTP/0.9", 400, "GET /a\r\n\r\n" + hidden),
        .init("HTTP/1.10", 400, "GET /a HTTP/1.10\r\nHost: a\r\n\r\n"),
        .init("HTTP/2.0", 505, "GET /a HTTP/2.0\r\nHost: a\r\n\r\n"),
        .init("the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        .init("a folded first header", 400, "GET /a HTTP/1.1\r\n Host: a\r\n\r\n"),
        .init("a first line in the first header", 400, "GET /a HTTP/1.1\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("a tab for a space", 400, "GET\t/a HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("a request within the target", 400, "GET /a HTTP/1.1 GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init(
            "an upgrade to h2c", 0,
            get("/a", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: A\r\n")),
        .init("CONNECT", 501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" + hidden),
        .init("TRACE", 501, "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    private static let names: [SmugglingCase] = [
        .init("no host", 400, "GET /a HTTP/1.1\r\n\r\n"),
        .init("two hosts", 400, get("/a", "Host: b\r\n")),
        .init("a host with a path", 400, "GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        .init("a host with a space", 400, "GET /a HTTP/1.1\r\nHost: a b\r\n\r\n"),
        .init("a header without a name", 400, get("/a", ": b\r\n")),
        .init("a header without a colon", 400, get("/a", "abc\r\n")),
        .init("a name that is no token", 400, get("/a", "X(y: z\r\n")),
        .init("a NUL in a name", 400, get("/a", "X\u{0}: z\r\n")),
        .init("a method that is no token", 400, "G@T /a HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("own headers named in Connection", 0, get("/a", "Connection: X-Forwarded-For, x-real-ip, close\r\n")),
    ]

    private static let paths: [SmugglingCase] =
        [
            "/a/%2e%2e/smuggled", "/a/../smuggled", "/a/./smuggled", "/a/%2E/smuggled", "/%61/x", "/a%7Eb", "/a|b",
            "/a?x=/../smuggled",
        ].map { .init("path \($0)", 0, get($0)) }
        + [
            "/a/..%2fsmuggled", "/a%2f..%2fsmuggled", "/a/..%5csmuggled", "/a\\..\\smuggled", "/a//../smuggled",
            "//smuggled", "/a/..;/smuggled", "/a/%2e%2e;x/smuggled", "/../smuggled", "/a/../../smuggled",
            "/a%00/smuggled",
            "/a%0d%0aX:%20y", "/a%252e%252e/smuggled", "/a%3f/smuggled", "/a%23/smuggled", "/a#/smuggled",
            "/a%3b/smuggled",
            "/a%zz", "/a%c", "/a\u{7F}",
        ].map { .init("path \($0.debugDescription)", 400, get($0)) }

    private static let targets: [SmugglingCase] = [
        .init("an absolute target of another host", 400, "GET http://b/a HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("an absolute target with a user", 400, "GET http://a@b/a HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("an absolute target", 0, "GET http://a/a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("another scheme", 400, "GET file:///etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"),
        .init("a target without a slash", 400, "GET smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]
}
