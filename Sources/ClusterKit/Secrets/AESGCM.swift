import COpenSSL

/// AES-256 in Galois/counter mode: hides bytes, and proves that neither they nor what was named beside them changed.
///
/// A nonce must never serve twice under one key. Nonces here are 96 random bits, so a key should seal at most 2³²
/// times (NIST SP 800-38D, section 8.3): that many writes a second apart take 136 years.
///
/// OpenSSL keeps a working copy of the key in ordinary memory for the length of one call, and wipes it.
enum AESGCM {
    static let keyLength = 32
    static let nonceLength = 12
    static let tagLength = 16

    /// `plain` hidden, with the tag behind it.
    static func seal(
        _ plain: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8]
    ) throws -> [UInt8] {
        try check(key, nonce)
        return try withContext { context in
            try OpenSSLFailure.check(
                EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key.bytes, nonce, nil), "start to seal")
            var length: Int32 = 0
            if !associated.isEmpty {
                try OpenSSLFailure.check(
                    EVP_EncryptUpdate(context, nil, &length, associated, try count(associated.count)),
                    "take what is named beside the sealed bytes")
            }
            var sealed = [UInt8](repeating: 0, count: plain.count + tagLength)
            try sealed.withUnsafeMutableBufferPointer { output in
                if !plain.isEmpty {
                    try OpenSSLFailure.check(
                        EVP_EncryptUpdate(context, output.baseAddress, &length, plain.bytes, try count(plain.count)),
                        "seal")
                }
                // The mode writes as many bytes as it reads: nothing is left for the end.
                try OpenSSLFailure.check(EVP_EncryptFinal_ex(context, nil, &length), "finish to seal")
                let tag = output.baseAddress.map { $0 + plain.count }
                try OpenSSLFailure.check(
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), tag), "make the tag")
            }
            return sealed
        }
    }

    /// What `seal` hid; `nil` when the bytes, the nonce or what is named beside them are not those of then.
    /// The caller wipes what it gets.
    static func open(
        _ sealed: [UInt8], key: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8]
    ) throws -> [UInt8]? {
        try check(key, nonce)
        let length = sealed.count - tagLength
        guard length >= 0 else { return nil }
        return try withContext { context in
            try OpenSSLFailure.check(
                EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key.bytes, nonce, nil), "start to open")
            var written: Int32 = 0
            if !associated.isEmpty {
                try OpenSSLFailure.check(
                    EVP_DecryptUpdate(context, nil, &written, associated, try count(associated.count)),
                    "take what is named beside the sealed bytes")
            }
            var plain = [UInt8](repeating: 0, count: length)
            var isWhole = false
            // Bytes whose tag is wrong are nobody's business, and neither are those of a call that failed.
            defer { if !isWhole { plain.wipe() } }
            if length > 0 {
                try OpenSSLFailure.check(
                    EVP_DecryptUpdate(context, &plain, &written, sealed, try count(length)), "open")
            }
            var tag = Array(sealed[length...])
            try OpenSSLFailure.check(
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag), "take the tag")
            isWhole = EVP_DecryptFinal_ex(context, nil, &written) == 1
            ERR_clear_error()
            return isWhole ? plain : nil
        }
    }

    private static func withContext<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
        guard let context = EVP_CIPHER_CTX_new() else { throw OpenSSLFailure.error("make a cipher") }
        defer { EVP_CIPHER_CTX_free(context) }
        return try body(context)
    }

    private static func check(_ key: UnsafeRawBufferPointer, _ nonce: [UInt8]) throws {
        guard key.count == keyLength, nonce.count == nonceLength else {
            throw ClusterError(
                .invalid,
                "sealing takes a key of \(keyLength) bytes and a nonce of \(nonceLength), not "
                    + "\(key.count) and \(nonce.count)")
        }
    }

    private static func count(_ count: Int) throws -> Int32 {
        guard let count = Int32(exactly: count) else {
            throw ClusterError(.tooLarge, "\(count) bytes are too many to seal at once")
        }
        return count
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var bytes: UnsafePointer<UInt8>? { bindMemory(to: UInt8.self).baseAddress }
}

extension [UInt8] {
    /// Overwrites what is in the array, in a way that the compiler does not leave out. Of use only while nobody else
    /// holds the same array: a copy would be made, and wiped.
    mutating func wipe() {
        withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }
}
