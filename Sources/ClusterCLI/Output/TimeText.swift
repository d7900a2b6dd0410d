#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Times as people read them.
enum TimeText {
    /// How long ago a time was, in its two largest units: `1m5s ago`.
    static func ago(_ nanoseconds: Int64, now: Int64 = now) -> String {
        guard nanoseconds > 0 else { return "" }
        let (difference, overflow) = now.subtractingReportingOverflow(nanoseconds)
        let seconds = overflow ? 0 : max(0, difference / 1_000_000_000)
        let units: [(name: String, size: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        guard let largest = units.firstIndex(where: { seconds >= $0.size }) else { return "0s ago" }
        var (text, rest) = ("", seconds)
        for unit in units[largest...].prefix(2) where rest >= unit.size {
            text += "\(rest / unit.size)\(unit.name)"
            rest %= unit.size
        }
        return text + " ago"
    }

    /// A time of the wall clock in UTC: `2026-01-02T03:04:05Z`; empty for none.
    static func point(_ nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "" }
        return Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000)).formatted(.iso8601)
    }

    /// A time in the form of RFC 3339 without its fraction; empty for the zero time, which stands for none.
    static func point(_ text: String?) -> String {
        guard let text, !text.hasPrefix("0001-") else { return "" }
        guard let dot = text.firstIndex(of: ".") else { return text }
        return String(text[..<dot] + text[dot...].drop { $0 == "." || $0.isNumber })
    }

    /// Nanoseconds since 1970.
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }
}
