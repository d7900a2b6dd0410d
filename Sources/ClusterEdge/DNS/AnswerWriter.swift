/// Writes an answer into memory that the caller owns, never beyond its limit.
struct AnswerWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private var limit: Int
    /// How much is written.
    private(set) var count = 0

    /// Writes into `memory`, at most `limit` bytes.
    init(_ memory: UnsafeMutableRawBufferPointer, limit: Int) {
        self.memory = memory
        self.limit = min(limit, memory.count)
    }

    /// Copies bytes; says whether they fit. What does not fit changes nothing.
    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard count + bytes.count <= limit else { return false }
        if let target = memory.baseAddress, let source = bytes.baseAddress {
            (target + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
        return true
    }

    /// Writes a byte; says whether it fits.
    mutating func put(byte: UInt8) -> Bool {
        guard count < limit else { return false }
        memory[count] = byte
        count += 1
        return true
    }

    /// Writes a number of two bytes; says whether it fits.
    mutating func put(_ number: UInt16) -> Bool {
        guard count + 2 <= limit else { return false }
        count += 2
        patch(number, at: count - 2)
        return true
    }

    /// Gives room that was kept free until now.
    mutating func raiseLimit(by bytes: Int) { limit = min(limit + bytes, memory.count) }

    /// Sets a number that is written already.
    func patch(_ number: UInt16, at offset: Int) {
        guard offset >= 0, offset + 2 <= count else { return }
        memory[offset] = UInt8(number >> 8)
        memory[offset + 1] = UInt8(number & 255)
    }
}
