/// Is it well: asks one instance of a service.
///
/// A conformer's promises: it answers within the request's timeout and a little, also when its task is canceled; it
/// reads no more than it needs, whatever is sent; and it follows no redirect, so that nobody but the instance itself
/// is ever asked.
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

    /// Address and port as they stand in a URL: `10.0.0.7:8080`, `[::1]:8080`.
    public var authority: String {
        address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]:\(port)" : "\(address):\(port)"
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

    /// States an answer; one that is too long is cut between two characters.
    public init(_ health: CheckHealth, _ output: String) {
        self.health = health
        self.output = Self.cut(output)
    }

    /// The outcome of a check that took too long.
    public static func timedOut(after limit: Duration, _ words: String = "") -> ProbeOutcome {
        ProbeOutcome(
            .critical, words.isEmpty ? "timed out after \(limit.goText)" : "\(words): timed out after \(limit.goText)")
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestOutput else { return text }
        let limit = text.utf8.index(text.startIndex, offsetBy: longestOutput)
        // Rounds down to where a character begins.
        var end = text.unicodeScalars.startIndex
        var next = end
        while next < limit {
            end = next
            next = text.unicodeScalars.index(after: next)
        }
        return String(text[..<(next == limit ? next : end)])
    }
}
