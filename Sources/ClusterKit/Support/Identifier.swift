/// A 128-bit name for one `Subject`, written as other cluster tools write theirs:
/// `2db03b8b-d53d-2f7c-75e6-4e362e9f15ae`.
///
/// The subject is part of the type, so a node's identifier cannot be passed where an allocation's is wanted.
public struct Identifier<Subject>: Hashable, Comparable, Sendable {
    /// The first sixteen hexadecimal digits.
    public let high: UInt64
    /// The last sixteen hexadecimal digits.
    public let low: UInt64

    /// Makes an identifier from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36-character form; anything else gives `nil`.
    public init?(_ text: some StringProtocol) {
        var digits: (high: UInt64, low: UInt64) = (0, 0)
        var position = 0
        for byte in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let nibble = Self.nibble(byte) else { return nil }
                digits.high = digits.high << 4 | digits.low >> 60
                digits.low = digits.low << 4 | nibble
            }
            position += 1
        }
        guard position == 36 else { return nil }
        self.init(high: digits.high, low: digits.low)
    }

    private static func nibble(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The first eight digits, as tables and log lines show it.
    public var short: String { String(description.prefix(8)) }
}

extension Identifier: CustomStringConvertible {
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - (index & 15) * 4)) & 15
                buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                position += 1
            }
            return 36
        }
    }
}

extension Identifier: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(high: try reader.fixed(), low: try reader.fixed())
    }

    public func write(to writer: inout RecordWriter) {
        writer.fixed(high)
        writer.fixed(low)
    }
}
