/// An IP address as the bytes of a record: four or sixteen.
struct NetworkAddress: Hashable, Sendable {
    /// The address in network order.
    let bytes: [UInt8]

    /// Reads `10.0.0.1` or `2001:db8::1`; `nil` for anything else, names and zones included.
    init?(_ text: String) {
        guard let bytes = text.utf8.contains(UInt8(ascii: ":")) ? Self.six(text) : Self.four(text) else { return nil }
        self.bytes = bytes
    }

    /// Whether it is of the older kind.
    var isFour: Bool { bytes.count == 4 }

    /// The type of the record that holds it.
    var type: RecordType { isFour ? .a : .aaaa }

    /// The address in hexadecimal digits, as names below `addr` have it.
    var hexadecimal: String { bytes.map { Self.digit($0 >> 4) + Self.digit($0 & 15) }.joined() }

    /// The name by which one asks whose address it is.
    var reverseName: WireName? {
        isFour
            ? WireName(bytes.reversed().map { String($0) }.joined(separator: ".") + ".in-addr.arpa")
            : WireName(
                bytes.reversed().map { "\(Self.digit($0 & 15)).\(Self.digit($0 >> 4))" }.joined(separator: ".")
                    + ".ip6.arpa")
    }

    private static func digit(_ value: UInt8) -> String { String(value, radix: 16) }

    private static func four(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part in
            (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(part) : nil
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func six(_ text: String) -> [UInt8]? {
        // At most one gap, which stands for one group of zeros or more.
        var halves: [[UInt8]] = [[]]
        var rest = Substring(text)
        if rest.hasPrefix("::") {
            halves.append([])
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let group = rest.prefix { $0 != ":" }
            rest = rest.dropFirst(group.utf8.count)
            if group.utf8.contains(UInt8(ascii: ".")) {
                guard rest.isEmpty, let four = four(group) else { return nil }
                halves[halves.count - 1] += four
                break
            }
            guard (1...4).contains(group.utf8.count), group.utf8.first != UInt8(ascii: "+"),
                let value = UInt16(group, radix: 16)
            else { return nil }
            halves[halves.count - 1] += [UInt8(value >> 8), UInt8(value & 255)]
            guard !rest.isEmpty else { break }
            if rest.hasPrefix("::") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
                guard !rest.isEmpty else { return nil }
            }
        }
        let known = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 2 else { return known == 16 ? halves[0] : nil }
        guard known <= 14 else { return nil }
        return halves[0] + [UInt8](repeating: 0, count: 16 - known) + halves[1]
    }
}
