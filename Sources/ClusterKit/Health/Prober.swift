/// Is it well: asks one instance of a service.
///
/// A conformer's promises: it answers within the request's timeout and a little, reads no more than it needs, and
/// follows no redirect.
public protocol Prober: Sendable {
    /// The kinds of checks that it can do: `tcp`, `http`, `script`.
    var kinds: [String] { get }

    /// Asks once. Whatever goes wrong is an outcome, never an error.
    func probe(_ request: ProbeRequest) async -> ProbeOutcome
}

/// What a prober needs to ask an instance. Everything in it is resolved: no `${…}` is left.
public struct ProbeRequest: Hashable, Sendable {
    /// What the job states.
    public var check: CheckSpec
    /// Where the instance is; an IP address as text.
    public var address: String
    /// Its port; 0 when the check needs none.
    public var port: Int

    /// Asks an instance.
    public init(check: CheckSpec, address: String, port: Int) {
        self.check = check
        self.address = address
        self.port = port
    }
}

/// What an instance answered.
public struct ProbeOutcome: Hashable, Sendable {
    /// How well it is.
    public var health: CheckHealth
    /// What it said, at most `longestOutput` bytes.
    public var output: String

    /// The most bytes of an answer that are kept, as Consul keeps them.
    public static let longestOutput = 4096

    /// States an answer.
    public init(_ health: CheckHealth, _ output: String) {
        self.health = health
        self.output = output
    }
}
