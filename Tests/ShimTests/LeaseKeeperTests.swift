import ClusterShimCore
import Foundation
import Testing

/// The end of a lease as it lies in the state folder of a task.
@Suite(.timeLimit(.minutes(10))) struct LeaseKeeperTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { folder.path + "/" + LeaseKeeper.file }

    @Test func nothingWasLeft() throws {
        #expect(LeaseKeeper.end(in: folder.path) == nil)
        #expect(!LeaseKeeper.leave(1, in: folder.path + "/none"))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path))
        #expect(LeaseKeeper.end(in: folder.path) == nil)
        // What contradicts itself is no end.
        try Data("+0000000000000000007\n+0000000000000000007\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(LeaseKeeper.end(in: folder.path) == nil)
    }

    /// A full disk has no room for another file, but for the next end in this one.
    @Test(arguments: [0, 1, -1, Int64.max, Int64.min]) func aNewerEndTakesTheSameRoom(_ end: Int64) throws {
        #expect(LeaseKeeper.leave(5, in: folder.path))
        let before = try FileManager.default.attributesOfItem(atPath: path)
        #expect(LeaseKeeper.leave(end, in: folder.path))
        #expect(LeaseKeeper.end(in: folder.path) == end)
        let after = try FileManager.default.attributesOfItem(atPath: path)
        #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
        #expect(before[.size] as? Int == after[.size] as? Int)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [LeaseKeeper.file])
    }

    @Test func whoeverReadsMeanwhileSeesOneOfTheEnds() throws {
        let ends: Set<Int64> = [0x0101_0101_0101_0101, 0x7e7e_7e7e_7e7e_7e7e]
        #expect(LeaseKeeper.leave(ends.first ?? 0, in: folder.path))
        let state = folder.path
        let writer = Thread { for _ in 0..<2000 { for end in ends { _ = LeaseKeeper.leave(end, in: state) } } }
        writer.start()
        var seen: Set<Int64?> = []
        while !writer.isFinished { seen.insert(LeaseKeeper.end(in: state)) }
        #expect(seen.isSubset(of: Set(ends.map { $0 as Int64? })))
    }
}
