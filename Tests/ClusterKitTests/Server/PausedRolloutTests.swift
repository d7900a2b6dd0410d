import Testing

@testable import ClusterKit

/// Roll-outs that someone stops for a while: whoever is not well yet has its time afterwards.
@Suite struct PausedRolloutTests {
    @Test func noTimeToBecomeWellRunsOut() throws {
        var bench = RolloutBench.changing()
        #expect(bench.order(.pause) == nil)
        bench.pass(.seconds(3600))
        #expect(try bench.new().health == nil && bench.deployment?.groups["all"]?.unhealthy == 0)
        #expect(bench.order(.resume) == nil)
        bench.pass(.seconds(280))
        bench.settle()
        #expect(try bench.new().health?.isHealthy == true)
        #expect(bench.versions == [1, 1, 0], "the next one has its turn")
    }

    /// No new number is given once a roll-out has failed, so that of one that retires has to do.
    @Test func whoRetiresIsMadeUpForAsSoonAsItsWorkIsDone() throws {
        var bench = RolloutBench(nodes: 1)
        bench.begin(count: 1, UpdateStrategy())
        let (old, time) = (bench.live[0], bench.bench.now.wall)
        func work(_ isBusy: Bool) -> ServerRequest {
            .setWork(old.id, WorkStatus(isBusy: isBusy, time: time))
        }
        bench.ask(work(true))
        bench.ask(.retire(old.id))
        bench.ask(.setEligibility(old.node, .ineligible))
        bench.register(RolloutBench.job("/bin/two", count: 1, UpdateStrategy()))
        #expect(bench.order(.fail) == nil && bench.live.map(\.id) == [old.id])
        bench.ask(.setEligibility(old.node, .eligible))
        #expect(bench.live.map(\.id) == [old.id])
        bench.ask(work(false))
        #expect(bench.live.map(\.index) == [0] && bench.live.map(\.id) != [old.id])
    }

    @Test func allOfItCountsAfterwards() throws {
        var bench = RolloutBench.changing()
        bench.pass(.seconds(200))
        #expect(bench.order(.pause) == nil)
        bench.pass(.seconds(3600))
        #expect(bench.order(.resume) == nil)
        bench.pass(.seconds(299))
        #expect(try bench.new().health == nil)
        bench.pass(.seconds(1))
        #expect(try bench.new().health?.isHealthy == false, "five minutes from when it goes on")
    }

    @Test func aNewLeaderKnowsWhenItWentOn() throws {
        var bench = RolloutBench.changing()
        #expect(bench.order(.pause) == nil)
        bench.pass(.seconds(3600))
        #expect(bench.order(.resume) == nil)
        bench.bench.failOver()
        bench.pass(.seconds(200))
        #expect(try bench.new().health == nil)
        bench.settle()
        #expect(try bench.new().health?.isHealthy == true)
    }

    @Test func aNewLeaderLetsNoTimeRunOutEither() throws {
        var bench = RolloutBench.changing()
        #expect(bench.order(.pause) == nil)
        bench.bench.failOver()
        bench.pass(.seconds(3600))
        #expect(try bench.new().health == nil)
    }

    /// Without a deadline the first unwell one decides, as soon as the roll-out goes on.
    @Test func nothingFailsByItself() throws {
        var bench = RolloutBench.changing(UpdateStrategy(progressDeadline: .zero))
        #expect(bench.order(.pause) == nil)
        bench.report(try bench.new(), .failed)
        // Later another takes its place, and has its own time.
        bench.pass(.seconds(20))
        #expect(bench.deployment?.status == .paused)
        #expect(bench.order(.resume) == nil)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.statusDescription == "Failed due to unhealthy allocations")
    }

    @Test func whatSomeoneSaysCounts() throws {
        var bench = RolloutBench.changing()
        #expect(bench.order(.pause) == nil)
        #expect(bench.order(.judge(healthy: [], unhealthy: [try bench.new().id])) == nil)
        #expect(bench.deployment?.status == .failed)
    }
}
