import ClusterKit

extension RequestScanner {
    /// Reads the header lines. Every line ends in CRLF, and no LF stands elsewhere: the finder saw to that.
    mutating func readFields(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int
    ) throws(HTTPRefusal) {
        var index = start
        while index + 2 < bytes.count {
            let field = try FieldLine.read(bytes, at: index)
            fieldCount += 1
            guard fieldCount <= limit else { throw HTTPRefusal(431, "too many header lines") }
            if try passes(field, bytes) {
                head.fields.append(RequestHead.Field(name: field.name, value: field.value))
            }
            index = field.end
        }
    }

    /// Takes note of what a header line means to the proxy; says whether it goes on to the instance as it is.
    private mutating func passes(_ field: FieldLine, _ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) -> Bool {
        let name = field.name
        // An underscore is read as a hyphen by servers that pass headers in the environment: `X_Forwarded_For`.
        if field.hasUnderscore { return false }
        switch (HTTPByte.lower(bytes[name.lowerBound]), name.count) {
        case (0x68, 4) where HTTPByte.spells("host", bytes, name):
            hostCount += 1
            hostField = field.value
            return false
        case (0x63, 10) where HTTPByte.spells("connection", bytes, name):
            connectionCount += 1
            try options.read(bytes, field.value)
            return false
        case (0x63, 14) where HTTPByte.spells("content-length", bytes, name):
            guard lengthField == nil else { throw .bad("more than one Content-Length") }
            lengthField = try FieldLine.length(bytes, field.value)
            return false
        case (0x74, 17) where HTTPByte.spells("transfer-encoding", bytes, name):
            guard !isChunked, HTTPByte.spells("chunked", bytes, field.value) else {
                throw .bad("a Transfer-Encoding other than: chunked")
            }
            isChunked = true
            return false
        case (0x75, 7) where HTTPByte.spells("upgrade", bytes, name):
            guard upgradeField.isEmpty else { throw .bad("more than one Upgrade") }
            upgradeField = field.value
            return false
        case (0x65, 6) where HTTPByte.spells("expect", bytes, name):
            guard HTTPByte.spells("100-continue", bytes, field.value) else {
                throw HTTPRefusal(417, "an Expect other than: 100-continue")
            }
            expectsContinue = isVersion11
            return false
        case (0x78, _): return !isStatedByProxy(bytes, name)
        case (0x66, 9): return !HTTPByte.spells("forwarded", bytes, name)
        case (0x74, 2): return !HTTPByte.spells("te", bytes, name)
        case (0x74, 7): return !HTTPByte.spells("trailer", bytes, name)
        case (0x6B, 10): return !HTTPByte.spells("keep-alive", bytes, name)
        case (0x70, 16): return !HTTPByte.spells("proxy-connection", bytes, name)
        case (0x70, 19): return !HTTPByte.spells("proxy-authorization", bytes, name)
        case (0x68, 14): return !HTTPByte.spells("http2-settings", bytes, name)
        default: return true
        }
    }

    /// What the proxy says of the client. Nobody is believed who says it in its place.
    private func isStatedByProxy(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) -> Bool {
        HTTPByte.begins(with: "x-forwarded-", bytes, name) || HTTPByte.spells("x-real-ip", bytes, name)
    }

    /// Applies what the client said of the connection. Headers that it names there go no further; those that the proxy
    /// adds come later and cannot be named away.
    mutating func settleConnection(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
        guard connectionCount > 0 else { return }
        if options.closes { isPersistent = false } else if options.keeps { isPersistent = true }
        if options.upgrades && isVersion11 && !upgradeField.isEmpty && framing.isDone && method == .get
            && !HTTPByte.begins(with: "h2c", bytes, upgradeField)
        {
            upgrade = upgradeField
        }
        if options.others.isEmpty { return }
        let named = options.others
        head.fields.removeAll { field in
            named.contains { name in
                name.count == field.name.count
                    && zip(name, field.name).allSatisfy {
                        HTTPByte.lower(bytes[$0]) == HTTPByte.lower(bytes[$1])
                    }
            }
        }
    }
}

/// What `Connection` lines say.
struct ConnectionOptions {
    /// Names that one message may list.
    static let limit = 32

    var closes = false
    var keeps = false
    var upgrades = false
    /// The names of headers that concern this connection only.
    var others: [Range<Int>] = []

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) {
        var index = value.lowerBound
        while index < value.upperBound {
            while index < value.upperBound, Self.separates(bytes[index]) { index += 1 }
            let start = index
            while index < value.upperBound, HTTPByte.isToken(bytes[index]) { index += 1 }
            if index < value.upperBound, !Self.separates(bytes[index]) {
                throw .bad("a Connection that lists something other than names")
            }
            try take(bytes, start..<index)
        }
    }

    private mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, _ option: Range<Int>) throws(HTTPRefusal) {
        if option.isEmpty { return }
        if HTTPByte.spells("close", bytes, option) {
            closes = true
        } else if HTTPByte.spells("keep-alive", bytes, option) {
            keeps = true
        } else if HTTPByte.spells("upgrade", bytes, option) {
            upgrades = true
        } else {
            guard others.count < Self.limit else { throw .bad("a Connection that lists more than 32 names") }
            others.append(option)
        }
    }

    private static func separates(_ byte: UInt8) -> Bool {
        byte == 0x2C || byte == HTTPByte.space || byte == HTTPByte.tab
    }
}
