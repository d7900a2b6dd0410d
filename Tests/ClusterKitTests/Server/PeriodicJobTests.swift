import Testing

@testable import ClusterKit

/// What a schedule begins, and what it never begins twice.
@Suite struct PeriodicJobTests {
    private let parent = JobID("tidy")

    /// A job for a bench, whose clock begins 40 s after a full minute, at second 1000.
    private func job(_ cron: String = "* * * * *", _ change: (inout PeriodicSpec) -> Void = { _ in }) -> Job {
        var job = makeJob("tidy", kind: .batch)
        var spec = PeriodicSpec([cron])
        change(&spec)
        job.periodic = spec
        return job
    }

    private func bench(_ job: Job, head: Snapshot = Snapshot(), at time: Now? = nil) -> CoreBench {
        var bench = CoreBench(head: head)
        if let time { bench.now = time }
        register(job, &bench)
        return bench
    }

    private func register(_ job: Job, _ bench: inout CoreBench) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private func pass(_ bench: inout CoreBench, seconds: Int) {
        for _ in 0..<seconds {
            bench.pass(.seconds(1))
            bench.write()
        }
    }

    private func children(_ bench: CoreBench) -> [String] { bench.core.head.children(of: parent).map(\.job.id.id) }

    private func name(_ second: Int) -> String { "tidy/periodic-\(second)" }

