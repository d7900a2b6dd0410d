import Testing

@testable import ClusterKit

@Suite("Canaries")
struct CanaryTests {
    private let strategy = UpdateStrategy(canary: 1)

    private func bench(_ strategy: UpdateStrategy, count: Int = 3) -> RolloutBench {
        var bench = RolloutBench()
        bench.begin(count: count, strategy)
        bench.register(RolloutBench.job("/bin/two", count: count, strategy))
        return bench
    }

    @Test func runsBesideTheOthersUntilItIsPromoted() throws {
        var bench = bench(strategy)
        #expect(bench.live.map(\.index) == [0, 0, 1, 2] && bench.versions == [0, 1, 0, 0])
        let canary = try #require(bench.live.first { $0.isCanary })
        #expect(bench.deployment?.groups["all"]?.placedCanaries == [canary.id])
        #expect(bench.deployment?.statusDescription == "Deployment is running but requires manual promotion")
        let early = bench.order(.promote(groups: nil))
        #expect(early?.message.contains("Task group \"all\" has 0/1 healthy allocations") == true)
        bench.settle()
        bench.pass(.seconds(3600))
        #expect(bench.versions == [0, 1, 0, 0] && bench.deployment?.status == .running, "it waits for someone")
        #expect(bench.order(.promote(groups: nil)) == nil)
        #expect(bench.versions == [1, 1, 0], "its number is its own now, and the next one is replaced")
        #expect(bench.live.allSatisfy { !$0.isCanary } && bench.live[0].id == canary.id)
        bench.settle(rounds: 3)
        #expect(bench.versions == [1, 1, 1] && bench.deployment?.status == .successful)
    }

