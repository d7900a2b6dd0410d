import COpenSSL

/// SHA-256 and what is built on it.
package enum Digest {
    /// The length of a digest in bytes.
    package static let length = 32

    /// SHA-256 of `bytes`.
    package static func sha256(_ bytes: [UInt8]) throws -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        var written = 0
        try OpenSSLFailure.check(
            EVP_Q_digest(nil, "SHA256", nil, bytes, bytes.count, &digest, &written), "make a SHA-256 digest")
        return digest
    }

    /// HMAC-SHA-256 of `message` under `key`: tells nothing about the key.
    static func authenticationCode(of message: String, key: UnsafeRawBufferPointer) throws -> [UInt8] {
        let message = Array(message.utf8)
        var code = [UInt8](repeating: 0, count: length)
        var written = 0
        let made = EVP_Q_mac(
            nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, message, message.count, &code, code.count,
            &written)
        guard made != nil, written == length else { throw OpenSSLFailure.error("make an HMAC") }
        return code
    }
}

/// Bytes that nobody can guess.
package enum RandomBytes {
    /// `count` new ones, which may be shown to everyone: nonces, salts, names.
    package static func make(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        try OpenSSLFailure.check(RAND_bytes(&bytes, Int32(clamping: count)), "draw random bytes")
        return bytes
    }

    /// Fills `buffer` from the source that is kept for keys.
    static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws {
        let bytes = buffer.bindMemory(to: UInt8.self)
        try OpenSSLFailure.check(
            RAND_priv_bytes(bytes.baseAddress, Int32(clamping: bytes.count)), "draw the bytes of a key")
    }
}

extension Collection<UInt8> {
    /// Two lowercase digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
