import ClusterTesting

/// A server whose answers a test makes up, for commands that talk to one.
final class MadeUpServer: Sendable {
    private let endpoint: ScriptedEndpoint

    /// Answers requests, each written as `GET /v1/jobs` without its query, with JSON texts.
    convenience init(_ answers: [String: String]) throws {
        try self.init { request in answers[request.line].map { Self.json($0) } ?? Self.missing }
    }

    /// Answers requests as `answer` says.
    init(answer: @escaping @Sendable (Request) -> ScriptedEndpoint.Answer) throws {
        endpoint = try ScriptedEndpoint(.chosen { answer(Request(head: $0)) })
    }

    deinit { endpoint.close() }

    var address: String { "http://127.0.0.1:\(endpoint.port)" }

    /// The requests that came, with their queries.
    var requests: [Request] { endpoint.heads.map(Request.init) }

    /// Their bodies.
    var bodies: [String] { endpoint.bodies }

    struct Request: Sendable {
        /// What is done, and the path.
        let line: String
        let query: String

        init(head: String) {
            let words = head.prefix { $0 != "\r\n" }.split(separator: " ")
            let target = words.count > 1 ? words[1].split(separator: "?", maxSplits: 1) : []
            line = "\(words.first ?? "") \(target.first ?? "")"
            query = target.count > 1 ? String(target[1]) : ""
        }
    }

    static func json(_ text: String) -> ScriptedEndpoint.Answer {
        ScriptedEndpoint.http("200 OK", text, headers: ["Connection: close", "X-Nomad-Index: 5"])
    }

    static let missing = ScriptedEndpoint.http("404 Not Found", "not made up", headers: ["Connection: close"])

    static let unavailable = ScriptedEndpoint.http(
        "503 Service Unavailable", "the agent does not answer",
        headers: ["Connection: close", "X-Cluster-Error: unavailable"])
}
