import Testing

@testable import ClusterKit

@Suite struct AESGCMTests {
    private func seal(_ vector: AESGCMVector) throws -> [UInt8] {
        try vector.plain.withUnsafeBytes { plain in
            try vector.key.withUnsafeBytes { key in
                try AESGCM.seal(plain, key: key, nonce: vector.nonce, associated: vector.associated)
            }
        }
    }

    private func open(
        _ vector: AESGCMVector, key: [UInt8]? = nil, nonce: [UInt8]? = nil, associated: [UInt8]? = nil,
        sealed: [UInt8]? = nil
    ) throws -> [UInt8]? {
        try (key ?? vector.key).withUnsafeBytes { key in
            try AESGCM.open(
                sealed ?? vector.sealed, key: key, nonce: nonce ?? vector.nonce,
                associated: associated ?? vector.associated)
        }
    }

    @Test(arguments: AESGCMVector.encrypt) func sealsAsNISTDoes(_ vector: AESGCMVector) throws {
        #expect(try seal(vector) == vector.sealed)
        #expect(try open(vector) == vector.plain)
    }

    @Test(arguments: AESGCMVector.fail) func refusesWhatNISTRefuses(_ vector: AESGCMVector) throws {
        #expect(try open(vector) == nil)
    }

    @Test func everyBitCounts() throws {
        for vector in AESGCMVector.encrypt where vector.testDescription == "PTlen 128, AADlen 160" {
            for bit in 0..<vector.sealed.count * 8 {
                #expect(try open(vector, sealed: vector.sealed.flipping(bit)) == nil, "bit \(bit) of the sealed bytes")
            }
            for bit in 0..<vector.associated.count * 8 {
                #expect(try open(vector, associated: vector.associated.flipping(bit)) == nil, "bit \(bit) beside")
            }
            for bit in 0..<96 { #expect(try open(vector, nonce: vector.nonce.flipping(bit)) == nil) }
            for bit in 0..<256 { #expect(try open(vector, key: vector.key.flipping(bit)) == nil) }
            for count in 0..<vector.sealed.count {
                #expect(try open(vector, sealed: Array(vector.sealed.prefix(count))) == nil, "\(count) bytes")
            }
        }
    }

    @Test func keysAndNoncesOfOtherLengthsAreRefused() throws {
        let vector = try #require(AESGCMVector.encrypt.last)
        #expect(throws: ClusterError.self) { try open(vector, key: [1, 2, 3]) }
        #expect(throws: ClusterError.self) { try open(vector, nonce: []) }
        #expect(throws: ClusterError.self) { try open(vector, nonce: Array(repeating: 0, count: 16)) }
    }

    @Test func digestsAreThoseOfTheStandards() throws {
        // FIPS 180-4's example, and test case 2 of RFC 4231.
        #expect(
            try Digest.sha256(Array("abc".utf8)).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let code = try Array("Jefe".utf8).withUnsafeBytes {
            try Digest.authenticationCode(of: "what do ya want for nothing?", key: $0)
        }
        #expect(code.hexadecimal == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func randomBytesDiffer() throws {
        let drawn = try (0..<100).map { _ in try RandomBytes.make(12) }
        #expect(Set(drawn).count == 100)
        #expect(drawn.allSatisfy { $0.count == 12 })
        #expect(try RandomBytes.make(0).isEmpty)
    }

    @Test func anErrorSaysWhatAndWhy() {
        let error = OpenSSLFailure.error("do a thing")
        #expect(error.code == .internal)
        #expect(error.message == "OpenSSL could not do a thing: no reason given")
    }

    @Test func wipedBytesAreZero() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.wipe()
        #expect(bytes == [0, 0, 0])
    }
}

extension [UInt8] {
    /// The bytes with one bit turned.
    func flipping(_ bit: Int) -> Self {
        var bytes = self
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        return bytes
    }
}
