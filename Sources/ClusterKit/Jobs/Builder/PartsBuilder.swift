/// One thing that stands within the braces of a job, group or task made in Swift.
public struct Part<Whole> {
    let add: (inout Whole) -> Void

    init(_ add: @escaping (inout Whole) -> Void) { self.add = add }
}

/// Gathers what stands within the braces, with `if`, `switch` and `for` as in any Swift code.
@resultBuilder
public enum PartsBuilder<Whole> {
    /// Puts parts together.
    public static func buildBlock(_ parts: [Part<Whole>]...) -> [Part<Whole>] { parts.flatMap(\.self) }
    /// Takes `if` without `else`.
    public static func buildOptional(_ parts: [Part<Whole>]?) -> [Part<Whole>] { parts ?? [] }
    /// Takes the first branch of `if` or `switch`.
    public static func buildEither(first parts: [Part<Whole>]) -> [Part<Whole>] { parts }
    /// Takes the other branch of `if` or `switch`.
    public static func buildEither(second parts: [Part<Whole>]) -> [Part<Whole>] { parts }
    /// Takes `for`.
    public static func buildArray(_ parts: [[Part<Whole>]]) -> [Part<Whole>] { parts.flatMap(\.self) }
    /// Takes `if #available`.
    public static func buildLimitedAvailability(_ parts: [Part<Whole>]) -> [Part<Whole>] { parts }
}

extension [String: String] {
    /// Later words win.
    mutating func add(_ other: [String: String]) { merge(other) { _, new in new } }
}

/// Free words of a job, group or task made in Swift: `Meta(["owner": "builds"])`.
public struct Meta: Hashable, Sendable {
    /// The words by key.
    public var words: [String: String]

    /// States words.
    public init(_ words: [String: String]) { self.words = words }
}

/// Environment variables of a task made in Swift: `Environment(["PORT": "${NOMAD_PORT_http}"])`.
public struct Environment: Hashable, Sendable {
    /// The values by name.
    public var variables: [String: String]

    /// States variables.
    public init(_ variables: [String: String]) { self.variables = variables }
}
