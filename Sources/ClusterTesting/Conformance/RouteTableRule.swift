import ClusterKit

/// A request in plain words.
struct RouteRequest: CustomStringConvertible {
    var method: String
    var host: String
    var path: String
    var query: [(name: String, value: String)]
    var fields: [(name: String, value: String)]
    /// Four bytes: the client's address of version 4.
    var client: [UInt8]

    var head: RequestHead {
        var address = SIMD16<UInt8>.zero
        (address[10], address[11]) = (0xFF, 0xFF)
        for index in 0..<4 { address[12 + index] = client[index] }
        let query = query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        return RequestHead(
            method: method, host: host, path: path, query: query, fields: fields.map { ($0.name, $0.value) },
            client: address)
    }

    var description: String { "\(method) \(host)\(path)?\(query) \(fields) \(client)" }
}

/// A rule as it is meant, which writes itself down and is evaluated by the book: it knows nothing of parsers, indexes
/// or bytes.
indirect enum RouteTableRule {
    case host([String])
    case prefix([String])
    case path([String])
    case method([String])
    case header(String, String)
    case query(String, String)
    /// The first bytes of an address of version 4.
    case client([UInt8])
    case all(RouteTableRule, RouteTableRule)
    case any(RouteTableRule, RouteTableRule)
    case not(RouteTableRule)

    func holds(for request: RouteRequest) -> Bool {
        switch self {
        case .host(let names): names.contains { $0.lowercased() == request.host }
        case .prefix(let prefixes):
            prefixes.contains { prefix in
                guard request.path.hasPrefix(prefix) else { return false }
                return request.path == prefix || prefix.hasSuffix("/") || request.path.hasPrefix(prefix + "/")
            }
        case .path(let paths): paths.contains(request.path)
        case .method(let methods): methods.contains { $0.uppercased() == request.method }
        case .header(let name, let value):
            request.fields.contains { $0.name.lowercased() == name.lowercased() && $0.value == value }
        case .query(let name, let value):
            request.query.first { $0.name == name }.map { value.isEmpty || $0.value == value } ?? false
        case .client(let start): request.client.starts(with: start)
        case .all(let one, let two): one.holds(for: request) && two.holds(for: request)
        case .any(let one, let two): one.holds(for: request) || two.holds(for: request)
        case .not(let rule): !rule.holds(for: request)
        }
    }

    /// The rule in Traefik's words, with every parenthesis that it may need.
    var text: String {
        switch self {
        case .host(let names): Self.matcher("Host", names)
        case .prefix(let prefixes): Self.matcher("PathPrefix", prefixes)
        case .path(let paths): Self.matcher("Path", paths)
        case .method(let methods): Self.matcher("Method", methods)
        case .header(let name, let value): Self.matcher("Headers", [name, value])
        case .query(let name, let value): Self.matcher("Query", ["\(name)=\(value)"])
        case .client(let start):
            Self.matcher(
                "ClientIP",
                [(start + [0, 0, 0, 0]).prefix(4).map { "\($0)" }.joined(separator: ".") + "/\(start.count * 8)"])
        case .all(let one, let two): "\(one.inner) && \(two.inner)"
        // `&&` binds stronger, so only the parts of an `&&` need parentheses.
        case .any(let one, let two): "\(one.text) || \(two.text)"
        case .not(let rule): "!\(rule.inner)"
        }
    }

    private var inner: String {
        if case .any = self { return "(\(text))" }
        if case .all = self { return "(\(text))" }
        return text
    }

    private static func matcher(_ name: String, _ values: [String]) -> String {
        "\(name)(" + values.map { "`\($0)`" }.joined(separator: ", ") + ")"
    }
}
