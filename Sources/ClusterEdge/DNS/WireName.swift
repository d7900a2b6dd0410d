/// A domain name as it stands in packets, without compression: labels with their lengths, then a zero.
struct WireName: Hashable, Sendable {
    /// The whole name.
    let bytes: [UInt8]

    /// The name of nothing: what all others end with.
    static let root = WireName(bytes: [0])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `a.b.c`; `nil` if a label is empty or longer than 63 bytes, the whole longer than 255, or a character is
    /// none that a person could ask for: a space, a control character or one beyond ASCII.
    init?(_ text: String) {
        guard let name = Self.root.child(text) else { return nil }
        self = name
    }

    /// `text` below this name; it may hold several labels. `nil` as above.
    func child(_ text: String) -> WireName? {
        var head: [UInt8] = []
        for label in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...63).contains(label.count), label.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
            head.append(UInt8(label.count))
            head += label
        }
        guard head.count + bytes.count <= 255 else { return nil }
        return WireName(bytes: head + bytes)
    }

    /// The name without its first label; `nil` for the root.
    var parent: WireName? {
        guard let length = bytes.first, length > 0, bytes.count > Int(length) + 1 else { return nil }
        return WireName(bytes: Array(bytes[(Int(length) + 1)...]))
    }

    /// The name as it is looked up: names that differ only in case are the same name.
    var folded: WireName { WireName(bytes: bytes.map(Self.fold)) }

    /// A lower-case letter for an upper-case one. The length of a label is at most 63 and so never taken for a letter.
    @inline(__always)
    static func fold(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }

    /// The hash by which names are looked up, blind to case. It guards against nothing: what stands in a table comes
    /// from the cluster, and a question only looks.
    @inline(__always)
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(fold(byte))) &* 0x0000_0100_0000_01b3 }
        return hash ^ (hash >> 29)
    }
}
