import Patterns

/// Values that are regular expressions: those of Traefik 3, and the templates `{name:regexp}` of Traefik 2.
extension RuleMatcher {
    /// A value that is an expression as a whole, and is looked for anywhere.
    func expression(_ value: Value, prefix: String = "") throws(Refusal) -> Pattern {
        try pattern(prefix + value.text, of: value, shift: prefix.utf8.count)
    }

    /// A host as Traefik 2 states it, with or without `{name:regexp}`, or an expression as Traefik 3 has it. What is
    /// a plain name stands for this host alone.
    func hostExpression(_ value: Value) throws(Refusal) -> RouteCondition {
        if value.bytes.contains(where: { $0 > 0x7F }) { throw refusal(value, "is not ASCII; write its `xn--` form") }
        if let template = try template(value, anything: "[^.]+") {
            for case .text(let text) in template.parts where !text.utf8.allSatisfy(Self.isHostByte) {
                throw refusal(value, "has `\(text)` around its braces, which no host name has")
            }
            var name = template.joined { Pattern.escaping($0) }
            if name.hasSuffix(#"\."#) { name.removeLast(2) }
            return .hostPattern(try pattern(#"(?i)\A"# + name + #"\z"#, of: value, shift: nil))
        }
        if value.bytes.allSatisfy(Self.isHostByte) { return .host(try hostName(value)) }
        return .hostPattern(try expression(value, prefix: "(?i)"))
    }

    /// A path with `{name:regexp}`; nil for one without. As a prefix it covers whole segments, as all prefixes do.
    func pathTemplate(_ value: Value) throws(Refusal) -> Pattern? {
        guard let template = try template(value, anything: "[^/]+") else { return nil }
        // The expressions may be anything; what stands around them is held to the rules of paths.
        let plain = Value(bytes: Array(template.joined(expression: { _ in "x" }) { $0 }.utf8), offset: value.offset)
        _ = try pathText(plain)
        let text = template.joined { Pattern.escaping(String(decoding: PathPattern.canonical($0), as: UTF8.self)) }
        let end = self == .path ? #"\z"# : plain.bytes.last == UInt8(ascii: "/") ? "" : #"(?:/|\z)"#
        return try pattern(#"\A"# + text + end, of: value, shift: nil)
    }

    /// Rules stand in everyone's way, so their expressions may be less large than others.
    private static let limits: PatternLimits = {
        var limits = PatternLimits()
        limits.instructions = RouteRule.mostInstructions
        return limits
    }()

    /// Reads a pattern; `shift` says how many bytes of it stand before the value, nil that places would mean nothing.
    private func pattern(_ text: String, of value: Value, shift: Int?) throws(Refusal) -> Pattern {
        do throws(PatternError) {
            return try Pattern(text, limits: Self.limits)
        } catch {
            let place = shift.map { "byte \(max(0, error.offset - $0)): " } ?? ""
            throw refusal(value, "is no regular expression: \(place)\(error.message)")
        }
    }

    // MARK: - Templates

    /// Text with expressions in braces.
    private struct RuleTemplate {
        enum Part {
            case text(String)
            case expression(String)
        }

        var parts: [Part] = []

        /// One text of all parts.
        func joined(
            expression: (String) -> String = { "(?:\($0))" }, text: (String) -> String
        ) -> String {
            parts.map { part in
                switch part {
                case .text(let plain): text(plain)
                case .expression(let pattern): expression(pattern)
                }
            }.joined()
        }
    }

    /// Takes a template apart; nil if a value has no `{name…`. A brace before anything else is part of an expression,
    /// such as `[a-z]{2}`.
    private func template(_ value: Value, anything: String) throws(Refusal) -> RuleTemplate? {
        let bytes = value.bytes
        guard bytes.indices.contains(where: { Self.beginsName(bytes, at: $0) }) else {
            let isPath = self == .path || self == .pathPrefix
            if isPath, bytes.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) {
                throw refusal(value, "holds a brace without a name; write {name:regexp}, or use PathRegexp")
            }
            return nil
        }
        var template = RuleTemplate()
        var place = 0
        while place < bytes.count {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "{") { place += 1 }
            if place > start { template.parts.append(.text(String(decoding: bytes[start..<place], as: UTF8.self))) }
            guard place < bytes.count else { break }
            let end = try closingBrace(value, place)
            template.parts.append(.expression(try content(value, place + 1..<end, anything)))
            place = end + 1
        }
        return template
    }

    private static func beginsName(_ bytes: [UInt8], at place: Int) -> Bool {
        guard bytes[place] == UInt8(ascii: "{"), place + 1 < bytes.count else { return false }
        // `\p{Lu}` is a class.
        if place > 1, bytes[place - 2] == UInt8(ascii: "\\") { return false }
        return isNameByte(bytes[place + 1]) && !(0x30...0x39).contains(bytes[place + 1])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isHostByte(byte) && byte != UInt8(ascii: ".") && byte != UInt8(ascii: "-")
    }

    /// Braces within an expression stand in pairs.
    private func closingBrace(_ value: Value, _ open: Int) throws(Refusal) -> Int {
        var depth = 0
        for place in open..<value.bytes.count {
            if value.bytes[place] == UInt8(ascii: "{") { depth += 1 }
            if value.bytes[place] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return place }
        }
        throw refusal(value, "has a `{` that is never closed; write {name:regexp}")
    }

    /// The expression of `name:regexp`; without one, whatever has no separator in it.
    private func content(_ value: Value, _ range: Range<Int>, _ anything: String) throws(Refusal) -> String {
        let content = value.bytes[range]
        let name = content.prefix(while: Self.isNameByte)
        let rest = content[name.endIndex...]
        if !name.isEmpty, rest.isEmpty { return anything }
        guard !name.isEmpty, rest.first == UInt8(ascii: ":"), rest.count > 1 else {
            throw refusal(value, "has braces that are not {name:regexp} or {name}")
        }
        let text = String(decoding: rest.dropFirst(), as: UTF8.self)
        // By itself, so that no parenthesis of it closes one of ours.
        _ = try pattern(text, of: value, shift: -(rest.startIndex + 1))
        return text
    }
}
