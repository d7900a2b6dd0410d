import Testing

@testable import ClusterKit

/// Nothing of one name runs twice at a time: what the servers do for that.
@Suite struct AtMostOneTests {
    private func bench(count: Int = 1, killTimeout: Duration = .seconds(5)) -> SilenceBench {
        SilenceBench(count: count) { group in
            group.atMostOne = true
            group.tasks[0].killTimeout = killTimeout
        }
    }

    private func changed(count: Int = 1, _ change: (inout TaskGroup) -> Void = { _ in }) -> ServerRequest {
        var job = makeJob(count: count)
        job.groups[0].atMostOne = true
        job.groups[0].tasks[0].config = ["command": "/bin/other"]
        change(&job.groups[0])
        return .register(job, source: nil, ifUnchangedSince: nil)
    }

    @Test func theLeaseIsWhatANodeHasBeforeItIsLost() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        let id = bench.ask(.heartbeat(node))
        guard case .success(.registration(let registration)) = bench.reply(to: id) else {
            Issue.record("no registration")
            return
        }
        #expect(registration == Registration(heartbeatTTL: .seconds(10), lease: .seconds(20)))
    }

    /// The lease of 20 s is over when the node is lost; 5 s to end, 1 % of both and 1 s are waited for then.
    @Test func itIsReplacedWhenNothingOfItCanRun() {
        var bench = bench()
        bench.fallSilent()
        #expect(bench.states == ["run/unknown"])
        bench.wait(6)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func theTimeToEndIsThatOfTheSlowestTask() {
        var bench = bench(killTimeout: .seconds(25))
        bench.fallSilent()
        bench.wait(26)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    /// A slow clock makes the time to end longer as well, by 3 s here, not the lease alone.
    @Test func aSlowClockMakesTheTimeToEndLonger() {
        var bench = bench(killTimeout: .seconds(300))
        bench.fallSilent()
        bench.wait(304)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    /// The task may have been started again since, with the new time.
    @Test(arguments: [(5, 25, 25), (25, 5, 25)])
    func aTimeToEndThatChangedWhileItRunsNeverShortensTheWait(_ old: Int, _ new: Int, _ longest: Int) {
        var bench = bench(killTimeout: .seconds(old))
        bench.ask(
            changed {
                $0.tasks[0].config = ["command": "/bin/true"]
                $0.tasks[0].killTimeout = .seconds(new)
            })
        #expect(bench.states == ["run/running"] && bench.allocations[0].jobVersion == 1)
        bench.fallSilent()
        bench.wait(longest + 1)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func noClockAndNoNewLeaderShortensTheWait() {
        var bench = bench()
        bench.fallSilent()
        bench.wait(5)
        bench.bench.now.wall = bench.bench.now.wall + .seconds(7200)
        bench.ask(.evaluate(bench.web))
        #expect(bench.states == ["run/unknown"])
        bench.changeLeader()
        bench.wait(6)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func aPurgedNodeMayHaveAWholeLease() {
        var bench = bench()
        bench.ask(.purgeNode(bench.first))
        bench.wait(26)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func aJobThatIsStoppedAndBegunAgainWaitsToo() {
        var bench = bench()
        bench.fallSilent()
        bench.ask(.stop(bench.web, purge: true))
        bench.ask(changed())
        #expect(bench.states == ["stop/unknown"])
        bench.wait(6)
        #expect(bench.states == ["stop/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func whatReturnsInTimeGoesOn() {
        var bench = bench()
        bench.fallSilent()
        bench.wait(3)
        bench.comeBack()
        for _ in 0..<60 { bench.bench.beat(bench.first, bench.second) }
        #expect(bench.states == ["run/running"])
    }

    @Test func aChangedOneStartsWhenTheFormerHasEnded() {
        var bench = bench()
        bench.ask(changed())
        #expect(bench.states == ["stop/running"])
        bench.wait(5)
        #expect(bench.states == ["stop/running"])
        bench.report(bench.allocations[0], .complete)
        #expect(bench.states == ["stop/complete", "run/pending"])
        #expect(bench.allocations.map(\.index) == [0, 0])
        #expect(bench.allocations[1].previous == bench.allocations[0].id)
    }

    @Test func rollOutsStillGoOneAfterTheOther() {
        var bench = bench(count: 3)
        bench.ask(changed(count: 3) { $0.update = UpdateStrategy(maxParallel: 1, minHealthyTime: .seconds(1)) })
        #expect(bench.allocations.count { $0.desired == .stop } == 1)
        for _ in 0..<20 {
            for allocation in bench.allocations where !allocation.isTerminal {
                bench.report(allocation, allocation.desired == .run ? .running : .complete)
            }
            bench.bench.beat(bench.first, bench.second)
            #expect(bench.allocations.count { $0.desired == .stop && !$0.isTerminal } <= 1)
            let names = bench.allocations.filter { !$0.isTerminal }.map(\.index)
            #expect(Set(names).count == names.count)
        }
        let live = bench.allocations.filter(\.isLive)
        #expect(live.map(\.jobVersion) == [1, 1, 1] && Set(live.map(\.index)) == [0, 1, 2])
    }

    @Test func whatLeavesADrainedNodeEndsThereFirst() {
        var bench = bench()
        bench.bench.drain(bench.first)
        #expect(bench.states == ["stop/running"])
        bench.report(bench.allocations[0], .complete)
        #expect(bench.allocations.map(\.node) == [bench.first, bench.second])
    }

    /// Who has ended and is not placed yet counts as on its way.
    @Test func aDrainEndsOneAfterTheOther() {
        var bench = bench(count: 3)
        bench.bench.drain(bench.first)
        #expect(bench.states.count { $0 == "stop/running" } == 1 && bench.states.count { $0 == "run/running" } == 2)
        guard let parting = bench.allocations.first(where: { $0.desired == .stop }) else { return }
        bench.report(parting, .complete)
        #expect(bench.allocations.count == 4 && bench.states.count { $0 == "stop/running" } == 0)
        guard let successor = bench.allocations.last else { return }
        bench.report(successor, .running)
        bench.wait(11)
        #expect(bench.states.count { $0 == "stop/running" } == 1)
    }

    @Test func whatNobodyHasRoomForStaysOnADrainedNode() {
        var bench = bench()
        bench.ask(.setEligibility(bench.second, .ineligible))
        bench.bench.drain(bench.first)
        #expect(bench.states == ["run/running"])
    }

    @Test func whatSomeoneStoppedIsPlacedAnewWhenItHasEnded() {
        var bench = bench()
        bench.ask(.stopAllocation(bench.allocations[0].id))
        #expect(bench.states == ["stop/running"])
        bench.report(bench.allocations[0], .complete)
        #expect(bench.states == ["stop/complete", "run/pending"])
    }

    @Test func aCountThatGoesDownAndUpWaitsForTheNumber() {
        var bench = bench(count: 2)
        bench.ask(.scale(bench.web, ScalingRequest(group: "all", count: 1)))
        bench.ask(.scale(bench.web, ScalingRequest(group: "all", count: 2)))
        #expect(bench.allocations.count == 2)
        bench.bench.settle()
        #expect(bench.allocations.filter(\.isLive).map(\.index).sorted() == [0, 1])
    }

    /// Three on the first node, of which one is wanted no longer and takes its time to end.
    private func shrinking() -> SilenceBench {
        var bench = bench(count: 3)
        bench.ask(.scale(bench.web, ScalingRequest(group: "all", count: 2)))
        return bench
    }

    @Test func whoIsWantedNoLongerDelaysNoOtherNumber() throws {
        var bench = shrinking()
        let other = try #require(bench.allocations.filter(\.isLive).first)
        bench.ask(.stopAllocation(other.id))
        #expect(bench.states.sorted() == ["run/running", "stop/running", "stop/running"])
        bench.report(other, .complete)
        #expect(bench.states.sorted() == ["run/pending", "run/running", "stop/complete", "stop/running"])
        #expect(bench.allocations.last?.index == other.index && bench.allocations.last?.previous == other.id)
    }

    @Test func whoIsWantedNoLongerTakesNoTurnOfARollOut() {
        var bench = bench(count: 3)
        bench.ask(changed(count: 2) { $0.update = UpdateStrategy(maxParallel: 1, minHealthyTime: .seconds(1)) })
        #expect(bench.states.count { $0 == "stop/running" } == 2)
        let leaver = bench.allocations.first { $0.desired == .stop && $0.followUp == nil }
        for _ in 0..<20 {
            for allocation in bench.allocations where !allocation.isTerminal && allocation.id != leaver?.id {
                bench.report(allocation, allocation.desired == .run ? .running : .complete)
            }
            bench.bench.beat(bench.first, bench.second)
        }
        #expect(bench.allocations.filter(\.isLive).map(\.jobVersion) == [1, 1])
        #expect(bench.head.deployments(of: bench.web).map(\.status) == [.successful])
        #expect(bench.states.count { $0 == "stop/running" } == 1)
    }

    @Test func whoIsWantedNoLongerTakesNoTurnOfADrain() {
        var bench = shrinking()
        bench.bench.drain(bench.first)
        #expect(bench.states.count { $0 == "stop/running" } == 2)
    }

    @Test func aFailureIsPlacedAnewAsEver() {
        var bench = bench()
        bench.report(bench.allocations[0], .failed)
        for _ in 0..<31 { bench.bench.beat(bench.first, bench.second) }
        #expect(bench.states == ["stop/failed", "run/pending"])
    }

    @Test func anInstanceThatHadNoLeaseIsReplacedByOneThatHas() throws {
        var bench = SilenceBench { _ in }
        #expect(bench.allocations[0].fence == nil)
        var job = makeJob()
        job.groups[0].atMostOne = true
        bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        #expect(bench.states == ["stop/running"])
        bench.report(bench.allocations[0], .complete)
        #expect(bench.allocations.map(\.fence) == [nil, .seconds(5)])
    }
}
