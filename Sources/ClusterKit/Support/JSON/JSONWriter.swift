/// Writes JSON straight into bytes: no tree, no keyed containers.
package struct JSONWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Starts empty.
    package init(capacity: Int = 4096) { bytes.reserveCapacity(capacity) }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    /// A finite number; others are no JSON and become null.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    package mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    package mutating func array(_ write: (inout JSONWriter) -> Void) { nested("[", "]", write) }

    package mutating func object(_ write: (inout JSONWriter) -> Void) { nested("{", "}", write) }

    private mutating func nested(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ write: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: open))
        needsComma = false
        write(&self)
        bytes.append(UInt8(ascii: close))
        needsComma = true
    }

    /// The name of the value that is written next.
    package mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                bytes.append(contentsOf: byte < 0x10 ? "\\u000".utf8 : "\\u00".utf8)
                bytes.append(contentsOf: String(byte, radix: 16).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONWriter {
    package mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    package mutating func field(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }

    package mutating func field(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Nanoseconds, as Nomad writes time spans.
    package mutating func field(_ name: String, _ value: Duration) {
        key(name)
        integer(value.nanoseconds)
    }

    package mutating func nullField(_ name: String) {
        key(name)
        null()
    }

    /// Texts; null when there are none, as Go writes an absent list.
    package mutating func field(_ name: String, _ texts: [String]) {
        list(name, texts) { $0.string($1) }
    }

    /// Texts by name, sorted; null when there are none.
    package mutating func field(_ name: String, _ texts: [String: String]) {
        guard !texts.isEmpty else { return nullField(name) }
        key(name)
        object { writer in
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) { writer.field(name, text) }
        }
    }

    /// A list; null when it is empty.
    package mutating func list<Element>(
        _ name: String, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        guard !elements.isEmpty else { return nullField(name) }
        key(name)
        array { writer in
            for element in elements { write(&writer, element) }
        }
    }

    /// An object under a name.
    package mutating func object(_ name: String, _ write: (inout JSONWriter) -> Void) {
        key(name)
        object(write)
    }
}
