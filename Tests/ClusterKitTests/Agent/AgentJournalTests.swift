import ClusterKit
import Testing

@Suite struct AgentJournalTests {
    private func open(_ folder: ScratchFolder, seed: UInt64 = 1) throws -> AgentJournal {
        var entropy = Entropy(seed: seed)
        return try AgentJournal(dataFolder: folder.path + "/data", using: &entropy)
    }

    /// A record with something in every field.
    private func record(_ number: UInt64 = 1) throws -> AllocationRecord {
        var harness = CoreHarness()
        let assignment = Assignment.sample(number, tasks: [TaskSpec(name: "main"), TaskSpec(name: "side")])
        harness.run(assignment, revision: 7)
        harness.end(assignment, "main", code: 1)
        harness.assign(assignment.desiring(.stop, because: "job stopped"), revision: 8)
        harness.exit(assignment, "side", code: 0)
        return try #require(harness.record(assignment))
    }

    @Test func theNewestViewIsFoundAgain() throws {
        let folder = try ScratchFolder()
        #expect(try open(folder).load().seen == .zero)
        try open(folder).remember(.at(7, epoch: 3))
        try open(folder).remember(.at(9, epoch: 3))
        let found = try open(folder).load()
        #expect(found.seen == .at(9, epoch: 3) && found.records.isEmpty && found.damaged.isEmpty)
        try folder.write([1, 2, 3], to: "data/state/view")
        let damaged = try open(folder).load()
        #expect(damaged.seen == .zero && damaged.damaged.count == 1)
    }

    /// Which run of the machine a view was kept in tells whether the records may be older than what was told.
    @Test func aViewOfThisRunOfTheMachineIsTold() throws {
        let folder = try ScratchFolder()
        #expect(try open(folder).load().machineRestarted, "nothing was kept yet")
        try open(folder).remember(.at(7, epoch: 3))
        #expect(try !open(folder).load().machineRestarted)
    }

    @Test func recordsComeBackAsTheyWere() throws {
        let folder = try ScratchFolder()
        let journal = try open(folder)
        let records = [try record(1), try record(2), try record(3)]
        for record in records.reversed() { try journal.write(record) }
        try journal.write(records[0])
        journal.forget(records[1].id)
        journal.forget(records[1].id)
        let found = try journal.load()
        #expect(found.records == [records[0], records[2]] && found.damaged.isEmpty)
    }

    @Test func theNodeKeepsItsIdentifier() throws {
        let folder = try ScratchFolder()
        let first = try open(folder, seed: 1).node
        #expect(try open(folder, seed: 2).node == first)
        try folder.write(Array("nonsense".utf8), to: "data/node-id")
        #expect { try open(folder) } throws: { ($0 as? ClusterError)?.code == .corrupt }
        #expect(try folder.read("data/node-id") == Array("nonsense".utf8), "it is left for the operator")
    }

    @Test func aSecondAgentOnTheFolderIsRefused() throws {
        let folder = try ScratchFolder()
        var first: AgentJournal? = try open(folder)
        #expect(first != nil)
        #expect { try open(folder) } throws: { ($0 as? ClusterError)?.code == .inUse }
        first = nil
        _ = try open(folder)
    }

    @Test func aRelativeFolderIsRefused() {
        var entropy = Entropy(seed: 1)
        #expect { try AgentJournal(dataFolder: "data", using: &entropy) } throws: {
            ($0 as? ClusterError)?.code == .invalid
        }
    }

    @Test func damagedFilesAreSetAsideAndTheOthersRead() throws {
        let folder = try ScratchFolder()
        let journal = try open(folder)
        let good = try record(1)
        try journal.write(good)
        let whole = AgentJournal.encode(try record(2))
        let path = "data/state/\(try record(2).id).record"
        for bytes in [[], Array(whole.dropLast()), whole + [0], [UInt8](repeating: 0, count: whole.count)] {
            try folder.write(bytes, to: path)
            let found = try journal.load()
            #expect(found.records == [good] && found.damaged.count == 1)
            #expect(!folder.exists(path) && folder.exists(path + ".damaged"))
        }
        // A whole record under another's name is not believed either.
        try folder.write(AgentJournal.encode(good), to: path)
        #expect(try journal.load().damaged.count == 1)
        try folder.write(whole, to: "data/state/half.record.new")
        #expect(try journal.load().damaged.isEmpty)
        #expect(!folder.exists("data/state/half.record.new"))
    }

    @Test func noMutationIsTakenForARecord() throws {
        let whole = AgentJournal.encode(try record())
        #expect(try AgentJournal.decode(whole) == record())
        var entropy = Entropy(seed: 42)
        var believed = 0
        for _ in 0..<10_000 {
            var bytes = whole
            switch entropy.below(3) {
            case 0: bytes.removeLast(1 + entropy.below(bytes.count))
            case 1: bytes.insert(UInt8(entropy.below(256)), at: entropy.below(bytes.count))
            default:
                for _ in 0...entropy.below(8) {
                    bytes[entropy.below(bytes.count)] ^= UInt8(1 + entropy.below(255))
                }
            }
            guard bytes != whole else { continue }
            if (try? AgentJournal.decode(bytes)) != nil { believed += 1 }
        }
        #expect(believed == 0)
    }

    @Test func noPayloadBehindAGoodChecksumTraps() throws {
        let payload = try record().encoded
        var entropy = Entropy(seed: 43)
        for _ in 0..<1000 {
            var bytes = payload
            for _ in 0...entropy.below(4) { bytes[entropy.below(bytes.count)] = UInt8(entropy.below(256)) }
            guard let found = try? AllocationRecord(decoding: bytes) else { continue }
            var harness = CoreHarness(booted: false)
            harness.boot([found])
            harness.pass(.seconds(60))
        }
    }
}
