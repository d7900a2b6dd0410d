/// A value with a compact, versioned binary form: what the store keeps and what agents and servers exchange.
///
/// Types with fields wrap them in `record`, whose length is written in front. Fields are only ever appended: an older
/// program skips what it does not know, and a newer one takes `next(or:)` for what an older program did not write.
public protocol Stored: Sendable {
    /// Reads one value; throws when the bytes cannot be one.
    init(from reader: inout RecordReader) throws(RecordError)
    /// Appends the value's bytes.
    func write(to writer: inout RecordWriter)
}

/// Why bytes could not be read back.
public struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, and the byte offset where it was not found.
    public let description: String

    /// States what is wrong with the bytes.
    public init(_ description: String) { self.description = description }
}

/// Appends values to a byte array.
public struct RecordWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// Starts empty.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Starts over, keeping the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Seven bits a byte, lowest first.
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Eight bytes, lowest first: for values whose bits are all in use.
    public mutating func fixed(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends raw bytes with their count in front.
    public mutating func blob(_ blob: some Collection<UInt8>) {
        varint(UInt64(blob.count))
        bytes.append(contentsOf: blob)
    }

    /// Writes the fields of one record, their total length in front.
    public mutating func record(_ fields: (inout RecordWriter) -> Void) {
        let start = bytes.count
        bytes.append(0)
        fields(&self)
        var rest = bytes.count - start - 1
        // Most records are short; a longer length moves the fields up.
        var place = start
        while rest >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
            place += 1
            bytes.insert(0, at: place)
        }
        bytes[place] = UInt8(rest)
    }

    /// Appends one value.
    public mutating func put(_ value: some Stored) { value.write(to: &self) }
}

/// Reads values from a byte array. Every read is checked: garbage gives an error, never a trap.
public struct RecordReader: Sendable {
    private var bytes: [UInt8]
    private var position: Int
    private var end: Int
    private var pool = RecordPool()

    /// Reads `bytes` from the start.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Goes on with `bytes`. What is read from them shares names with what was read before.
    public mutating func restart(with bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Goes on with `bytes`, which one value fills wholly.
    public mutating func value<Value: Stored>(
        _ type: Value.Type = Value.self, filling bytes: [UInt8]
    ) throws(RecordError) -> Value {
        restart(with: bytes)
        let value: Value = try next()
        guard isAtEnd else { throw RecordError("bytes are left over after the value") }
        return value
    }

    /// Reads a text that many records name: equal ones become one.
    mutating func name() throws(RecordError) -> String {
        let text = try blob()
        // A short text stands in its place and takes no memory of its own.
        guard text.count > 15 else { return try Self.text(text) }
        if let known = pool.text(text) { return known }
        let new = try Self.text(text)
        pool.add(new, for: text)
        return new
    }

    /// One place for all equal values that are read.
    mutating func place<Value: Hashable & Sendable>(of value: Value) -> Shared<Value> { pool.place(of: value) }

    static func text(_ bytes: ArraySlice<UInt8>) throws(RecordError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RecordError("expected text in UTF-8")
        }
        return text
    }

    /// Whether the record, or the whole input, is used up.
    public var isAtEnd: Bool { position >= end }

    private func failure(_ wanted: String) -> RecordError { RecordError("expected \(wanted) at byte \(position)") }

    /// Reads one byte.
    public mutating func byte() throws(RecordError) -> UInt8 {
        guard position < end else { throw failure("another byte") }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads what `RecordWriter.varint` wrote.
    public mutating func varint() throws(RecordError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw failure("a number of at most 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
            if shift > 63 { throw failure("a number of at most ten bytes") }
        }
    }

    /// Reads what `RecordWriter.fixed` wrote.
    public mutating func fixed() throws(RecordError) -> UInt64 {
        guard end - position >= 8 else { throw failure("eight bytes") }
        defer { position += 8 }
        return bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        }
    }

    /// Reads a length that the remaining bytes can hold, `unit` bytes an item.
    public mutating func count(unit: Int = 1) throws(RecordError) -> Int {
        let value = try varint()
        guard value <= UInt64((end - position) / max(1, unit)) else {
            throw failure("no more than the bytes that follow")
        }
        return Int(value)
    }

    /// Reads what `RecordWriter.blob` wrote.
    public mutating func blob() throws(RecordError) -> ArraySlice<UInt8> {
        let length = try count()
        defer { position += length }
        return bytes[position..<position + length]
    }

    /// Reads the fields of one record and skips those that this program does not know.
    public mutating func record<Value>(
        _ fields: (inout RecordReader) throws(RecordError) -> Value
    ) throws(RecordError) -> Value {
        let length = try count()
        let outer = end
        end = position + length
        let value = try fields(&self)
        position = end
        end = outer
        return value
    }

    /// Reads one value.
    public mutating func next<Value: Stored>(_ type: Value.Type = Value.self) throws(RecordError) -> Value {
        try Value(from: &self)
    }

    /// Reads a field that older programs did not write; they get `fallback`.
    public mutating func next<Value: Stored>(or fallback: Value) throws(RecordError) -> Value {
        isAtEnd ? fallback : try Value(from: &self)
    }
}

extension Stored {
    /// The value's bytes alone.
    public var encoded: [UInt8] {
        var writer = RecordWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Reads a value that fills `bytes` wholly.
    public init(decoding bytes: [UInt8]) throws(RecordError) {
        var reader = RecordReader([])
        self = try reader.value(filling: bytes)
    }
}
