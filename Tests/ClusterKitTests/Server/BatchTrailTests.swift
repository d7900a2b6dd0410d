import Testing

@testable import ClusterKit

/// Which state a batch changed, whichever state a store hands out beside it.
@Suite struct BatchTrailTests {
    /// What a server writes for a node and some jobs of one instance each, and the state after all of it.
    private func written(jobs: Int) -> (log: [ChangeBatch], end: Snapshot) {
        var bench = CoreBench()
        _ = bench.addNode(1)
        for number in 0..<jobs {
            _ = bench.ask(.register(makeJob("job-\(number)"), source: nil, ifUnchangedSince: nil))
            bench.write()
        }
        return (bench.log, bench.core.head)
    }

    /// They come with the state after the last of them, as those of one group do.
    @Test func whatPlacesIsToldByTheStateThatItChanged() throws {
        let (log, end) = written(jobs: 3)
        let history = PlacementHistory()
        var trail = BatchTrail()
        for batch in log {
            history.note(batch, before: trail.state(before: batch))
            trail.pass(batch, newest: end)
        }
        #expect(end.allocations.count == 3)
        for allocation in end.allocations.sorted {
            let state = try #require(history.state(before: allocation))
            #expect(state.revision == allocation.createRevision)
            #expect(state.jobs[allocation.job] != nil && state.allocations[allocation.id] == nil)
        }
    }

    /// In which lists it stood, only a state tells in which it stands.
    @Test func whatIsRemovedIsThereBefore() throws {
        let (log, middle) = written(jobs: 1)
        let allocation = try #require(middle.allocations.sorted.first)
        let removal = ChangeBatch(
            revision: middle.revision.next, epoch: middle.epoch, time: WallTime(nanoseconds: 0),
            changes: [.removeAllocation(allocation.id)])
        var end = middle
        let follows = end.apply(removal)
        #expect(follows && end.allocations.count == 0)
        var trail = BatchTrail()
        for batch in log { trail.pass(batch, newest: end) }
        let before = trail.state(before: removal)
        #expect(before.revision == middle.revision && before.allocations[allocation.id] != nil)
        trail.pass(removal, newest: end)
        #expect(trail.state(before: removal).revision == end.revision)
    }

    /// A registration and its plan are written together, and so are those of jobs that come at one moment.
    @Test(.timeLimit(.minutes(5))) func aServerExplainsAPlacementInTheStateThatDecidedIt() async throws {
        try await withServer { server in
            _ = try await server.register(
                Node(
                    id: NodeID(high: 1, low: 1), name: "one",
                    capacity: Resources(cpuMHz: 40_000, memoryMiB: 65_536, diskMiB: 65_536),
                    drivers: ["raw_exec": DriverStatus(healthy: true)]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask { _ = try await server.register(makeJob("job-\(number)")) }
                }
                try await group.waitForAll()
            }
            let placed = server.snapshot.allocations.sorted
            #expect(placed.count == 10)
            for allocation in placed {
                // Its placement is durable a moment before the server has taken note of it.
                while server.history.state(before: allocation) == nil, !Task.isCancelled { await Task.yield() }
                let group = try #require(try server.placement(of: allocation.job).groups.first)
                #expect(group.revision == allocation.createRevision && group.allocation?.id == allocation.id)
                #expect(group.explanation.lines.first?.score == allocation.score)
            }
        }
    }

    /// Also where the state of then is kept no longer, the one that is named is one that there was.
    @Test func withoutItThatOfNowIsNamed() throws {
        let (_, end) = written(jobs: 1)
        let record = try #require(end.jobs.sorted.first)
        var inquiry = PlacementInquiry(
            into: end, scheduler: BinPackScheduler(), at: WallTime(nanoseconds: 1_000_000_000_000))
        let group = try #require(inquiry.report(on: record.job.groups, of: record).groups.first)
        #expect(group.allocation != nil && group.revision == end.revision)
    }
}
