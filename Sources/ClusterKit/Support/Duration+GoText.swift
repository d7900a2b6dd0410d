extension Duration {
    /// The span as Go prints it, to the millisecond: `1h0m0s`, `16.25s`, `250ms`, `0s`.
    package var goText: String {
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds == 0 { return "0s" }
        let sign = milliseconds < 0 ? "-" : ""
        let magnitude = milliseconds.magnitude
        if magnitude < 1000 { return "\(sign)\(magnitude)ms" }
        let hours = magnitude / 3_600_000
        let minutes = magnitude / 60_000 % 60
        var text = sign
        if hours > 0 { text += "\(hours)h" }
        if hours > 0 || minutes > 0 { text += "\(minutes)m" }
        text += "\(magnitude / 1000 % 60)"
        let fraction = magnitude % 1000
        if fraction > 0 {
            var digits = String(fraction + 1000).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }
}
