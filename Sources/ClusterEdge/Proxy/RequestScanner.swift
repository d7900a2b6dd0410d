import ClusterKit

/// Reads the head of a request, strictly: what two servers could read in two ways is refused. One is kept for each
/// event loop and refilled, so that reading allocates nothing.
struct RequestScanner {
    /// What routes look at. Its fields are those that go on to the instance: neither what concerns this connection
    /// only, nor what the proxy states itself.
    var head = RequestHead()
    /// The method, for what depends on it.
    var method = RequestMethod.other
    /// Whether it is HTTP/1.1; otherwise it is 1.0.
    var isVersion11 = true
    /// How the end of the body is told.
    var framing = BodyFraming.none
    /// Whether the client wants to keep the connection.
    var isPersistent = true
    /// The `Host` as it came; empty for none.
    var hostField = 0..<0
    /// The digits of the port in the `Host`.
    var hostPort = 0..<0
    /// What the client asks to change to; empty for nothing.
    var upgrade = 0..<0
    /// Whether the client waits for `100 Continue`.
    var expectsContinue = false

    var fieldCount = 0
    var upgradeField = 0..<0
    var authority = 0..<0
    var hostCount = 0
    var lengthField: UInt64?
    var isChunked = false
    var connectionCount = 0
    var options = ConnectionOptions()

    /// Reads the head that `bytes` hold from the first byte to the end of the empty line.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, configuration: borrowing ProxyConfiguration
    ) throws(HTTPRefusal) {
        reset()
        head.bytes.append(contentsOf: bytes)
        let view = bytes.bindMemory(to: UInt8.self)
        let fields = try readRequestLine(view, configuration: configuration)
        try readFields(view, from: fields, limit: configuration.maximumFields)
        try settleHost(view)
        try settleFraming()
        try settleConnection(view)
    }

    private mutating func reset() {
        head.removeAll()
        framing = .none
        hostField = 0..<0
        hostPort = 0..<0
        upgrade = 0..<0
        expectsContinue = false
        fieldCount = 0
        upgradeField = 0..<0
        authority = 0..<0
        hostCount = 0
        lengthField = nil
        isChunked = false
        connectionCount = 0
        options = ConnectionOptions()
    }

    /// Reads `METHOD target HTTP/1.x`; gives where the next line begins.
    private mutating func readRequestLine(
        _ bytes: UnsafeBufferPointer<UInt8>, configuration: borrowing ProxyConfiguration
    ) throws(HTTPRefusal) -> Int {
        var index = 0
        while index < bytes.count, HTTPByte.isToken(bytes[index]) { index += 1 }
        guard index > 0, index <= 32, index < bytes.count, bytes[index] == HTTPByte.space else {
            throw .bad("a method that is no token, or no space behind it")
        }
        head.method = 0..<index
        method = RequestMethod(bytes, head.method)
        let target = index + 1
        index = target
        while index < bytes.count, bytes[index] > HTTPByte.space { index += 1 }
        let targetRange = target..<index
        guard index + 10 < bytes.count, bytes[index] == HTTPByte.space, !targetRange.isEmpty else {
            throw .bad("a first line that is not: method, space, target, space, version")
        }
        try readVersion(bytes, at: index + 1)
        switch method {
        case .connect: throw HTTPRefusal(501, "CONNECT is not served: this is no forward proxy")
        case .trace: throw HTTPRefusal(501, "TRACE is not served")
        default: break
        }
        try readTarget(bytes, targetRange, allowing: configuration.encodedDelimiters)
        return index + 11
    }

    private mutating func readVersion(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(HTTPRefusal) {
        guard HTTPByte.spells("http/", bytes, start..<start + 5), bytes[start] == 0x48, bytes[start + 1] == 0x54,
            bytes[start + 2] == 0x54, bytes[start + 3] == 0x50, HTTPByte.isDigit(bytes[start + 5]),
            bytes[start + 6] == HTTPByte.dot, HTTPByte.isDigit(bytes[start + 7]),
            bytes[start + 8] == HTTPByte.carriageReturn
        else { throw .bad("a first line that is not: method, space, target, space, version") }
        guard bytes[start + 5] == 0x31, bytes[start + 7] < 0x32 else {
            throw HTTPRefusal(505, "only HTTP/1.0 and HTTP/1.1 are served")
        }
        isVersion11 = bytes[start + 7] == 0x31
        isPersistent = isVersion11
    }

    private mutating func readTarget(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, allowing allowed: EncodedDelimiters
    ) throws(HTTPRefusal) {
        var target = range
        if bytes[target.lowerBound] != HTTPByte.slash {
            guard HTTPByte.begins(with: "http://", bytes, target) else {
                throw .bad("a request target that begins neither with / nor with http://")
            }
            let start = target.lowerBound + 7
            guard let slash = (start..<target.upperBound).first(where: { bytes[$0] == HTTPByte.slash }) else {
                throw .bad("a request target without a path: write http://host/")
            }
            authority = start..<slash
            target = slash..<target.upperBound
        }
        let question = target.first { bytes[$0] == HTTPByte.question } ?? target.upperBound
        let path = target.lowerBound..<question
        if RequestPath.isPlain(bytes, path) {
            head.path = path
        } else {
            let start = head.bytes.count
            try RequestPath.canonicalize(
                UnsafeBufferPointer(rebasing: bytes[path]), allowing: allowed, into: &head.bytes)
            head.path = start..<head.bytes.count
        }
        head.query = min(question + 1, target.upperBound)..<target.upperBound
        if !RequestPath.isPlainQuery(bytes, head.query) {
            let start = head.bytes.count
            try RequestPath.canonicalizeQuery(UnsafeBufferPointer(rebasing: bytes[head.query]), into: &head.bytes)
            head.query = start..<head.bytes.count
        }
    }

    /// The host must be stated once, by a name that names can have, and alike in both places where it may stand.
    private mutating func settleHost(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        guard hostCount > 0 else {
            if isVersion11 { throw .bad("no Host") }
            guard authority.isEmpty else { throw .bad("no Host") }
            return
        }
        guard hostCount == 1 else { throw .bad("more than one Host") }
        let host = try RequestHost(bytes, hostField)
        if !authority.isEmpty {
            let stated = try RequestHost(bytes, authority)
            let isSame =
                stated.name.count == host.name.count
                && zip(stated.name, host.name).allSatisfy {
                    HTTPByte.lower(bytes[$0]) == HTTPByte.lower(bytes[$1])
                }
            guard isSame, bytes[stated.port].elementsEqual(bytes[host.port]) else {
                throw .bad("a Host other than that of the request target")
            }
        }
        hostPort = host.port
        head.host = host.name
        if host.hasCapitals {
            let start = head.bytes.count
            for index in host.name { head.bytes.append(HTTPByte.lower(bytes[index])) }
            head.host = start..<head.bytes.count
        }
    }

    private mutating func settleFraming() throws(HTTPRefusal) {
        if isChunked {
            if lengthField != nil { throw .bad("both Content-Length and Transfer-Encoding") }
            if !isVersion11 { throw .bad("Transfer-Encoding in HTTP/1.0") }
            framing = .chunked(ChunkScanner())
        } else if let length = lengthField {
            framing = .length(length)
        }
    }
}
