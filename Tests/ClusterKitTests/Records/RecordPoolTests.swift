import Testing

@testable import ClusterKit

@Suite struct RecordPoolTests {
    private static let longName = "a name that is too long to stand in its place"

    private func allocation(_ number: UInt64, evaluation: UInt64 = 1) -> Allocation {
        Allocation(
            id: AllocationID(high: 1, low: number), job: JobID("job: \(Self.longName)"), jobVersion: 0,
            group: "group: \(Self.longName)", index: Int(number), node: NodeID(high: 2, low: number),
            nodeName: "node: \(Self.longName)", evaluation: EvaluationID(high: 3, low: evaluation), epoch: Epoch(4),
            resources: AllocatedResources(total: Resources()), time: WallTime(nanoseconds: 5))
    }

    /// Where the bytes of a text are; equal for texts that share them.
    private func place(_ text: String) -> UnsafePointer<UInt8>? {
        text.utf8.withContiguousStorageIfAvailable { $0.baseAddress } ?? nil
    }

    @Test func recordsReadTogetherShareTheirNames() throws {
        let originals = (0..<3).map { allocation($0) }
        var reader = RecordReader(Array(originals.map(\.encoded).joined()))
        let read = [try reader.next(Allocation.self), try reader.next(), try reader.next()]
        #expect(read == originals)
        for path in [\Allocation.job.id, \Allocation.group, \Allocation.nodeName] {
            #expect(Set(read.map { place($0[keyPath: path]) }).count == 1)
            #expect(Set(originals.map { place($0[keyPath: path]) }).count == 3)
        }
    }

    @Test func aReaderThatGoesOnSharesWithWhatCameBefore() throws {
        var reader = RecordReader(allocation(0).encoded)
        let first: Allocation = try reader.next()
        reader.restart(with: allocation(1, evaluation: 2).encoded)
        let second: Allocation = try reader.next()
        #expect(second == allocation(1, evaluation: 2))
        #expect(place(first.job.id) == place(second.job.id))
        #expect(reader.isAtEnd)
    }

    @Test func sharedRecordsStayApart() throws {
        var reader = RecordReader(allocation(0).encoded + allocation(1).encoded)
        let first: Allocation = try reader.next()
        var second: Allocation = try reader.next()
        second.job = JobID("another")
        second.evaluation = EvaluationID(high: 9, low: 9)
        #expect(first == allocation(0))
        #expect(second.group == first.group)
    }

    @Test func equalValuesGetOnePlaceAndOthersTheirOwn() {
        var pool = RecordPool()
        let texts = ["one", "two", "one"].map { pool.place(of: $0) }
        #expect(texts.map(\.value) == ["one", "two", "one"])
        #expect(texts[0].isSame(as: texts[2]))
        #expect(!texts[0].isSame(as: texts[1]))
        // The same hash may belong to a value of another type.
        #expect(pool.place(of: Substring("one")).value == "one")
    }

    /// Short names, garbled ones and ones beyond the limit come back as well.
    @Test func namesOfAnyKindComeBack() throws {
        var writer = RecordWriter()
        let names = (0..<70_000).map { "\(Self.longName) \($0)" } + ["", "short", "größe 🙂 größe 🙂"]
        for name in names + names.reversed() { writer.put(name) }
        var reader = RecordReader(writer.bytes)
        for name in names + names.reversed() { #expect(try reader.name() == name) }
        reader.restart(with: [20] + Array(repeating: 0xFF, count: 20))
        #expect(throws: RecordError.self) { try reader.name() }
    }
}