    @Test func eachTimeMakesAJobOfItsOwn() throws {
        var bench = bench(job())
        #expect(bench.core.head.evaluations.count == 0, "the parent itself is never placed")
        #expect(bench.core.nextWake.wall == WallTime(nanoseconds: 1_020_000_000_000))
        pass(&bench, seconds: 19)
        #expect(children(bench) == [])
        pass(&bench, seconds: 61)
        #expect(children(bench) == [name(1020), name(1080)])
        let child = try #require(bench.core.head.jobs[JobID(name(1020))])
        #expect(child.job.periodic == nil && child.job.origin == JobOrigin(parent: parent))
        #expect(child.job.name == name(1020) && child.job.groups == job().groups)
        let evaluations = bench.core.head.evaluations(of: child.job.id)
        #expect(evaluations.contains { $0.trigger == .periodicJob })
        let batch = bench.log.first { $0.changes.contains { if case .putLaunch = $0 { true } else { false } } }
        #expect(
            batch?.changes.contains { if case .putJob(let put) = $0 { put.job.id == child.job.id } else { false } }
                == true)
    }

    @Test func noTimeComesTwiceAfterAFailover() {
        var old = bench(job())
        pass(&old, seconds: 20)
        #expect(children(old) == [name(1020)])
        var next = CoreBench(head: old.core.head)
        next.now = old.now
        pass(&next, seconds: 30)
        #expect(children(next) == [name(1020)])
        pass(&next, seconds: 30)
        #expect(children(next) == [name(1020), name(1080)])
    }

    @Test func whatWasNotDurableIsBegunAgainUnderItsName() {
        var bench = bench(job())
        bench.pass(.seconds(20))
        #expect(children(bench) == [name(1020)])
        bench.tell(.appendFailed(.refused("full disk")))
        #expect(children(bench) == [])
        bench.effects = []
        pass(&bench, seconds: 2)
        #expect(children(bench) == [name(1020)])
    }

    @Test func aNewLeaderMakesUpForOneTime() {
        let old = bench(job())
        var next = CoreBench(configuration: ServerConfiguration(), head: old.core.head)
        next.now.wall = next.now.wall + .seconds(600)
        next.pass(.zero)
        next.write()
        #expect(children(next) == [name(1560)], "ten were missed, the newest of them is made up for")
        next.pass(.zero)
        next.write()
        #expect(children(next).count == 1)
    }

    @Test func aClockThatIsSetBackBeginsNothingAgain() {
        var bench = bench(job())
        pass(&bench, seconds: 80)
        #expect(children(bench) == [name(1020), name(1080)])
        bench.now.wall = bench.now.wall + .seconds(-70)
        pass(&bench, seconds: 75)
        #expect(children(bench) == [name(1020), name(1080)])
        pass(&bench, seconds: 60)
        #expect(children(bench) == [name(1020), name(1080), name(1140)])
    }

    @Test func aClockThatWasFarAheadIsNotWaitedFor() {
        var bench = bench(job())
        pass(&bench, seconds: 20)
        let ahead = Duration.seconds(100 * 86_400)
        bench.now.wall = bench.now.wall + ahead
        pass(&bench, seconds: 1)
        #expect(children(bench).count == 2, "one, however many were passed over")
        bench.now.wall = bench.now.wall + .seconds(-100 * 86_400)
        pass(&bench, seconds: 61)
        #expect(children(bench).contains(name(1080)))
    }

    /// The clock under which the job came is put right by more than a day; leaders follow each other, the later one
    /// with a clock that is a little behind.
    @Test func aClockThatWasFarAheadMakesNoLeaderBeginAgain() {
        let uptime = Uptime(nanoseconds: 0)
        var old = bench(job(), at: Now(wall: WallTime(nanoseconds: 91_000_000_000_000), uptime: uptime))
        old.now.wall = WallTime(nanoseconds: 1_000_000_000_000)
        pass(&old, seconds: 80)
        #expect(children(old) == [name(1020), name(1080)])
        var next = CoreBench(head: old.core.head)
        next.now = Now(wall: old.now.wall + .seconds(-10), uptime: old.now.uptime)
        pass(&next, seconds: 30)
        #expect(children(next) == [name(1020), name(1080)])
        pass(&next, seconds: 60)
        #expect(children(next) == [name(1020), name(1080), name(1140)])
    }

    @Test func overlapIsProhibitedWhereItIsNotWanted() {
        for prohibits in [true, false] {
            var bench = bench(job { $0.prohibitsOverlap = prohibits })
            pass(&bench, seconds: 80)
            // The first has found no node, so it waits.
            #expect(children(bench) == (prohibits ? [name(1020)] : [name(1020), name(1080)]))
            _ = bench.ask(.stop(JobID(name(1020)), purge: false))
            bench.write()
            pass(&bench, seconds: 60)
            #expect(children(bench).contains(name(1140)))
        }
    }

    /// A time that was passed over is done: the next leader does not make it up.
    @Test func whatWasPassedOverIsDone() {
        var old = bench(job { $0.prohibitsOverlap = true })
        pass(&old, seconds: 80)
        _ = old.ask(.stop(JobID(name(1020)), purge: true))
        old.write()
        var next = CoreBench(head: old.core.head)
        next.now = old.now
        pass(&next, seconds: 10)
        #expect(children(next) == [])
    }

    @Test func disabledAndStoppedJobsDoNotBegin() {
        var off = bench(job { $0.isEnabled = false })
        #expect(off.core.nextWake.wall == nil)
        pass(&off, seconds: 100)
        #expect(children(off) == [])
        let forced = off.ask(.force(parent))
        off.write()
        #expect(off.receipt(for: forced)?.job == JobID(name(1100)), "it can be begun by hand")
        var stopped = bench(job())
        pass(&stopped, seconds: 20)
        _ = stopped.ask(.stop(parent, purge: false))
        stopped.write()
        pass(&stopped, seconds: 100)
        #expect(children(stopped) == [name(1020)])
        #expect(stopped.core.head.jobs[JobID(name(1020))]?.stopped == false, "children go on")
        register(job(), &stopped)
        pass(&stopped, seconds: 60)
        #expect(children(stopped).count == 2)
        _ = stopped.ask(.stop(parent, purge: true))
        stopped.write()
        pass(&stopped, seconds: 100)
        #expect(children(stopped).count == 2 && stopped.core.head.launches.count == 0)
    }

    @Test func beganByHandTwiceInASecondIsTwoJobs() {
        var bench = bench(job("0 0 1 1 *"))
        let asked = [bench.ask(.force(parent)), bench.ask(.force(parent))]
        bench.write()
        #expect(asked.compactMap { bench.receipt(for: $0)?.job?.id } == [name(1000), name(999)])
        #expect(asked.allSatisfy { bench.receipt(for: $0)?.evaluation != nil })
    }

    @Test func whatIsBegunByHandTakesNoTimeOfTheSchedule() {
        var bench = bench(job())
        pass(&bench, seconds: 19)
        for _ in 0..<3 { _ = bench.ask(.force(parent)) }
        bench.now.wall = bench.now.wall + .seconds(1)
        _ = bench.ask(.force(parent))
        bench.write()
        #expect(children(bench) == [1016, 1017, 1018, 1019, 1020].map(name))
        #expect(bench.core.head.launches[parent]?.time == WallTime(nanoseconds: 1_020_000_000_000))
    }

    @Test func anotherScheduleHoldsFromThenOn() {
        var bench = bench(job("0 0 1 1 *"))
        register(job("*/10 * * * * * *"), &bench)
        pass(&bench, seconds: 25)
        #expect(children(bench) == [name(1010), name(1020)])
        register(job("0 0 1 1 *"), &bench)
        pass(&bench, seconds: 25)
        #expect(children(bench).count == 2)
    }

    @Test func zonesAreReadOnce() throws {
        var bench = bench(job { $0.timeZone = "Europe/Zurich" })
        func wanted(_ bench: CoreBench) -> [String] {
            bench.effects.compactMap { if case .readZone(let name) = $0 { name } else { nil } }
        }
        #expect(wanted(bench) == ["Europe/Zurich"])
        pass(&bench, seconds: 30)
        #expect(children(bench) == [])
        bench.tell(.zone("Europe/Zurich", .success(try ZoneFiles().rules(of: "Europe/Zurich"))))
        bench.write()
        #expect(children(bench) == [name(1020)], "what was missed meanwhile is made up for")
        pass(&bench, seconds: 60)
        #expect(children(bench).count == 2 && wanted(bench).count == 1)
    }

    @Test func aScheduleThatIsOverIsRefused() {
        var bench = CoreBench()
        let id = bench.ask(.register(job("0 0 1 1 * 1970"), source: nil, ifUnchangedSince: nil))
        bench.write()
        #expect(bench.receipt(for: id) != nil, "the bench's clock stands on that very day")
        bench.now.wall = bench.now.wall + .seconds(3 * 86_400)
        let late = bench.ask(.register(job("0 0 1 1 * 1970"), source: nil, ifUnchangedSince: nil))
        guard case .failure(let error) = bench.reply(to: late) else {
            Issue.record("it would never begin")
            return
        }
        #expect(error.code == .invalid && error.message.contains("never begin"))
    }

    @Test func aParentIsNotLookedAt() {
        var bench = bench(job())
        let id = bench.ask(.evaluate(parent))
        guard case .failure(let error) = bench.reply(to: id) else {
            Issue.record("there is nothing to place")
            return
        }
        #expect(error.code == .invalid)
        // Work of a batch job that becomes periodic ends.
        var other = CoreBench()
        _ = other.addNode(1)
        register(makeJob("tidy", kind: .batch), &other)
        #expect(other.core.head.allocations(of: parent).map(\.desired) == [.run])
        register(job(), &other)
        #expect(other.core.head.allocations(of: parent).map(\.desired) == [.stop])
    }
}
