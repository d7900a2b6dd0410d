import Testing

@testable import ClusterKit

/// When the time of roll-outs and of their instances is over, and when it is not.
@Suite struct RolloutTimeTests {
    /// The next version, that says the same of its tasks, knows nothing else of them either.
    @Test(arguments: [true, false]) func whatIsNotProvenHoldsTheNextVersionUpToo(isUnwell: Bool) throws {
        var bench = RolloutBench.changing()
        if isUnwell { bench.pass(.seconds(300)) }
        #expect(try bench.new().health?.isHealthy == (isUnwell ? false : nil))
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy()) { $0.priority = 70 })
        #expect(bench.versions == [2, 0, 0])
        bench.settle()
        #expect(bench.versions == [2, 2, 0])
    }

    @Test func whoIsRetiredHastensNoRollOut() throws {
        var bench = RolloutBench.changing()
        bench.ask(.retire(try #require(bench.live.last).id))
        #expect(bench.versions == [2, 0])
    }

    /// Without a deadline nothing else would end the roll-out.
    @Test(arguments: [0, 1]) func failsOnceNothingMayTakeThePlaceOfOneThatWasWell(attempts: Int) throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(progressDeadline: .zero)
        bench.begin(strategy)
        bench.register(
            RolloutBench.job("/bin/two", strategy) {
                $0.groups[0].reschedule = ReschedulePolicy(
                    RescheduleRule(
                        attempts: attempts, interval: .seconds(3600), delay: .seconds(5), delayFunction: .constant,
                        unlimited: false))
            })
        bench.settle()
        let well = try #require(bench.live.first { $0.jobVersion == 1 && $0.health?.isHealthy == true })
        bench.report(well, .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.status == (attempts == 0 ? .failed : .running))
    }

    /// Nobody could report how they are.
    @Test func noTimeIsOverWhenAServerTakesTheLead() throws {
        var bench = RolloutBench.changing()
        let before = bench.bench.now
        bench.bench.now = Now(wall: before.wall + .seconds(3600), uptime: before.uptime + .seconds(3600))
        bench.bench.failOver()
        #expect(try bench.new().health == nil && bench.deployment?.status == .running)
        bench.settle()
        #expect(try bench.new().health?.isHealthy == true)
        #expect(bench.versions == [1, 1, 0], "the next one has its turn")
    }

    @Test func noTimeIsOverWhileAServerStandsStill() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        var job = makeJob()
        job.groups[0].update = UpdateStrategy()
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.pass(.seconds(3600))
        bench.write()
        // Agents have twenty seconds to be heard of, and instances ten to be well.
        for _ in 0..<29 { bench.beat(node) }
        #expect(bench.core.head.allocations(of: job.id).map { $0.health?.isHealthy } == [nil])
        #expect(bench.core.head.deployments(of: job.id).map(\.status) == [.running])
        for _ in 0..<2 { bench.beat(node) }
        #expect(bench.core.head.allocations(of: job.id).map { $0.health?.isHealthy } == [false])
        #expect(bench.core.head.deployments(of: job.id).map(\.status) == [.failed])
    }

    @Test func whatHasReturnedHasItsTimeFromThenOn() throws {
        var bench = RolloutBench.changing()
        var silent = try bench.new()
        silent.client = .unknown
        bench.bench.commit([.putAllocation(silent)])
        bench.pass(.seconds(295))
        bench.report(silent, .running)
        bench.pass(.seconds(10))
        #expect(try bench.new().health?.isHealthy == true)
    }

    /// Whatever is written of it meanwhile.
    @Test func aClockThatIsSetMovesNoDeadline() throws {
        var bench = RolloutBench.changing(UpdateStrategy(maxParallel: 2))
        bench.bench.now.wall = bench.bench.now.wall + .seconds(3600)
        bench.report(try bench.new(), .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.groups["all"]?.unhealthy == 1 && bench.deployment?.status == .running)
    }
}
