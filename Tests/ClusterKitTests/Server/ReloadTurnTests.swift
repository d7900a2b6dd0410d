import Testing

@testable import ClusterKit

@Suite("Turns to act on changed files")
struct ReloadTurnTests {
    private var bench = RolloutBench()

    private mutating func begin(count: Int = 3, _ update: UpdateStrategy) {
        bench.begin(count: count, update)
        for _ in 0..<count { bench.settle() }
    }

    /// Reports that an instance waits to act, acts or, with `nil`, has acted.
    private mutating func report(
        _ place: Int, since: Int64?, restarts: Int = 0, _ phase: TaskPhase = .running, failed: Bool = false
    ) {
        let allocation = bench.live[place]
        var state = TaskState()
        state.phase = phase
        state.restarts = restarts
        state.failed = failed
        bench.ask(
            .report(
                allocation.node,
                [
                    AllocationReport(
                        id: allocation.id, client: failed ? .failed : .running, tasks: ["main": state],
                        reloadSince: since.map(WallTime.init(nanoseconds:)))
                ]))
    }

    private var phases: [ReloadTurn.Phase?] { bench.live.map { $0.reload?.phase } }

    @Test mutating func oneAfterTheOtherEachOnceTheOneBeforeIsWell() {
        begin(UpdateStrategy(maxParallel: 1))
        for place in [2, 1, 0] { report(place, since: 5) }
        #expect(phases == [.waiting, .waiting, .granted], "whoever asks first has the first turn")
        report(2, since: nil, restarts: 0, .pending)
        bench.pass(.seconds(60))
        #expect(phases == [.waiting, .waiting, .settling], "it has not started again")
        report(2, since: nil, restarts: 1)
        bench.pass(.milliseconds(9999))
        #expect(phases == [.waiting, .waiting, .settling])
        bench.pass(.milliseconds(1))
        #expect(phases == [.granted, .waiting, nil], "the lowest number comes next")
    }

    @Test mutating func aSecondRestartBeginsTheTimeAnew() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        report(0, since: nil, restarts: 1)
        bench.pass(.seconds(9))
        report(0, since: nil, restarts: 2)
        bench.pass(.seconds(9))
        #expect(phases == [.settling, .waiting, nil])
        bench.pass(.seconds(1))
        #expect(phases == [nil, .granted, nil])
    }

    @Test mutating func asManyAtOnceAsTheRulesSay() {
        begin(UpdateStrategy(maxParallel: 2))
        for place in 0..<3 { report(place, since: 5) }
        #expect(phases == [.granted, .granted, .waiting])
    }

    @Test mutating func withoutALimitAllAtOnce() {
        begin(UpdateStrategy(maxParallel: 0))
        for place in 0..<3 { report(place, since: 5) }
        #expect(phases == [.granted, .granted, .granted])
    }

    @Test mutating func whatIsNotWellHasNothingToLose() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5, .pending)
        report(2, since: 5)
        #expect(phases == [.granted, .granted, .waiting])
    }

    @Test mutating func aBadValueReachesNoMoreThanMaxParallel() throws {
        begin(UpdateStrategy(maxParallel: 1))
        for place in 0..<3 { report(place, since: 5) }
        report(0, since: nil, failed: true)
        bench.pass(.seconds(100))
        bench.runAll()
        let successor = try #require(bench.live.first)
        #expect(successor.previous != nil && successor.client == .running)
        #expect(bench.live.dropFirst().map { $0.reload?.phase } == [.waiting, .waiting], "it is not yet well")
        bench.pass(.seconds(10))
        #expect(bench.live.dropFirst().map { $0.reload?.phase } == [.granted, .waiting])
    }

    @Test mutating func aNewLeaderKeepsTheTurns() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        report(0, since: nil, restarts: 1)
        bench.bench = CoreBench(head: bench.head)
        #expect(phases == [.settling, .waiting, nil])
        bench.pass(.seconds(10))
        #expect(phases == [nil, .granted, nil])
    }

    /// Or a value that is still bad would reach the next one.
    @Test mutating func anotherChangeKeepsItsPlaceUntilItIsWell() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        report(0, since: nil, restarts: 1)
        report(0, since: 6, restarts: 1)
        #expect(phases == [.waiting, .waiting, nil], "it is not yet known to be well")
        bench.pass(.seconds(10))
        #expect(phases == [.waiting, .granted, nil], "others have waited longer")
        report(1, since: nil, restarts: 1)
        bench.pass(.seconds(10))
        #expect(phases == [.granted, nil, nil])
    }

    /// A signal leaves no trace in how often it was started.
    @Test mutating func eachTimeThatItActsItProvesItselfAnew() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(0, since: nil)
        report(0, since: 6)
        bench.pass(.seconds(10))
        #expect(phases == [.granted, nil, nil])
        report(0, since: nil)
        bench.pass(.milliseconds(9999))
        #expect(phases == [.settling, nil, nil])
        bench.pass(.milliseconds(1))
        #expect(phases == [nil, nil, nil])
    }

    @Test mutating func whoIsNotWellAfterAChangeActsOnTheNext() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        report(0, since: nil, restarts: 1, .pending)
        report(0, since: 6, restarts: 1, .pending)
        #expect(phases == [.granted, .waiting, nil])
    }

    @Test mutating func whatNobodyHearsOfHoldsNobodyUp() throws {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        var silent = bench.live[0]
        silent.client = .unknown
        bench.bench.commit([.putAllocation(silent)])
        #expect(bench.head.allocations[silent.id]?.reload?.phase == .granted)
        #expect(bench.live[1].reload?.phase == .granted)
    }

    @Test mutating func whoeverLeavesGivesItsTurnUp() {
        begin(UpdateStrategy(maxParallel: 1))
        report(0, since: 5)
        report(1, since: 5)
        bench.ask(.stopAllocation(bench.live[0].id))
        bench.settle()
        #expect(bench.live.first { $0.index == 1 }?.reload?.phase == .granted)
    }
}
