import Testing

@testable import ClusterKit

/// When the time of roll-outs and of their instances is over, and when it is not.
@Suite struct RolloutTimeTests {
    /// As many instances of a new version as may change at a time were placed, and run not yet.
    private func bench(_ strategy: UpdateStrategy = UpdateStrategy()) -> RolloutBench {
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.register(RolloutBench.job("/bin/two", strategy))
        return bench
    }

    private func new(_ bench: RolloutBench) throws -> Allocation {
        try #require(bench.live.first { $0.jobVersion == 1 })
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

    /// Whatever is written of it meanwhile.
    @Test func aClockThatIsSetMovesNoDeadline() throws {
        var bench = bench(UpdateStrategy(maxParallel: 2))
        bench.bench.now.wall = bench.bench.now.wall + .seconds(3600)
        bench.report(try new(bench), .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.groups["all"]?.unhealthy == 1 && bench.deployment?.status == .running)
    }
}
