import Testing

@testable import ClusterSQLite

@Suite struct ChecksumTests {
    /// From the specification's own test vectors.
    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)])
    func isXXH64(_ text: String, _ sum: UInt64) {
        #expect(Checksum.of(Array(text.utf8)) == sum)
    }

    @Test func anyBitCounts() {
        for length in [1, 7, 8, 31, 32, 33, 100] {
            var bytes = (0..<length).map { UInt8($0) }
            let sum = Checksum.of(bytes, seed: 5)
            for bit in 0..<length * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8)
                #expect(Checksum.of(bytes, seed: 5) != sum)
                bytes[bit / 8] ^= 1 << (bit % 8)
            }
            #expect(Checksum.of(bytes, seed: 6) != sum)
        }
    }
}
