/// Lengths of time as people write them: `30s`, `1h30m`, `1.5h`, `250ms`.
public enum DurationText {
    /// Reads numbers with units h, m, s, ms, us (or µs) and ns, one after the other, after an optional sign.
    ///
    /// Nil if the text has another form, lacks a unit (except `0`), or is beyond 292 years.
    public static func parse(_ text: String) -> Duration? {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == Ascii.minus
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        if rest.elementsEqual([Ascii.zero]) { return .zero }
        guard !rest.isEmpty else { return nil }
        var total = 0
        while !rest.isEmpty {
            guard let part = parsePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return .nanoseconds(isNegative ? -total : total)
    }

    /// Whether it is written as a length of time, but of one beyond 292 years.
    public static func isTooLong(_ text: String) -> Bool {
        guard parse(text) == nil else { return false }
        // With a small number in place of each of its own only the form counts.
        var form: [UInt8] = []
        for byte in text.utf8 where !Ascii.isDigit(byte) || form.last != UInt8(ascii: "1") {
            form.append(Ascii.isDigit(byte) ? UInt8(ascii: "1") : byte)
        }
        return parse(String(decoding: form, as: UTF8.self)) != nil
    }

    /// One number and its unit, in nanoseconds.
    private static func parsePart(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let whole = rest.prefix(while: Ascii.isDigit)
        rest = rest[whole.endIndex...]
        var fraction: ArraySlice<UInt8> = []
        if rest.first == Ascii.dot {
            rest.removeFirst()
            fraction = rest.prefix(while: Ascii.isDigit)
            rest = rest[fraction.endIndex...]
        }
        let letters = rest.prefix { !Ascii.isDigit($0) && $0 != Ascii.dot }
        rest = rest[letters.endIndex...]
        guard let unit = nanoseconds(of: String(decoding: letters, as: UTF8.self)) else { return nil }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let number = whole.isEmpty ? 0 : Int(String(decoding: whole, as: UTF8.self))
        guard let number else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        // Digits of the fraction that are worth less than a nanosecond are dropped.
        var (parts, scale) = (0, unit)
        for digit in fraction where scale > 0 {
            parts += Int(digit - Ascii.zero) * scale / 10
            scale /= 10
        }
        let (sum, beyond) = product.addingReportingOverflow(parts)
        return beyond ? nil : sum
    }

    private static func nanoseconds(of unit: String) -> Int? {
        switch unit {
        case "ns": 1
        case "us", "µs", "μs": 1000
        case "ms": 1_000_000
        case "s": 1_000_000_000
        case "m": 60 * 1_000_000_000
        case "h": 3600 * 1_000_000_000
        default: nil
        }
    }
}
