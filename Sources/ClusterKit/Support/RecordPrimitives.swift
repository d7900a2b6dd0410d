extension Int: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let word = try reader.varint()
        self = Int(bitPattern: UInt(word >> 1)) ^ -Int(bitPattern: UInt(word & 1))
    }

    public func write(to writer: inout RecordWriter) {
        writer.varint(UInt64(bitPattern: Int64(self << 1 ^ self >> (Int.bitWidth - 1))))
    }
}

extension UInt64: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) { self = try reader.varint() }
    public func write(to writer: inout RecordWriter) { writer.varint(self) }
}

extension Bool: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let byte = try reader.byte()
        guard byte < 2 else { throw RecordError("expected a truth value, found \(byte)") }
        self = byte == 1
    }

    public func write(to writer: inout RecordWriter) { writer.varint(self ? 1 : 0) }
}

extension Double: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) { self.init(bitPattern: try reader.fixed()) }
    public func write(to writer: inout RecordWriter) { writer.fixed(bitPattern) }
}

extension String: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try RecordReader.text(try reader.blob())
    }

    public func write(to writer: inout RecordWriter) { writer.blob(utf8) }
}

extension Duration: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) { self = .nanoseconds(try reader.next(Int.self)) }
    public func write(to writer: inout RecordWriter) { writer.put(Int(nanoseconds)) }
}

extension WallTime: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(nanoseconds: Int64(try reader.next(Int.self)))
    }

    public func write(to writer: inout RecordWriter) { writer.put(Int(nanoseconds)) }
}

extension Optional: Stored where Wrapped: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.next(Bool.self) ? try Wrapped(from: &reader) : nil
    }

    public func write(to writer: inout RecordWriter) {
        writer.put(self != nil)
        if let self { writer.put(self) }
    }
}

extension Array: Stored where Element: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let count = try reader.count()
        self = []
        reserveCapacity(Swift.min(count, 4096))
        for _ in 0..<count { append(try Element(from: &reader)) }
    }

    public func write(to writer: inout RecordWriter) {
        writer.varint(UInt64(count))
        for element in self { writer.put(element) }
    }
}

extension Dictionary: Stored where Key: Stored & Comparable, Value: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        let count = try reader.count()
        self = [:]
        for _ in 0..<count {
            let key = try Key(from: &reader)
            self[key] = try Value(from: &reader)
        }
    }

    /// Sorted by key, so that equal values have equal bytes at every launch.
    public func write(to writer: inout RecordWriter) {
        writer.varint(UInt64(count))
        for key in keys.sorted() {
            guard let value = self[key] else { continue }
            writer.put(key)
            writer.put(value)
        }
    }
}

/// A closed list of words, stored as one byte: the place of the case in `allCases`, to which cases are only ever
/// appended.
public protocol StoredWord: Stored, CaseIterable, RawRepresentable<String>, Hashable where AllCases == [Self] {}

extension StoredWord {
    /// Reads the place of a case; throws for one that this program does not know.
    public init(from reader: inout RecordReader) throws(RecordError) {
        let index = Int(try reader.byte())
        guard index < Self.allCases.count else { throw RecordError("expected a \(Self.self), found number \(index)") }
        self = Self.allCases[index]
    }

    /// Writes the place of the case.
    public func write(to writer: inout RecordWriter) {
        writer.varint(UInt64(Self.allCases.firstIndex(of: self) ?? 0))
    }
}
