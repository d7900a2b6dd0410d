import HCL

/// The matchers of a rule, and what their values mean.
enum RuleMatcher: String, CaseIterable {
    case host = "Host"
    case hostHeader = "HostHeader"
    case pathPrefix = "PathPrefix"
    case path = "Path"
    case method = "Method"
    case headers = "Headers"
    case query = "Query"
    case clientIP = "ClientIP"
    case hostRegexp = "HostRegexp"
    case pathRegexp = "PathRegexp"
    case headersRegexp = "HeadersRegexp"
    /// Traefik 3's name of the same.
    case headerRegexp = "HeaderRegexp"
    case queryRegexp = "QueryRegexp"

    /// A value as it stands between its quotes.
    struct Value {
        var bytes: [UInt8]
        var offset: Int

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Why a matcher is not taken; the place is left out where the matcher itself is meant.
    struct Refusal: Error {
        var reason: String
        var offset: Int?
    }

    /// Finds a matcher by its name, in whatever case it is written.
    static func named(_ name: String) -> Result<RuleMatcher, Refusal> {
        let wanted = name.lowercased()
        if let found = allCases.first(where: { $0.rawValue.lowercased() == wanted }) { return .success(found) }
        if wanted == "hostsni" || wanted == "alpn" {
            return .failure(Refusal(reason: "`\(name)` is about TCP routes, which are not served; use Host"))
        }
        let known = allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return .failure(
            Refusal(reason: "there is no matcher `\(name)`, expected \(known.joined(separator: ", "))\(near)"))
    }

    /// What the matcher asks for: several values are alternatives; names with values must all be there.
    func condition(_ values: [Value], at place: Int) -> Result<RouteCondition, Refusal> {
        do throws(Refusal) {
            if let empty = values.first(where: \.bytes.isEmpty) { throw refusal(empty, "is empty") }
            switch self {
            case .headers, .headersRegexp, .headerRegexp, .queryRegexp: return .success(try pairs(values, at: place))
            default: break
            }
            let conditions = try values.map { value throws(Refusal) in try condition(value) }
            guard conditions.count > 1 else { return .success(conditions[0]) }
            return .success(self == .query ? .all(conditions) : .any(conditions))
        } catch {
            return .failure(error)
        }
    }

    func refusal(_ value: Value, _ reason: String) -> Refusal {
        let shown = value.text.count > 60 ? value.text.prefix(60) + "…" : Substring(value.text)
        return Refusal(reason: "\(rawValue)'s value \"\(shown)\" \(reason)", offset: value.offset)
    }

    private func condition(_ value: Value) throws(Refusal) -> RouteCondition {
        if value.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw refusal(value, "holds a control character")
        }
        switch self {
        case .host, .hostHeader: return .host(try hostName(value))
        case .hostRegexp: return try hostExpression(value)
        case .pathRegexp: return .pathPattern(try expression(value))
        case .pathPrefix, .path:
            if let pattern = try pathTemplate(value) { return .pathPattern(pattern) }
            let text = try pathText(value)
            return .path(self == .path ? PathPattern(whole: text) : PathPattern(prefix: text))
        case .method:
            guard value.bytes.allSatisfy(Self.isToken) else { throw refusal(value, "is no method") }
            return .method(value.bytes.map(Self.upper))
        case .query:
            let parts = value.bytes.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw refusal(value, "has to be `name=value`, or `name=` for any value")
            }
            try refuseExpressions(value, "QueryRegexp")
            return .query(name: Array(parts[0]), value: Array(parts[1]))
        case .clientIP:
            guard let range = AddressRange(value.text) else {
                throw refusal(value, "is neither an IP address nor a network such as 10.0.0.0/8 or fd00::/8")
            }
            return .client(range)
        case .headers, .headersRegexp, .headerRegexp, .queryRegexp: throw refusal(value, "has no name")
        }
    }

    /// Names and what their values have to be; all must hold.
    private func pairs(_ values: [Value], at place: Int) throws(Refusal) -> RouteCondition {
        guard values.count.isMultiple(of: 2) else {
            throw Refusal(
                reason: "\(rawValue) takes a name and its value, as in \(rawValue)(`X-Name`, `value`)", offset: place)
        }
        var conditions: [RouteCondition] = []
        for index in stride(from: 0, to: values.count, by: 2) {
            conditions.append(try pair(values[index], values[index + 1]))
        }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private func pair(_ name: Value, _ value: Value) throws(Refusal) -> RouteCondition {
        if value.bytes.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            throw refusal(value, "holds a control character")
        }
        if self == .queryRegexp { return .queryPattern(name: name.bytes, try expression(value)) }
        guard name.bytes.allSatisfy(Self.isToken) else { throw refusal(name, "is no name of a header line") }
        let key = name.bytes.map(Self.lower)
        return self == .headers
            ? .header(name: key, value: value.bytes) : .headerPattern(name: key, try expression(value))
    }
}

// MARK: - Values

extension RuleMatcher {
    /// `{…}` is a regular expression where it is one at all.
    private func refuseExpressions(_ value: Value, _ other: String) throws(Refusal) {
        if value.bytes.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
            throw refusal(value, "holds `{…}`, a regular expression; use \(other)")
        }
    }

    func hostName(_ value: Value) throws(Refusal) -> [UInt8] {
        try refuseExpressions(value, "HostRegexp")
        var name = value.bytes.map(Self.lower)
        if name.count > 1, name.last == UInt8(ascii: ".") { name.removeLast() }
        if name.contains(UInt8(ascii: "*")) {
            throw refusal(value, "holds `*`; state the host wholly, or use HostRegexp")
        }
        if name.contains(UInt8(ascii: "/")) { throw refusal(value, "holds `/`; a host stands alone, without scheme") }
        if name.contains(where: { $0 > 0x7F }) { throw refusal(value, "is not ASCII; write its `xn--` form") }
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]"),
            AddressRange(String(decoding: name.dropFirst().dropLast(), as: UTF8.self)) != nil
        {
            return name
        }
        if name.contains(UInt8(ascii: ":")) { throw refusal(value, "holds `:`; a host is compared without its port") }
        guard name.allSatisfy(Self.isHostByte) else { throw refusal(value, "is no host name") }
        return name
    }

    func pathText(_ value: Value) throws(Refusal) -> String {
        guard value.bytes.first == UInt8(ascii: "/") else { throw refusal(value, "does not begin with `/`") }
        if value.bytes.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            throw refusal(value, "holds more than a path; what stands behind the `?` is matched by Query")
        }
        if value.text.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) {
            throw refusal(value, "holds `.` or `..`, which the path of a request never does")
        }
        return value.text
    }

    private static func upper(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xDF : byte
    }

    static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    static func isHostByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "-._".utf8.contains(byte) }

    /// What names of methods and header lines are made of: RFC 9110, section 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte) }
}
