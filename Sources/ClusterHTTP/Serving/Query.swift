import ClusterKit
import HCL

/// What stands behind the `?` of an address. Each reading names the parameter and what is wrong with it.
struct Query: Sendable {
    private let pairs: [(name: String, value: String)]

    /// Reads `a=1&b`; of a name that is stated twice, the first counts.
    init(_ text: Substring) throws(ClusterError) {
        var pairs: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decoded(parts[0], plusIsSpace: true)
            let value = parts.count > 1 ? PercentEncoding.decoded(parts[1], plusIsSpace: true) : ""
            guard let name, let value else {
                throw ClusterError(.invalid, "the query of the address is not properly percent-encoded at \"\(pair)\"")
            }
            pairs.append((name, value))
        }
        self.pairs = pairs
    }

    /// The value of `name`; `nil` when it is not stated.
    subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values of `name`, in order.
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// Whether `name` is asked for: stated alone, or as true.
    func flag(_ name: String, default fallback: Bool = false) throws(ClusterError) -> Bool {
        guard let text = self[name] else { return fallback }
        switch text.lowercased() {
        case "", "1", "t", "true": return true
        case "0", "f", "false": return false
        default: throw ClusterError(.invalid, "\(name) must be true or false, not \"\(text)\"")
        }
    }

    /// A whole number of plain digits within `range`; `nil` when it is not stated or empty.
    func number(_ name: String, in range: ClosedRange<Int> = 0...Int.max) throws(ClusterError) -> Int? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard Self.isPlain(text), let number = Int(text), range.contains(number) else {
            let upper = range.upperBound == .max ? "" : " and at most \(range.upperBound)"
            let limits = "of at least \(range.lowerBound)\(upper)"
            throw ClusterError(.invalid, "\(name) must be a whole number \(limits), not \"\(text)\"")
        }
        return number
    }

    /// A revision.
    func revision(_ name: String) throws(ClusterError) -> Revision {
        guard let text = self[name], !text.isEmpty else { return .zero }
        guard Self.isPlain(text), let number = UInt64(text) else {
            throw ClusterError(.invalid, "Invalid index: \(name) must be a whole number, not \"\(text)\"")
        }
        return Revision(number)
    }

    /// A whole number up to the largest that 64 bits hold; `nil` when it is not stated or empty.
    func natural(_ name: String) throws(ClusterError) -> UInt64? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard Self.isPlain(text), let number = UInt64(text) else {
            throw ClusterError(.invalid, "\(name) must be a whole number of at most \(UInt64.max), not \"\(text)\"")
        }
        return number
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    /// A time span as `20s`, `5000ms` or `1m30s`.
    func span(_ name: String) throws(ClusterError) -> Duration? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard let span = DurationText.parse(text), span >= .zero else {
            throw ClusterError(.invalid, "Invalid wait time: \(name) must be like 20s or 1m30s, not \"\(text)\"")
        }
        return span
    }
}
