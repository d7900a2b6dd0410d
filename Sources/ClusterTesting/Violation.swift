/// A promise of a seam that a conformance suite saw broken. A suite returns what it found; a test asserts that it is
/// nothing.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The promise, in the words of the protocol's documentation.
    public let rule: String
    /// What was seen instead.
    public let detail: String

    /// Reports a broken promise.
    public init(rule: String, detail: String) {
        self.rule = rule
        self.detail = detail
    }

    public var description: String { "\(rule): \(detail)" }
}
