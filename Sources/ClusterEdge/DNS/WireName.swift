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

    /// The same for eight bytes at once.
    @inline(__always)
    static func fold(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low = word & (0x7f * ones)
        // The top bit of each byte says: from A on, beyond Z, and not beyond ASCII.
        let isUpper = ((low + 0x3f * ones) ^ (low + 0x25 * ones)) & ~word & (0x80 * ones)
        return word | isUpper >> 2
    }

    /// The hash by which names are looked up, blind to case. It guards against nothing: what stands in a table comes
    /// from the cluster, and a question only looks.
    @inline(__always)
    static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: name.count)
        forEachWord(of: name) { _, word in hash = ((hash << 5 | hash >> 59) ^ word) &* 0x517c_c1b7_2722_0a95 }
        return hash ^ (hash >> 32)
    }

    /// Whether a name, in whatever case, is the one that stands in lower case at `stored`, which is as long.
    @inline(__always)
    static func equal(_ name: UnsafeRawBufferPointer, _ stored: UnsafeRawBufferPointer) -> Bool {
        var difference: UInt64 = 0
        forEachWord(of: name) { offset, word in
            difference |=
                word
                ^ (offset + 8 <= stored.count
                    ? stored.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    : UInt64(stored[offset]))
        }
        return difference == 0
    }

    /// Hands over all bytes in lower case, eight at a time; what is left over comes together with bytes before it, or
    /// byte by byte when there are none.
    @inline(__always)
    private static func forEachWord(of name: UnsafeRawBufferPointer, _ body: (Int, UInt64) -> Void) {
        guard name.count >= 8 else {
            for offset in name.indices { body(offset, UInt64(fold(name[offset]))) }
            return
        }
        var offset = 0
        while offset + 8 <= name.count {
            body(offset, fold(name.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        if offset < name.count {
            let last = name.count - 8
            body(last, fold(name.loadUnaligned(fromByteOffset: last, as: UInt64.self)))
        }
    }
}