    /// Another version would show canaries again, beside those that were found good.
    @Test func aCountWaitsForTheRestOfTheRollOut() {
        var bench = bench(strategy)
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil && bench.versions == [1, 1, 0])
        let more = ServerRequest.scale(bench.job, ScalingRequest(group: "all", count: 4))
        guard case .failure(let error)? = bench.ask(more) else {
            Issue.record("the count was changed")
            return
        }
        #expect(error.code == .conflict && error.message.contains("version 1 has not ended; wait for it or fail"))
        bench.settle(rounds: 3)
        #expect(bench.deployment?.status == .successful)
        bench.ask(more)
        #expect(bench.versions == [2, 2, 2, 2])
    }

    @Test func asManyAsThereAreIsBlueAndGreen() {
        var bench = bench(UpdateStrategy(canary: 3))
        #expect(bench.versions == [0, 1, 0, 1, 0, 1])
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        #expect(bench.versions == [1, 1, 1] && bench.deployment?.status == .successful)
    }

    /// Three are asked for, of a group that was scaled to two.
    @Test func aGroupWithFewerInstancesShowsAsManyAsItHas() {
        let strategy = UpdateStrategy(canary: 3)
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.ask(.scale(bench.job, ScalingRequest(group: "all", count: 2)))
        bench.settle()
        #expect(bench.versions == [1, 1] && bench.deployment?.status == .successful)
        bench.register(RolloutBench.job("/bin/two", count: 2, strategy))
        #expect(bench.versions == [1, 2, 1, 2] && bench.deployment?.groups["all"]?.desiredCanaries == 2)
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        #expect(bench.versions == [2, 2] && bench.deployment?.status == .successful)
    }

    /// Numbers that were given up under an older version have no place beside canaries, also while it is known who had
    /// them.
    @Test func whatWasScaledAwayDoesNotComeBackBesideThem() {
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.register(RolloutBench.job("/bin/one", count: 1, strategy))
        bench.register(RolloutBench.job("/bin/two", count: 1, strategy))
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        bench.settle()
        #expect(bench.versions == [2] && bench.deployment?.status == .successful)
        bench.register(RolloutBench.job("/bin/three", count: 3, strategy))
        #expect(bench.versions == [2, 3], "one that runs, and one that shows itself")
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        bench.settle(rounds: 3)
        #expect(bench.versions == [3, 3, 3] && bench.deployment?.status == .successful)
    }

    @Test func promotesItselfOnlyWhenAllAreWell() throws {
        var bench = bench(UpdateStrategy(canary: 2, autoPromote: true))
        #expect(bench.deployment?.statusDescription == "Deployment is running pending automatic promotion")
        let first = try #require(bench.live.first { $0.isCanary })
        bench.report(first, .running)
        bench.pass(.seconds(10))
        #expect(bench.deployment?.groups["all"]?.isPromoted == false)
        bench.settle()
        #expect(bench.deployment?.groups["all"]?.isPromoted == true)
        #expect(bench.versions == [1, 1, 1])
    }

    @Test func promotesItselfAlsoWhenAllBecameWellDuringAPause() {
        var bench = bench(UpdateStrategy(canary: 1, autoPromote: true))
        #expect(bench.order(.pause) == nil)
        bench.settle()
        #expect(bench.live.first { $0.isCanary }?.health?.isHealthy == true)
        #expect(bench.versions == [0, 1, 0, 0], "a pause changes nothing")
        #expect(bench.order(.resume) == nil)
        #expect(bench.deployment?.groups["all"]?.isPromoted == true)
        #expect(bench.deployment?.statusDescription == "Deployment is running")
        bench.settle(rounds: 3)
        #expect(bench.versions == [1, 1, 1] && bench.deployment?.status == .successful)
    }

    @Test func promotesItselfOnlyWhenAllGroupsAsk() throws {
        func job(_ program: String) -> Job {
            RolloutBench.job(program, count: 1, UpdateStrategy(canary: 1)) { job in
                var second = job.groups[0]
                second.name = "other"
                second.update?.autoPromote = true
                job.groups.append(second)
            }
        }
        var bench = RolloutBench()
        bench.register(job("/bin/one"))
        bench.settle()
        bench.register(job("/bin/two"))
        let first = try #require(bench.live.first { $0.isCanary && $0.group == "all" })
        bench.report(first, .running)
        bench.pass(.seconds(10))
        #expect(bench.order(.promote(groups: ["all"])) == nil)
        #expect(bench.deployment?.statusDescription == "Deployment is running but requires manual promotion")
        bench.settle()
        #expect(bench.live.first { $0.isCanary && $0.group == "other" }?.health?.isHealthy == true)
        #expect(bench.deployment?.groups["other"]?.isPromoted == false, "the first group asks for someone's word")
        #expect(bench.order(.promote(groups: ["other"])) == nil)
        #expect(bench.deployment?.groups["other"]?.isPromoted == true)
    }

    @Test func changesThatRestartNothingHaveNone() {
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.register(RolloutBench.job(strategy) { $0.priority = 70 })
        #expect(bench.versions == [1, 1, 1] && bench.deployment?.groups["all"]?.desiredCanaries == 0)
    }

    @Test func whoIsLostMeanwhileKeepsTheOldVersion() {
        var bench = bench(strategy)
        bench.settle()
        let old = bench.live[2]
        bench.ask(.stopAllocation(old.id))
        #expect(bench.versions == [0, 1, 0, 0])
        #expect(bench.live[2].previous == old.id)
    }

    @Test func aFailedRollOutEndsThem() throws {
        var bench = bench(strategy)
        #expect(bench.order(.fail) == nil)
        #expect(bench.versions == [0, 0, 0])
        let canary = try #require(bench.head.allocations(of: bench.job).first { $0.isCanary })
        #expect(canary.desiredDescription == "canary of version 1, which was not promoted")
        #expect(bench.order(.promote(groups: nil))?.message.contains("is failed") == true)
    }

    @Test func aNewerVersionEndsThem() {
        var bench = bench(strategy)
        bench.settle()
        bench.register(RolloutBench.job("/bin/three", strategy))
        #expect(bench.versions == [0, 2, 0, 0])
    }

    @Test func aFixIsPlacedWhenNothingElseRuns() {
        var bench = RolloutBench()
        var job = RolloutBench.job(count: 1, strategy)
        job.groups[0].reschedule = ReschedulePolicy(
            RescheduleRule(attempts: 0, interval: .seconds(60), unlimited: false))
        bench.register(job)
        bench.report(bench.live[0], .failed)
        job.groups[0].tasks[0].config = ["command": "/bin/fixed"]
        bench.register(job)
        #expect(bench.versions == [1] && bench.live.allSatisfy { !$0.isCanary })
    }

    /// It has been well for longer than its deadline, so that no longer counts when it has to be made up for.
    @Test(arguments: [false, true])
    func whatWaitedForAWordIsMadeUpForInAWholeDeadline(byDrain: Bool) throws {
        var bench = bench(strategy)
        bench.settle()
        bench.pass(.seconds(3600))
        let canary = try #require(bench.live.first { $0.isCanary })
        if byDrain {
            bench.ask(.drain(canary.node, .after(.seconds(3600)), ignoringSystemJobs: false, reason: ""))
        } else {
            bench.ask(.stopAllocation(canary.id))
        }
        bench.pass(.seconds(1))
        let successor = try #require(bench.live.first { $0.isCanary })
        #expect(successor.id != canary.id && bench.deployment?.status == .running)
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        bench.settle()
        bench.ask(.stopAllocation(bench.live[0].id))
        bench.pass(.seconds(599))
        #expect(bench.deployment?.status == .running)
    }

    /// The number of one that waits for its next attempt is as good as any other.
    @Test func asManyAreShownAsAreAskedForAlsoBesideOneThatFailed() {
        let strategy = UpdateStrategy(canary: 2)
        var bench = RolloutBench()
        bench.begin(count: 2, strategy)
        bench.report(bench.live[0], .failed)
        #expect(bench.live.map(\.index) == [1])
        bench.register(RolloutBench.job("/bin/two", count: 2, strategy))
        #expect(bench.live.filter(\.isCanary).map(\.index) == [0, 1])
        bench.settle()
        #expect(bench.order(.promote(groups: nil)) == nil)
        #expect(bench.versions == [1, 1] && bench.live.allSatisfy { !$0.isCanary })
    }

    /// What waits on a drained node for room elsewhere takes its version along.
    @Test func whatIsAboutToLeaveItsNodeIsReasonForOne() throws {
        var bench = RolloutBench(nodes: 1)
        bench.begin(count: 1, strategy)
        let old = bench.live[0]
        bench.ask(.drain(old.node, .after(.seconds(3600)), ignoringSystemJobs: false, reason: ""))
        #expect(bench.live.map(\.id) == [old.id])
        bench.register(RolloutBench.job("/bin/two", count: 1, strategy))
        _ = bench.bench.addNode(2, cpuMHz: 100_000)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.groups["all"]?.desiredCanaries == 1)
        #expect(bench.live.first { !$0.isCanary }?.jobVersion == 0 && bench.versions.sorted() == [0, 1])
    }

    @Test func theirServicesHaveTagsOfTheirOwn() throws {
        let service = ServiceSpec(name: "s", tags: ["live"], canaryTags: ["canary"])
        var bench = RolloutBench()
        bench.register(RolloutBench.job(count: 1, strategy) { $0.groups[0].services = [service] })
        bench.settle()
        bench.register(RolloutBench.job("/bin/two", count: 1, strategy) { $0.groups[0].services = [service] })
        bench.settle()
        let tags = bench.live.map { bench.head.instances(of: $0).flatMap(\.tags) }
        #expect(tags == [["live"], ["canary"]])
        #expect(bench.order(.promote(groups: nil)) == nil)
        #expect(bench.live.map { bench.head.instances(of: $0).flatMap(\.tags) } == [["live"]])
    }
}
