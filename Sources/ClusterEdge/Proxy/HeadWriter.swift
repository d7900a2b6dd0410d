import ClusterKit
import NIOCore

/// Puts bytes one after the other into memory of a size that was reckoned before. What does not fit is left out and
/// noticed, never written beyond the end.
struct HeadWriter {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private(set) var hasOverflown = false

    init(_ target: UnsafeMutableRawBufferPointer) { self.target = target }

    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= target.count - count, let from = bytes.baseAddress, let to = target.baseAddress else {
            if !bytes.isEmpty { hasOverflown = true }
            return
        }
        (to + count).copyMemory(from: from, byteCount: bytes.count)
        count += bytes.count
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        put(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range]))
    }

    mutating func put(_ bytes: [UInt8]) { bytes.withUnsafeBytes { put($0) } }

    mutating func put(_ number: UInt64) {
        var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var rest = number
            var start = buffer.count
            repeat {
                start -= 1
                buffer[start] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            put(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start...]))
        }
    }
}

extension RequestScanner {
    /// Writes the head that goes to an instance, with `host` in the place of the client's word for it if that is
    /// not passed on.
    func write(
        into buffer: inout ByteBuffer, rewritten: Rewritten?, clientLines: [UInt8], host: [UInt8]?
    ) throws(HTTPRefusal) {
        let added = clientLines.count + (rewritten?.fieldLines.count ?? 0) + (host?.count ?? 0) + 256
        let capacity = head.bytes.count + 2 * hostField.count + upgrade.count + added
        var hasOverflown = false
        head.bytes.withUnsafeBufferPointer { bytes in
            _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
                var writer = HeadWriter(target)
                writeRequestLine(bytes, path: rewritten?.path ?? head.path, to: &writer)
                writer.put("Host: ")
                if let host { writer.put(host) } else { writer.put(bytes, hostField) }
                writer.put("\r\n")
                for field in head.fields {
                    writer.put(bytes, field.name.lowerBound..<field.value.upperBound)
                    writer.put("\r\n")
                }
                writeFraming(bytes, to: &writer)
                writeForwarded(bytes, clientLines: clientLines, to: &writer)
                if let rewritten { writer.put(rewritten.fieldLines) }
                writer.put("\r\n")
                hasOverflown = writer.hasOverflown
                return writer.count
            }
        }
        if hasOverflown { throw HTTPRefusal(431, "the head of the request grows too large") }
    }

    private func writeRequestLine(
        _ bytes: UnsafeBufferPointer<UInt8>, path: Range<Int>, to writer: inout HeadWriter
    ) {
        writer.put(bytes, head.method)
        writer.put(" ")
        writer.put(bytes, path)
        if !head.query.isEmpty {
            writer.put("?")
            writer.put(bytes, head.query)
        }
        writer.put(" HTTP/1.1\r\n")
    }

    private func writeFraming(_ bytes: UnsafeBufferPointer<UInt8>, to writer: inout HeadWriter) {
        switch framing {
        case .length(let length):
            writer.put("Content-Length: ")
            writer.put(length)
            writer.put("\r\n")
        case .chunked: writer.put("Transfer-Encoding: chunked\r\n")
        default: break
        }
        if expectsContinue { writer.put("Expect: 100-continue\r\n") }
        if !upgrade.isEmpty {
            writer.put("Connection: Upgrade\r\nUpgrade: ")
            writer.put(bytes, upgrade)
            writer.put("\r\n")
        }
    }

    private func writeForwarded(
        _ bytes: UnsafeBufferPointer<UInt8>, clientLines: [UInt8], to writer: inout HeadWriter
    ) {
        writer.put(clientLines)
        writer.put("X-Forwarded-Host: ")
        writer.put(bytes, hostField)
        writer.put("\r\nX-Forwarded-Port: ")
        if hostPort.isEmpty { writer.put("80") } else { writer.put(bytes, hostPort) }
        writer.put("\r\n")
    }
}

extension ResponseScanner {
    /// Writes the head that goes to the client: the lines that remain, and what the connection to the client needs.
    func write(_ bytes: UnsafeBufferPointer<UInt8>, connection: StaticString, into buffer: inout ByteBuffer) {
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + 64) { target in
            var writer = HeadWriter(target)
            writer.put("HTTP/1.1")
            var start = 8
            for cut in cuts {
                if start < cut.lowerBound { writer.put(bytes, start..<cut.lowerBound) }
                start = max(start, cut.upperBound)
            }
            writer.put(bytes, start..<bytes.count - 2)
            writer.put(connection)
            writer.put("\r\n")
            return writer.count
        }
    }
}
