package import Patterns

/// A rule of a router, understood: which requests it is about.
///
/// ```swift
/// let rule = try RouteRule("Host(`example.org`) && PathPrefix(`/path`)")
/// rule.matches(head)
/// ```
public struct RouteRule: Hashable, Sendable {
    /// The longest rule that is read, in bytes.
    public static let longestText = 4096
    /// How deep parentheses and `!` may stand in each other.
    public static let deepestNesting = 64
    /// How large its regular expressions may be, all together: so many instructions of `Pattern`.
    public static let mostInstructions = 1000

    /// The rule as it was written.
    public let text: String
    /// What it asks for.
    package let condition: RouteCondition

    /// Reads a rule of Traefik 2, or one with the regular expressions of Traefik 3. What is refused, is refused with
    /// the column and what to write instead.
    public init(_ text: String) throws(RouteRuleError) {
        guard text.utf8.count <= Self.longestText else {
            throw RouteRuleError(
                column: 1, reason: "the rule is \(text.utf8.count) bytes long; \(Self.longestText) are read at most")
        }
        self.text = text
        var parser = try RuleParser(text)
        condition = try parser.rule()
    }

    /// Whether a request is one of them. Tables do not ask rule by rule; this is for whoever has a single one.
    public func matches(_ head: borrowing RequestHead) -> Bool {
        var program = RuleProgram()
        let entry = program.add(condition)
        return program.accepts(head, from: entry)
    }
}

/// Why a rule is not understood.
public struct RouteRuleError: Error, Hashable, CustomStringConvertible {
    /// Where in the rule, counted in characters from 1.
    public var column: Int
    /// What was found there, and what to write instead.
    public var reason: String

    /// States what is wrong, and where.
    public init(column: Int, reason: String) {
        self.column = column
        self.reason = reason
    }

    public var description: String { "column \(column): \(reason)" }
}

/// What a rule asks of a request. Names and values are in the form in which they are compared.
package indirect enum RouteCondition: Hashable, Sendable {
    /// All of these hold; true when there are none.
    case all([RouteCondition])
    /// One of these holds at least.
    case any([RouteCondition])
    /// This does not hold.
    case not(RouteCondition)
    /// The host, in lower case.
    case host([UInt8])
    /// The path.
    case path(PathPattern)
    /// The method.
    case method([UInt8])
    /// A header line with this name, in lower case, and exactly this value.
    case header(name: [UInt8], value: [UInt8])
    /// The first parameter of this name has this value; an empty one stands for any.
    case query(name: [UInt8], value: [UInt8])
    /// The address of the client.
    case client(AddressRange)
    /// A part of the host.
    case hostPattern(Pattern)
    /// A part of the path.
    case pathPattern(Pattern)
    /// A part of the value of some header line with this name, in lower case.
    case headerPattern(name: [UInt8], Pattern)
    /// A part of the value of some parameter of this name.
    case queryPattern(name: [UInt8], Pattern)

    /// How large the regular expression is, if it is one.
    var instructionCount: Int {
        switch self {
        case .hostPattern(let pattern), .pathPattern(let pattern), .headerPattern(_, let pattern),
            .queryPattern(_, let pattern):
            pattern.instructionCount
        case .all(let list), .any(let list): list.reduce(0) { $0 + $1.instructionCount }
        case .not(let inner): inner.instructionCount
        case .host, .path, .method, .header, .query, .client: 0
        }
    }
}
