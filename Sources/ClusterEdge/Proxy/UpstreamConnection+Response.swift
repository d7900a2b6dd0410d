import NIOCore

extension UpstreamConnection {
    /// Reads the head of an answer, and interim answers before it.
    func readHead(_ buffer: ByteBuffer) {
        var input = buffer
        if partial.readableBytes > 0 {
            partial.writeBuffer(&input)
            input = partial
            partial = ByteBuffer()
        }
        do throws(HTTPRefusal) {
            // Once the answer itself has begun, this connection may carry another request already, of a client that
            // asks without waiting: nothing of what came here is an answer to that.
            while let count = try end(in: input) {
                guard try readHead(of: count, in: &input) else { return }
            }
        } catch {
            fail(error == .manyInterim ? error : .badAnswer)
            return
        }
        if input.readableBytes == 0 { return }
        if input.readableBytes > loop.configuration.maximumHead { fail(.badAnswer) } else { partial = input }
    }

    private func end(in input: ByteBuffer) throws(HTTPRefusal) -> Int? {
        let count = try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in try finder.end(in: bytes) }
        if let count, count > loop.configuration.maximumHead { throw .badAnswer }
        return count
    }

    /// The answer is not proper HTTP: nobody gets any of it.
    private func fail(_ refusal: HTTPRefusal) {
        let client = client
        self.client = nil
        close()
        client?.fail(refusal)
    }

    /// Reads one head; says whether another must follow, since it was an interim one.
    private func readHead(of count: Int, in input: inout ByteBuffer) throws(HTTPRefusal) -> Bool {
        guard let client else { return false }
        try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<count]).bindMemory(to: UInt8.self)
            try loop.response.read(head)
        }
        finder.reset()
        let status = loop.response.status
        if status == 101 {
            guard client.wantsUpgrade, !loop.response.upgrade.isEmpty else { throw .badAnswer }
            beginTunnel(client, count, input)
            return false
        }
        if status < 200 {
            interimCount += 1
            guard interimCount <= Self.maximumInterim else { throw .manyInterim }
            if client.takesInterim { writeHead(client, count, of: input, connection: "", body: []) }
            input.moveReaderIndex(forwardBy: count)
            return true
        }
        try beginResponse(client, count, input)
        return false
    }

    private func beginTunnel(_ client: ClientConnection, _ count: Int, _ input: ByteBuffer) {
        var input = input
        let upgrade = loop.response.upgrade
        guard let name = input.getSlice(at: input.readerIndex + upgrade.lowerBound, length: upgrade.count) else {
            return
        }
        loop.scratch.clear()
        input.withUnsafeReadableBytes { bytes in
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<count]).bindMemory(to: UInt8.self)
            loop.response.write(head, connection: "Connection: Upgrade\r\nUpgrade: ", into: &loop.scratch)
        }
        // The head ends in an empty line, which the name of the protocol comes before.
        loop.scratch.moveWriterIndex(to: loop.scratch.writerIndex - 2)
        loop.scratch.writeImmutableBuffer(name)
        loop.scratch.writeStaticString("\r\n\r\n")
        input.moveReaderIndex(forwardBy: count)
        phase = .tunnel
        write(to: client, loop.scratch)
        if input.readableBytes > 0 { write(to: client, input) }
        client.tunnelBegan()
    }

    private func beginResponse(_ client: ClientConnection, _ count: Int, _ input: ByteBuffer) throws(HTTPRefusal) {
        let scanner = loop.response
        framing = scanner.framing
        isPersistent = scanner.isPersistent
        let status = scanner.status
        if client.isHead || status == 204 || status == 304 { framing = .none }
        if framing == .untilClose { isPersistent = false }
        keepsFraming = client.takesChunks
        if !keepsFraming, case .chunked = framing {
            let line = scanner.encodingLine
            let place = loop.response.cuts.firstIndex { $0.lowerBound > line.lowerBound }
            loop.response.cuts.insert(line, at: place ?? loop.response.cuts.count)
        }
        let whole = framing
        loop.parts.removeAll(keepingCapacity: true)
        let used = try readFraming(input, from: count)
        let hasLeftover = framing.isDone && count + used < input.readableBytes
        let connection = client.beginResponse(status: status, framing: whole)
        writeHead(client, count, of: input, connection: connection, body: loop.parts)
        phase = .body
        if framing.isDone { endResponse(hasLeftover: hasLeftover) }
    }

    private func readFraming(_ input: ByteBuffer, from start: Int) throws(HTTPRefusal) -> Int {
        if framing.isDone { return 0 }
        return try input.withUnsafeReadableBytes { bytes throws(HTTPRefusal) in
            let body = UnsafeRawBufferPointer(rebasing: bytes[start...]).bindMemory(to: UInt8.self)
            return try framing.read(body, keepsFraming: keepsFraming, into: &loop.parts)
        }
    }

    /// Writes a head and as much of the body as is there. What needs no change goes on as it came, in one piece.
    private func writeHead(
        _ client: ClientConnection, _ count: Int, of input: ByteBuffer, connection: StaticString, body: [Range<Int>]
    ) {
        let first = input.readerIndex
        let isWhole = body.isEmpty || body.count == 1 && body[0].lowerBound == 0
        if loop.response.cuts.isEmpty && loop.response.isVersion11 && connection.utf8CodeUnitCount == 0 && isWhole {
            let length = count + (body.last?.upperBound ?? 0)
            if let slice = input.getSlice(at: first, length: length) { write(to: client, slice) }
            return
        }
        loop.scratch.clear()
        input.withUnsafeReadableBytes { bytes in
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<count]).bindMemory(to: UInt8.self)
            loop.response.write(head, connection: connection, into: &loop.scratch)
            guard body.reduce(0, { $0 + $1.count }) <= Self.copyLimit else { return }
            for part in body {
                loop.scratch.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[count...][shifted: part]))
            }
        }
        write(to: client, loop.scratch)
        if body.reduce(0, { $0 + $1.count }) > Self.copyLimit {
            for part in body {
                if let slice = input.getSlice(at: first + count + part.lowerBound, length: part.count) {
                    write(to: client, slice)
                }
            }
        }
    }

    /// Reads on in the body of an answer.
    func readBody(_ input: ByteBuffer) {
        guard let client else { return }
        loop.parts.removeAll(keepingCapacity: true)
        do throws(HTTPRefusal) {
            let used = try readFraming(input, from: 0)
            for part in loop.parts {
                if let slice = input.getSlice(at: input.readerIndex + part.lowerBound, length: part.count) {
                    write(to: client, slice)
                }
            }
            client.responseWentOn()
            if framing.isDone { endResponse(hasLeftover: used < input.readableBytes) }
        } catch {
            // The head is out already: only a closed connection says that the answer is not whole.
            self.client = nil
            close()
            client.close()
        }
    }

    private func write(to client: ClientConnection, _ buffer: ByteBuffer) {
        client.send(buffer)
        written = client
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// A part that is stated from where this one begins.
    fileprivate subscript(shifted part: Range<Int>) -> Slice<UnsafeRawBufferPointer> {
        self[startIndex + part.lowerBound..<startIndex + part.upperBound]
    }
}
