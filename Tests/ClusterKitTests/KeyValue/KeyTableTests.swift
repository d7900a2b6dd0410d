import Testing

@testable import ClusterKit

@Suite struct KeyTableTests {
    private static let parts = ["a", "b", "é", "e\u{301}", "e", "ab", "~", "/"]

    private func text(_ entropy: inout Entropy) -> String {
        (0..<1 + entropy.below(5)).map { _ in Self.parts[entropy.below(Self.parts.count)] }.joined()
    }

    private func precedes(_ left: KeyRecord, _ right: KeyRecord) -> Bool {
        left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    /// Beside a look at every key.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func findsWhatBeginsWithAPrefix(seed: UInt64) {
        var entropy = Entropy(seed: seed)
        var table = KeyTable()
        var expected: [String: KeyRecord] = [:]
        var removed = Revision.zero
        for step in 1...4_000 {
            let key = text(&entropy)
            if entropy.below(3) == 0 {
                if expected.removeValue(forKey: key) != nil { removed = Revision(UInt64(step)) }
                table.remove(key, at: Revision(UInt64(step)))
            } else {
                var record = KeyRecord(key: key, value: [UInt8(step & 255)])
                record.modifyRevision = Revision(UInt64(step))
                // The record that was there goes with its key, in whatever bytes that was written.
                expected[key] = nil
                expected[key] = record
                table.put(record)
            }
            guard step % 100 == 0 else { continue }
            let prefix = step % 1000 == 0 ? "" : text(&entropy)
            let found = expected.values.filter { $0.key.utf8.starts(with: prefix.utf8) }.sorted(by: precedes)
            #expect(table.below(prefix) == found)
            #expect(table.revision(below: prefix) == max(removed, found.map(\.modifyRevision).max() ?? .zero))
            #expect(table.count == expected.count)
            #expect(table.sorted == expected.values.sorted(by: precedes))
        }
    }

    @Test func copiesShareAndGoTheirOwnWay() {
        var table = KeyTable()
        for number in 0..<1_000 { table.put(KeyRecord(key: "k\(number)", value: [])) }
        let before = table
        for number in 0..<1_000 where number % 3 != 0 { table.remove("k\(number)", at: Revision(2)) }
        #expect(before.below("k").count == 1_000)
        #expect(table.below("k").map(\.key) == (0..<1_000).filter { $0 % 3 == 0 }.map { "k\($0)" }.sorted())
        #expect(table.revision(of: "k1") == Revision(2))
    }
}
