import Testing

@testable import ClusterKit

/// What becomes of instances while nothing is heard of their node, and when it comes back.
@Suite struct DisconnectTests {
    private func bench(
        _ policy: DisconnectPolicy = DisconnectPolicy(lostAfter: .seconds(60)), count: Int = 1,
        kind: JobKind = .service
    ) -> SilenceBench {
        SilenceBench(count: count, kind: kind) { $0.disconnect = policy }
    }

    @Test func anInstanceIsUnknownAndReplacedAtOnce() throws {
        var bench = bench()
        bench.fallSilent()
        #expect(bench.states == ["run/unknown", "run/pending"])
        let (old, new) = (try #require(bench.allocations.first), try #require(bench.allocations.last))
        #expect(old.clientDescription == "node node-1 is down")
        #expect(new.index == old.index && new.previous == old.id && old.next == new.id && new.node == bench.second)
        bench.wait(30)
        #expect(bench.allocations.count == 2, "one successor is enough")
    }

    @Test func withoutAPolicyItIsLost() {
        var bench = bench(DisconnectPolicy())
        bench.fallSilent()
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func theOriginalStaysWhenItReturns() {
        var bench = bench()
        bench.fallSilent()
        bench.report(bench.allocations[1], .running)
        bench.comeBack()
        #expect(bench.states == ["run/running", "stop/running"])
        #expect(bench.allocations[1].desiredDescription == "the instance whose place it took has returned")
        #expect(bench.head.evaluations(of: bench.web).contains { $0.trigger == .reconnect })
        for _ in 0..<100 { bench.bench.beat(bench.first, bench.second) }
        #expect(bench.states == ["run/running", "stop/running"], "nobody waits for it any more")
    }

    @Test func nothingHappensBeforeItsNodeTellsOfIt() {
        var bench = bench()
        bench.fallSilent()
        bench.comeBack(telling: nil)
        #expect(bench.states == ["run/unknown", "run/pending"])
        for _ in 0..<100 { bench.bench.beat(bench.first, bench.second) }
        #expect(bench.states == ["run/unknown", "run/pending"])
    }

    @Test func whatANodeSaysThatIsLostCountsOnceItIsBack() {
        var bench = bench()
        bench.fallSilent()
        bench.report(bench.allocations[0], .running)
        #expect(bench.states == ["run/unknown", "run/pending"])
        bench.comeBack()
        #expect(bench.states.first == "run/running")
    }

    @Test func itIsLostWhenItsTimeIsOver() {
        var bench = bench()
        bench.fallSilent()
        bench.report(bench.allocations[1], .running)
        bench.wait(59)
        #expect(bench.states == ["run/unknown", "run/running"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/running"])
        #expect(bench.allocations[0].clientDescription == "node node-1 is down, and nothing was heard of it in time")
        bench.comeBack()
        #expect(bench.states == ["stop/lost", "run/running"])
        #expect(bench.bench.core.nextWake.uptime.map { $0 > bench.bench.now.uptime } ?? true)
    }

    @Test func withoutReplacementItsPlaceIsKeptUntilThen() {
        var bench = bench(DisconnectPolicy(lostAfter: .seconds(60), replaces: false))
        bench.fallSilent()
        bench.wait(59)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func whatRanOnWithoutReplacementGoesOn() {
        var bench = bench(DisconnectPolicy(lostAfter: .seconds(60), replaces: false))
        bench.fallSilent()
        bench.comeBack()
        bench.wait(5)
        #expect(bench.states == ["run/running"])
    }

    /// It has no successor any more: a second silence is like the first.
    @Test func whoReturnsMayFallSilentAgain() {
        var bench = bench()
        bench.fallSilent()
        bench.comeBack()
        #expect(bench.allocations.map(\.isLive) == [true, false] && bench.original?.next == nil)
        bench.report(bench.allocations[1], .complete)
        bench.fallSilent()
        #expect(bench.states == ["run/unknown", "stop/complete", "run/pending"])
        #expect(bench.allocations[2].previous == bench.original?.id)
        bench.comeBack()
        #expect(bench.allocations.map(\.isLive) == [true, false, false])
    }

    /// It is placed anew as its rules say, and not at once as one that is missing.
    @Test func whoReturnsAfterItsSuccessorFailedHasNone() throws {
        var bench = bench()
        bench.fallSilent()
        bench.report(bench.allocations[1], .failed)
        bench.comeBack()
        #expect(bench.states == ["run/running", "stop/failed"] && bench.original?.next == nil)
        bench.report(try #require(bench.original), .failed)
        #expect(bench.allocations.count == 2)
    }

    /// The one that took the place of its successor is as good as that.
    @Test func theGroupSaysWhoStaysAlsoWhenTheSuccessorMoved() {
        var bench = bench(DisconnectPolicy(lostAfter: .seconds(600), choice: .keepReplacement))
        bench.fallSilent()
        bench.report(bench.allocations[1], .running)
        _ = bench.bench.addNode(3)
        bench.bench.drain(bench.second)
        #expect(bench.allocations.map(\.isLive) == [true, false, true])
        bench.report(bench.allocations[1], .complete)
        bench.report(bench.allocations[2], .running)
        bench.comeBack()
        #expect(bench.allocations.map(\.isLive) == [false, false, true])
    }

    @Test func anOriginalThatFailedMeanwhileIsNotKept() {
        var bench = bench()
        bench.fallSilent()
        bench.report(bench.allocations[1], .running)
        bench.comeBack(telling: .failed)
        #expect(bench.states == ["run/failed", "run/running"])
        bench.wait(100)
        #expect(bench.allocations.count == 2)
    }

    @Test func anOriginalOfAnOlderVersionIsNotKept() {
        var bench = bench()
        bench.fallSilent()
        var job = makeJob()
        job.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(60))
        job.groups[0].tasks[0].config = ["command": "/bin/other"]
        bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.bench.settle()
        bench.comeBack()
        let live = bench.allocations.filter(\.isLive)
        #expect(live.map(\.jobVersion) == [1] && live.map(\.node) == [bench.second])
    }

    @Test(arguments: ReconnectChoice.allCases) func theGroupSaysWhoStays(choice: ReconnectChoice) throws {
        var bench = bench(DisconnectPolicy(lostAfter: .seconds(60), choice: choice))
        bench.fallSilent()
        var better = try #require(bench.allocations.last)
        better.score = 1000
        bench.bench.commit([.putAllocation(better)])
        bench.report(better, .running, startedAt: WallTime(nanoseconds: 5))
        bench.comeBack(telling: nil)
        bench.report(try #require(bench.original), .running, startedAt: WallTime(nanoseconds: 4))
        let keepsOriginal = choice == .keepOriginal || choice == .longestRunning
        #expect(bench.allocations.map(\.isLive) == (keepsOriginal ? [true, false] : [false, true]))
    }

    @Test func aSuccessorThatDoesNotRunYetWinsByNoScore() throws {
        var bench = bench()
        bench.fallSilent()
        var better = try #require(bench.allocations.last)
        better.score = 1000
        bench.bench.commit([.putAllocation(better)])
        bench.comeBack()
        #expect(bench.allocations.map(\.isLive) == [true, false])
    }

    @Test func batchWorkThatWasDoneUnheardIsNotDoneTwice() {
        var bench = bench(kind: .batch)
        bench.fallSilent()
        bench.report(bench.allocations[1], .running)
        bench.comeBack(telling: .complete)
        #expect(bench.states == ["run/complete", "stop/running"])
        #expect(bench.allocations[1].desiredDescription.hasSuffix("has done its work"))
        bench.bench.settle()
        bench.wait(5)
        #expect(bench.allocations.count == 2)
    }

    /// That it has a successor does not make what it has done count for nothing.
    @Test func batchWorkThatWasDoneUnheardIsKeptWhileItCounts() throws {
        var bench = bench(count: 2, kind: .batch)
        bench.fallSilent()
        let done = try #require(bench.original)
        bench.comeBack(telling: .complete)
        bench.report(bench.allocations[1], .running)
        bench.bench.settle()
        bench.wait(5)
        #expect(bench.head.allocations[done.id]?.next != nil)
        bench.ask(.collect)
        bench.wait(5)
        bench.ask(.evaluate(bench.web))
        #expect(bench.head.allocations[done.id]?.client == .complete)
        #expect(!bench.allocations.contains { $0.index == done.index && $0.isLive && $0.id != done.id })
    }

    @Test func batchWorkThatItsSuccessorHasDoneIsNotGoneOnWith() {
        var bench = bench(kind: .batch)
        bench.fallSilent()
        bench.report(bench.allocations[1], .complete)
        bench.comeBack()
        #expect(bench.states == ["stop/running", "run/complete"])
    }

    @Test func batchWorkThatWasDoneUnheardIsNotDoneForASuccessorThatFailed() {
        var bench = bench(kind: .batch)
        bench.fallSilent()
        bench.report(bench.allocations[1], .failed)
        bench.comeBack(telling: .complete)
        for _ in 0..<20 { bench.bench.beat(bench.first, bench.second) }
        #expect(bench.states == ["run/complete", "run/failed"])
    }

    @Test func aStoppedJobWaitsForNobody() {
        var bench = bench()
        bench.fallSilent()
        bench.ask(.stop(bench.web, purge: false))
        #expect(bench.states == ["stop/lost", "stop/pending"])
    }

    @Test func fewerInstancesGiveUpTheSilentFirst() {
        var bench = bench(DisconnectPolicy(lostAfter: .seconds(60), replaces: false), count: 2)
        bench.fallSilent()
        bench.ask(.scale(bench.web, ScalingRequest(group: "all", count: 1)))
        #expect(bench.states == ["run/unknown", "stop/lost"] || bench.states == ["stop/lost", "run/unknown"])
    }

    @Test func aPurgedNodeIsWaitedForNoLonger() {
        var bench = bench()
        bench.fallSilent()
        bench.ask(.purgeNode(bench.first))
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func aNewLeaderWaitsForWhatIsLeft() {
        var bench = bench()
        bench.fallSilent()
        bench.wait(20)
        bench.changeLeader()
        bench.wait(39)
        #expect(bench.states.first == "run/unknown")
        bench.wait(1)
        #expect(bench.states.first == "stop/lost")
    }

    @Test func aClockThatIsSetMovesNoDeadline() {
        var bench = bench()
        bench.fallSilent()
        bench.bench.now.wall = bench.bench.now.wall + .seconds(7200)
        bench.wait(59)
        #expect(bench.states.first == "run/unknown")
        bench.wait(1)
        #expect(bench.states.first == "stop/lost")
    }

    @Test func whatRunsOnEveryNodeKeepsItsNode() {
        var bench = SilenceBench(kind: .system) { $0.disconnect = DisconnectPolicy(lostAfter: .seconds(60)) }
        bench.fallSilent()
        #expect(bench.head.allocations(on: bench.first).map(\.client) == [.unknown])
        bench.comeBack()
        #expect(bench.head.allocations(on: bench.first).map(\.client) == [.running])
    }

    @Test func whatItsAgentStopsIsReplacedWhenThatIsDone() {
        var bench = bench(DisconnectPolicy(stopOnClientAfter: .seconds(90)))
        bench.fallSilent()
        bench.wait(89)
        #expect(bench.states == ["run/unknown"])
        bench.wait(1)
        #expect(bench.states == ["stop/lost", "run/pending"])
    }

    @Test func whatItsAgentStoppedInTimeIsReplacedAtItsReturn() {
        var bench = bench(DisconnectPolicy(stopOnClientAfter: .seconds(90)))
        bench.fallSilent()
        bench.comeBack(telling: .complete)
        #expect(bench.states == ["stop/complete", "run/pending"])
    }

    @Test func itIsNotOfferedToClients() {
        var bench = bench()
        let original = bench.allocations[0]
        #expect(original.servesNow)
        bench.fallSilent()
        #expect(bench.allocations[0].servesNow == false)
    }
}
