/// Finds the end of a head that arrives in pieces, looking at each byte once. Lines end in CRLF: a bare LF is refused,
/// since some servers end a line there and others do not.
struct HeadFinder {
    /// How much of the head has been looked at.
    private var searched = 0
    /// The length of the first line, with its end.
    private(set) var firstLine = 0

    /// How many bytes the head has, with its empty line; `nil` as long as that is not known.
    mutating func end(in bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Int? {
        while let line = HTTPByte.first(HTTPByte.lineFeed, in: bytes, from: searched) {
            guard line > 0, bytes[line - 1] == HTTPByte.carriageReturn else {
                throw .bad("a line that ends in LF without CR")
            }
            searched = line + 1
            if firstLine == 0 { firstLine = line + 1 }
            if line > 2 && bytes[line - 2] == HTTPByte.lineFeed { return line + 1 }
        }
        searched = bytes.count
        return nil
    }

    mutating func reset() {
        searched = 0
        firstLine = 0
    }
}
