import ClusterKit

/// Divides a stream of JSON objects that follow each other without anything between them.
struct FrameSplitter: Sendable {
    /// The longest object; whatever is longer is no frame.
    static let longest = 16 << 20

    private var bytes: [UInt8] = []
    private var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    mutating func append(_ more: some Collection<UInt8>) throws(ClusterError) {
        guard bytes.count + more.count <= Self.longest else {
            throw ClusterError(.tooLarge, "the server sent a frame of more than \(Self.longest) bytes")
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole object; `nil` when more bytes are needed.
    mutating func next() -> [UInt8]? {
        while scanned < bytes.count {
            let byte = bytes[scanned]
            scanned += 1
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                guard depth <= 0 else { continue }
                let frame = Array(bytes[..<scanned])
                bytes.removeFirst(scanned)
                scanned = 0
                depth = 0
                return frame
            }
        }
        return nil
    }
}
