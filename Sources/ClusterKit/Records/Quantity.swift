/// A number with a unit, as devices state them: `40 GiB`, `1410MHz`, `250 W`, `900 GB/s`. The units are Nomad's.
struct Quantity: Sendable {
    /// Only amounts of one kind can be compared.
    enum Kind: Sendable { case bytes, bytesPerSecond, hertz, watts }

    let kind: Kind
    /// In single bytes, bytes per second, hertz or watts.
    let amount: Double

    private static let decimal: [Substring: Double] = [
        "": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    ]
    private static let binary: [Substring: Double] = [
        "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
    ]

    /// `nil` when `text` is no number with a unit behind it.
    init?(_ text: String) {
        let belongs = { (character: Character) in character.isASCII && (character.isNumber || "+-.".contains(character))
        }
        let digits = text.prefix(while: belongs)
        guard let number = Double(digits), digits.first != ".", digits.last != ".",
            let (kind, factor) = Self.unit(text[digits.endIndex...].trimmingSpaces)
        else { return nil }
        self.kind = kind
        amount = number * factor
    }

    /// A prefix alone counts bytes: `16 Gi`.
    private static func unit(_ unit: Substring) -> (Kind, Double)? {
        if unit.isEmpty { return nil }
        if unit.hasSuffix("Hz") { return decimal[unit.dropLast(2)].map { (.hertz, $0) } }
        if unit.hasSuffix("W") {
            let prefix = unit.dropLast()
            return prefix == "m" ? (.watts, 1e-3) : decimal[prefix].map { (.watts, $0) }
        }
        let isRate = unit.hasSuffix("B/s")
        let bytes = isRate ? unit.dropLast(2) : unit
        let prefix = bytes.hasSuffix("B") ? bytes.dropLast() : bytes
        return (decimal[prefix] ?? binary[prefix]).map { (isRate ? .bytesPerSecond : .bytes, $0) }
    }
}
