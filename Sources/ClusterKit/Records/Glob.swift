/// Names with `*`, which matches any text: what jobs write for datacenters.
enum Glob {
    /// Whether `pattern` matches all of `text`. Goes back to the last star only, so that no pattern takes long.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        if pattern == "*" { return true }
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        let star = UInt8(ascii: "*")
        var (p, t) = (0, 0)
        var retry: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == star {
                p += 1
                retry = (p, t)
            } else if p < pattern.count, pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                (p, t) = (last.pattern, last.text + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == star }
    }
}
