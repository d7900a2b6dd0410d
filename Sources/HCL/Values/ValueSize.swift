/// How large a value is, deeply; shared parts count each time, as whoever walks the value meets them each time.
struct ValueSize {
    var elements = 0
    var bytes = 0
    /// Set when the walk was given up because the value is over a limit.
    var excess: String?

    /// Walks a value, but not further than the limits and `steps` elements.
    static func measure(_ value: Value, limits: Limits, steps: Int) -> ValueSize {
        var size = ValueSize()
        size.add(value, depth: 0, limits: limits, steps: steps)
        return size
    }

    private mutating func add(_ value: Value, depth: Int, limits: Limits, steps: Int) {
        guard excess == nil else { return }
        elements += 1
        if depth > limits.nesting { excess = "nested deeper than \(limits.nesting) levels" }
        if elements > steps { excess = "too large to be computed within \(limits.steps) steps" }
        switch value {
        case .null, .bool, .number: break
        case .string(let text): bytes += text.utf8.count
        case .list(let list):
            for element in list { add(element, depth: depth + 1, limits: limits, steps: steps) }
        case .object(let object):
            for (key, element) in object {
                bytes += key.utf8.count
                add(element, depth: depth + 1, limits: limits, steps: steps)
            }
        }
        if bytes > limits.valueBytes { excess = "larger than \(limits.valueBytes) bytes" }
    }
}
