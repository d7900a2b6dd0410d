/// Finds the name that somebody probably meant.
public enum Suggestion {
    /// The candidate that is fewest edits away from a misspelled name, or nil if none is near enough.
    ///
    /// An edit inserts, deletes or replaces a letter or swaps two neighbors; a name may be off by a third
    /// of its length.
    /// Ties go to the candidate that sorts first.
    public static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= longestName else { return nil }
        let allowed = max(1, wanted.count / 3)
        var best: (distance: Int, candidate: String)?
        for candidate in candidates where candidate != name {
            let letters = Array(candidate.lowercased().utf8)
            guard abs(letters.count - wanted.count) <= allowed, letters.count <= longestName else { continue }
            let distance = distance(from: wanted, to: letters)
            guard distance <= allowed, distance < max(wanted.count, letters.count) else { continue }
            if let found = best, (found.distance, found.candidate) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.candidate
    }

    /// A message of the argument parser without its advice where that is far from what was typed: it takes any short
    /// flag for near any other.
    package static func nearOnly(_ message: String) -> String {
        let (before, between, after) = ("Unknown option '", "'. Did you mean '", "'?")
        guard let start = message.firstRange(of: before), let middle = message.firstRange(of: between),
            let end = message[middle.upperBound...].firstRange(of: after), start.upperBound <= middle.lowerBound
        else { return message }
        let typed = message[start.upperBound..<middle.lowerBound].drop { $0 == "-" }
        let meant = message[middle.upperBound..<end.lowerBound].drop { $0 == "-" }
        if nearest(to: String(typed), among: [String(meant)]) != nil { return message }
        return message[..<middle.lowerBound] + "'" + message[end.upperBound...]
    }

    /// Names beyond this are not worth the quadratic comparison.
    private static let longestName = 64

    /// Optimal string alignment distance, with three rows of the table.
    private static func distance(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        var row = last
        for i in 1..<(left.count + 1) {
            row[0] = i
            for j in stride(from: 1, through: right.count, by: 1) {
                let replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[right.count]
    }
}
