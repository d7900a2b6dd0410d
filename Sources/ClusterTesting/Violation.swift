/// One promise that was not kept: which, and what was seen instead.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// The promise, in a few words.
    public var rule: String
    /// What was seen.
    public var detail: String

    /// States that `rule` was broken.
    public init(rule: String, detail: String) {
        self.rule = rule
        self.detail = detail
    }

    /// The promise and what was seen, on one line.
    public var description: String { "\(rule): \(detail)" }
}
