/// Which scalars are the same but for their case: what `(?i)` adds to a set.
///
/// Two scalars are the same if one maps to the other in lower, upper or title case, scalar to scalar, directly or over
/// others. That is the simple folding of Unicode, which RE2 and Go use; İ and ı, whose dots matter in Turkish, stand
/// alone there and here.
enum CaseFolding {
    /// The set, with all that differs from its scalars in nothing but case.
    static func folded(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result = ranges
        for range in ranges {
            addASCII(range, to: &result)
            guard range.upperBound >= 128 else { continue }
            let first = table.firstIndex(fromWhich: { $0.scalar >= max(range.lowerBound, 128) })
            for entry in table[first...].prefix(while: { $0.scalar <= range.upperBound }) {
                result += entry.others.map { $0...$0 }
            }
        }
        return result
    }

    private static func addASCII(_ range: ClosedRange<UInt32>, to result: inout [ClosedRange<UInt32>]) {
        let (upper, lower): (ClosedRange<UInt32>, ClosedRange<UInt32>) = (0x41...0x5A, 0x61...0x7A)
        if range.overlaps(upper) {
            let part = range.clamped(to: upper)
            result.append(part.lowerBound + 32...part.upperBound + 32)
        }
        if range.overlaps(lower) {
            let part = range.clamped(to: lower)
            result.append(part.lowerBound - 32...part.upperBound - 32)
        }
        // The Kelvin sign is a k, and the long s is an s.
        if range.contains(0x4B) || range.contains(0x6B) { result.append(0x212A...0x212A) }
        if range.contains(0x53) || range.contains(0x73) { result.append(0x17F...0x17F) }
    }

    private struct Entry {
        var scalar: UInt32
        var others: [UInt32]
    }

    /// All scalars beyond ASCII that have others, in ascending order.
    private static let table: [Entry] = {
        // These are the same in capitals, of which there are several: Unicode 15.1 folds them.
        var families: [UInt32: [UInt32]] = [:]
        for pair: [UInt32] in [[0x390, 0x1FD3], [0x3B0, 0x1FE3], [0xFB05, 0xFB06]] {
            for member in pair { families[member] = pair }
        }
        for value: UInt32 in 0x41...0x1FFFF where value != 0x130 && value != 0x131 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            guard properties.changesWhenCaseMapped else { continue }
            for text in [properties.lowercaseMapping, properties.uppercaseMapping, properties.titlecaseMapping] {
                let mapped = text.unicodeScalars
                guard let other = mapped.first?.value, mapped.count == 1, other != value else { continue }
                let family = Set((families[value] ?? [value]) + (families[other] ?? [other])).sorted()
                for member in family { families[member] = family }
            }
        }
        return families.sorted { $0.key < $1.key }.filter { $0.key >= 128 }.map { scalar, family in
            Entry(scalar: scalar, others: family.filter { $0 != scalar })
        }
    }()
}
