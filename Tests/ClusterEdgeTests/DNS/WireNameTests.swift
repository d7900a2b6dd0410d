import ClusterKit
import Testing

@testable import ClusterEdge

/// Names and addresses between text and packets.
struct WireNameTests {
    @Test func foldingEightBytesIsFoldingEach() {
        var entropy = Entropy(seed: 8)
        for byte in UInt8.min...UInt8.max {
            for lane in 0..<8 {
                var bytes = (0..<8).map { _ in UInt8(truncatingIfNeeded: entropy.next()) }
                bytes[lane] = byte
                let word = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
                let folded = withUnsafeBytes(of: WireName.fold(word)) { Array($0) }
                #expect(folded == bytes.map { (65...90).contains($0) ? $0 + 32 : $0 })
            }
        }
    }

    @Test func namesOfAnyLengthAreFoundAndToldApart() throws {
        let text = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_@[`{"
        for length in 1...42 {
            let name = try #require(WireName(String(text.prefix(length))))
            let folded = name.folded.bytes
            let isSame = name.bytes.withUnsafeBytes { name in folded.withUnsafeBytes { WireName.equal(name, $0) } }
            #expect(isSame)
            #expect(name.bytes.withUnsafeBytes(WireName.hash) == folded.withUnsafeBytes(WireName.hash))
            for place in folded.indices {
                var other = folded
                other[place] ^= 1
                let isSame = other.withUnsafeBytes { other in folded.withUnsafeBytes { WireName.equal(other, $0) } }
                #expect(!isSame, "\(length) \(place)")
            }
        }
    }

    @Test(
        arguments: [
            ("10.0.0.1", "0a000001"), ("255.255.255.255", "ffffffff"), ("256.0.0.1", nil), ("1.2.3", nil),
            ("1.2.3.4.5", nil), ("1.2.3.", nil), ("+1.2.3.4", nil), ("", nil), ("localhost", nil),
            ("::", "00000000000000000000000000000000"), ("::1", "00000000000000000000000000000001"),
            ("2001:db8::8:1", "20010db8000000000000000000080001"),
            ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
            ("::ffff:10.0.0.1", "00000000000000000000ffff0a000001"), ("fe80::", "fe800000000000000000000000000000"),
            ("1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:8:9", nil), ("1::2::3", nil), ("1:2:3:4:5:6:7:8::", nil),
            (":", nil),
            (":1", nil), ("1:", nil), (":::", nil), ("12345::", nil), ("g::", nil), ("fe80::1%eth0", nil),
            ("1.2.3.4::", nil), ("-1::", nil),
        ] as [(String, String?)]) func addresses(_ text: String, _ digits: String?)
    {
        #expect(NetworkAddress(text)?.hexadecimal == digits)
    }
}
