extension Duration {
    /// As job files write it, with the fewest whole units: `1h30m`, `250ms`, `0s`.
    public var compactText: String {
        let units: [(name: String, nanoseconds: UInt64)] = [
            ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
            ("ns", 1),
        ]
        var rest = nanoseconds.magnitude
        guard rest > 0 else { return "0s" }
        var text = self < .zero ? "-" : ""
        for (name, size) in units where rest >= size {
            text += "\(rest / size)\(name)"
            rest %= size
        }
        return text
    }
}
