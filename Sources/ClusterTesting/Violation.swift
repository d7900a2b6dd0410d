/// A promise that was not kept: what a conformance suite or a checker returns instead of failing by itself.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The promise, in a few words.
    public var rule: String
    /// What was seen, with the names and numbers to look for.
    public var detail: String

    /// Reports that `rule` was broken.
    public init(rule: String, detail: String) {
        self.rule = rule
        self.detail = detail
    }

    public var description: String { "\(rule): \(detail)" }
}
