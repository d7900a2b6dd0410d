import Patterns

/// All matches of a pattern as text: `0-3(0-1,-)` is a match with two groups, the second of which took no part. Offsets
/// are in bytes.
func spans(_ pattern: String, _ text: String) throws -> String {
    try Pattern(pattern).matches(in: text).map(\.spans).joined(separator: " ")
}

/// The message of the error that a pattern causes, with the offset in front; nil if it causes none.
func refusal(_ pattern: String, limits: PatternLimits = PatternLimits()) -> String? {
    do throws(PatternError) {
        _ = try Pattern(pattern, limits: limits)
        return nil
    } catch {
        return "\(error.offset): \(error.message)"
    }
}

extension PatternMatch {
    var spans: String {
        let groups = (0..<groupCount).map { Self.shown(offsets(of: $0 + 1)) }
        return Self.shown(offsets()) + (groups.isEmpty ? "" : "(\(groups.joined(separator: ",")))")
    }

    private static func shown(_ range: Range<Int>?) -> String {
        range.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "-"
    }
}

extension String {
    /// The same text so many times.
    static func * (text: String, count: Int) -> String { String(repeating: text, count: count) }
}

/// SplitMix64: the same seed, the same numbers, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
