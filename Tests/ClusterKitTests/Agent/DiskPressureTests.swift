import Testing

@testable import ClusterKit

/// What goes from a disk that is too full.
@Suite struct DiskPressureTests {
    private var agent = CoreHarness()

    /// Allocations that have ended, one after the other, and whose end is confirmed.
    private mutating func ended(_ count: UInt64) -> [AllocationID] {
        (1...count).map { number in
            let assignment = Assignment.sample(number, kind: .batch)
            agent.run(assignment, revision: number)
            agent.end(assignment, "main", code: 0)
            agent.send(.reported)
            agent.pass(.seconds(1))
            agent.send(.reported)
            // From this view on the servers no longer list it.
            agent.assign(revision: number)
            _ = agent.take()
            return assignment.allocation.id
        }
    }

    @Test mutating func nobodyLooksWhileNothingCouldGo() {
        let assignment = Assignment.sample()
        agent.run(assignment)
        agent.pass(.seconds(600))
        #expect(agent.take().surveys == 0)
    }

    @Test(arguments: [DiskFill(bytes: 81, inodes: 0), DiskFill(bytes: 3, inodes: 71)])
    mutating func theOldestGoTwoAtATimeUntilThereIsRoom(_ fill: DiskFill) {
        let ids = ended(5)
        agent.pass(.seconds(60))
        #expect(agent.take().surveys == 1)
        agent.send(.surveyed(fill))
        #expect(agent.take().collected == Array(ids[..<2]))
        agent.send(.surveyed(fill))
        #expect(agent.take().collected == [], "those that go have made no room yet")
        agent.send(.collected(ids[1]))
        #expect(agent.take().surveys == 0, "the other one is still going")
        agent.send(.collected(ids[0]))
        var effects = agent.take()
        #expect(effects.surveys == 1 && effects.forgotten == [ids[0]])
        agent.send(.surveyed(fill))
        effects = agent.take()
        #expect(effects.collected == Array(ids[2..<4]))
        for id in ids[2..<4] { agent.send(.collected(id)) }
        #expect(agent.take().surveys == 1)
        agent.send(.surveyed(DiskFill(bytes: 80, inodes: 70)))
        #expect(agent.take().collected == [] && agent.core.record(ids[4]) != nil)
    }

    /// A view from before the end may still be on its way.
    @Test mutating func whatALateViewMayListStays() {
        let assignment = Assignment.sample(kind: .batch)
        agent.run(assignment)
        agent.end(assignment, "main", code: 0)
        agent.send(.reported)
        agent.pass(.seconds(1))
        agent.send(.reported)
        #expect(agent.record(assignment)?.isAcknowledged == true)
        _ = agent.take()
        agent.send(.surveyed(DiskFill(bytes: 99, inodes: 0)))
        #expect(agent.take().collected == [])
        agent.assign(assignment, revision: 2)
        #expect(agent.take().starts == [])
        agent.assign(revision: 3)
        agent.send(.surveyed(DiskFill(bytes: 99, inodes: 0)))
        let effects = agent.take()
        #expect(effects.collected == [assignment.allocation.id] && effects.remembered == [.at(3)])
        // The next agent refuses what this one would refuse, though it finds no record.
        var next = CoreHarness(booted: false)
        next.send(.booted([], seen: .at(3)))
        next.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        next.assign(assignment, revision: 2)
        #expect(next.record(assignment) == nil && next.take().prepared == [])
    }

    @Test mutating func aFolderThatCannotBeRemovedHoldsNoOtherBack() {
        let ids = ended(4)
        let full = DiskFill(bytes: 99, inodes: 0)
        agent.send(.surveyed(full))
        agent.send(.collectionFailed(ids[0], "busy"))
        agent.send(.collected(ids[1]))
        _ = agent.take()
        agent.send(.surveyed(full))
        #expect(agent.take().collected == Array(ids[2...]))
    }

    @Test mutating func whatRunsAndWhatIsNotConfirmedStays() {
        let running = Assignment.sample(1), fresh = Assignment.sample(2, kind: .batch)
        agent.assign(running, fresh, revision: 1)
        for assignment in [running, fresh] {
            agent.send(.prepared(assignment.allocation.id))
            agent.start(assignment, "main")
        }
        agent.end(fresh, "main", code: 0)
        _ = agent.take()
        agent.send(.surveyed(DiskFill(bytes: 99, inodes: 99)))
        #expect(agent.take().collected == [])
    }

    @Test func theFillIsThatOfTheFileSystem() throws {
        let scratch = try ScratchFolder()
        let fill = try #require(try AllocationFolders(dataFolder: scratch.path, secrets: .folder).fill)
        #expect(fill.bytes > 0 && fill.bytes <= 100)
        #expect(fill.inodes >= 0 && fill.inodes <= 100)
    }
}
