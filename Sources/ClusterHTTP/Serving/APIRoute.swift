import ClusterClient
import ClusterKit

/// What is done at an endpoint, and what that asks of the caller. There is no route without the latter.
struct APIRoute: Sendable {
    let endpoint: Endpoint
    let access: Access
    /// The most bytes that a body may have.
    let bodyLimit: Int
    let answer: @Sendable (APIRequest) async throws -> APIAnswer

    init(
        _ endpoint: Endpoint, _ access: Access, bodyLimit: Int = 1 << 20,
        answer: @escaping @Sendable (APIRequest) async throws -> APIAnswer
    ) {
        self.endpoint = endpoint
        self.access = access
        self.bodyLimit = bodyLimit
        self.answer = answer
    }
}

/// Finds the route of a path.
///
/// Templates are tried from the one with the most fixed words on, so that `/v1/job/a/b/allocations` is about the job
/// `a/b` whether the `/` came as `%2F` or as it is, as Nomad takes both.
struct EndpointTable: Sendable {
    enum Match {
        case found(APIRoute, parameter: String, argument: String)
        /// There is such a path; it takes these methods.
        case wrongMethod(allowed: [String])
        case none
    }

    private struct Path: Sendable {
        let prefix: [String]
        let parameter: String?
        let suffix: [String]
        var routes: [APIRoute] = []
        var fixedWords: Int { prefix.count + suffix.count }
    }

    /// By the first word after the version.
    private let paths: [String: [Path]]

    init(_ routes: [APIRoute]) {
        var byTemplate: [String: Path] = [:]
        for route in routes {
            byTemplate[route.endpoint.template, default: Self.path(route.endpoint.template)].routes.append(route)
        }
        let all = byTemplate.values.sorted { ($1.fixedWords, $0.prefix.count) < ($0.fixedWords, $1.prefix.count) }
        paths = Dictionary(grouping: all) { $0.prefix.count > 1 ? $0.prefix[1] : "" }
    }

    private static func path(_ template: String) -> Path {
        let words = template.split(separator: "/").map(String.init)
        guard let index = words.firstIndex(where: { $0.first == ":" }) else {
            return Path(prefix: words, parameter: nil, suffix: [])
        }
        return Path(
            prefix: Array(words[..<index]), parameter: String(words[index].dropFirst()),
            suffix: Array(words[(index + 1)...]))
    }

    /// `path` as it stands in the request, without its query.
    func match(_ path: Substring, _ verb: Endpoint.Verb?) -> Match {
        let words = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard words.count > 1 else { return .none }
        for candidate in paths[words[1], default: []] {
            guard let argument = Self.argument(of: words, in: candidate) else { continue }
            if let route = candidate.routes.first(where: { $0.endpoint.verb == verb }) {
                return .found(route, parameter: candidate.parameter ?? "", argument: argument)
            }
            return .wrongMethod(allowed: candidate.routes.flatMap { Self.methods($0.endpoint.verb) }.sorted())
        }
        return .none
    }

    private static func argument(of words: [String], in path: Path) -> String? {
        guard words.starts(with: path.prefix) else { return nil }
        let rest = words[path.prefix.count...]
        guard path.parameter != nil else { return rest.isEmpty || Array(rest) == [""] ? "" : nil }
        guard rest.count > path.suffix.count, rest.suffix(path.suffix.count).elementsEqual(path.suffix) else {
            return nil
        }
        let raw = rest.dropLast(path.suffix.count).joined(separator: "/")
        guard let argument = PercentEncoding.decoded(raw), !argument.isEmpty else { return nil }
        return argument
    }

    private static func methods(_ verb: Endpoint.Verb) -> [String] {
        switch verb {
        case .read: ["GET", "HEAD"]
        case .write: ["POST", "PUT"]
        case .delete: ["DELETE"]
        case .list: ["LIST"]
        case .patch: ["PATCH"]
        }
    }
}
