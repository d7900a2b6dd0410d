/// An IP address, or a network of them. Addresses of version 4 stand in their `::ffff:` form, as those of clients do.
package struct AddressRange: Hashable, Sendable {
    /// The address, without the bits that the network leaves open.
    package let base: SIMD16<UInt8>
    /// The bits that count.
    package let mask: SIMD16<UInt8>

    /// Reads `10.1.2.3`, `10.0.0.0/8`, `fd00::1` or `fd00::/8`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, let first = parts.first else { return nil }
        let address: SIMD16<UInt8>
        let isOld: Bool
        if let old = Self.version4(first) {
            var bytes = SIMD16<UInt8>.zero
            (bytes[10], bytes[11]) = (0xFF, 0xFF)
            for index in 0..<4 { bytes[12 + index] = old[index] }
            (address, isOld) = (bytes, true)
        } else if let new = Self.version6(first) {
            (address, isOld) = (new, false)
        } else {
            return nil
        }
        var length = 128
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let stated = Int(parts[1]), stated <= (isOld ? 32 : 128)
            else { return nil }
            length = stated + (isOld ? 96 : 0)
        }
        var mask = SIMD16<UInt8>.zero
        for index in 0..<16 {
            let bits = min(8, max(0, length - index * 8))
            mask[index] = bits == 0 ? 0 : UInt8.max << UInt8(8 - bits)
        }
        self.mask = mask
        base = address & mask
    }

    /// Whether an address is this one, or in this network.
    package func contains(_ address: SIMD16<UInt8>) -> Bool { address & mask == base }

    private static func version4(_ text: Substring) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // A leading zero means octal to some and nothing to others.
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 0x30, let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: Substring) -> SIMD16<UInt8>? {
        var halves: [[UInt8]] = []
        var rest = text
        while let gap = rest.firstRange(of: "::") {
            guard let half = groups(rest[..<gap.lowerBound], isEnd: false) else { return nil }
            halves.append(half)
            rest = rest[gap.upperBound...]
        }
        guard let last = groups(rest, isEnd: true) else { return nil }
        halves.append(last)
        let count = halves.reduce(0) { $0 + $1.count }
        // Where `::` stands, it stands for one group at least.
        guard halves.count == 1 ? count == 16 : halves.count == 2 && count <= 14 else { return nil }
        var bytes = SIMD16<UInt8>.zero
        for (index, byte) in halves[0].enumerated() { bytes[index] = byte }
        if halves.count == 2 {
            for (index, byte) in last.enumerated() { bytes[16 - last.count + index] = byte }
        }
        return bytes
    }

    /// The bytes of groups between colons, none for no text; the last of all may be an address of version 4.
    private static func groups(_ text: Substring, isEnd: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, part.contains(".") {
                guard let old = version4(part) else { return nil }
                bytes += old
            } else {
                guard (1...4).contains(part.utf8.count), !part.utf8.contains(UInt8(ascii: "+")),
                    !part.utf8.contains(UInt8(ascii: "-")), let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}
