/// Reading scalars from bytes.
enum UTF8Text {
    /// The scalar at a place and its number of bytes. A byte that begins no well-formed character stands for U+FFFD, as
    /// in Go.
    @inline(__always)
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> (scalar: UInt32, width: Int) {
        let first = bytes[place]
        return first < 0x80 ? (UInt32(first), 1) : decodeLong(bytes, at: place)
    }

    private static func decodeLong(
        _ bytes: UnsafeBufferPointer<UInt8>, at place: Int
    ) -> (scalar: UInt32, width: Int) {
        let first = UInt32(bytes[place])
        let wrong: (UInt32, Int) = (0xFFFD, 1)
        let (width, least): (Int, UInt32) =
            switch first {
            case 0xC2...0xDF: (2, 0x80)
            case 0xE0...0xEF: (3, 0x800)
            case 0xF0...0xF4: (4, 0x10000)
            default: (0, 0)
            }
        guard width > 0, bytes.count - place >= width else { return wrong }
        var scalar = first & (0x7F >> UInt32(width))
        for index in 1..<width {
            let next = bytes[place + index]
            guard next & 0xC0 == 0x80 else { return wrong }
            scalar = scalar << 6 | UInt32(next & 0x3F)
        }
        guard scalar >= least, scalar <= ScalarSet.largest, !(0xD800...0xDFFF).contains(scalar) else { return wrong }
        return (scalar, width)
    }

    /// Where the character before a place begins, in well-formed text.
    static func start(before place: Int, in bytes: [UInt8]) -> Int {
        var start = place - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }
}
