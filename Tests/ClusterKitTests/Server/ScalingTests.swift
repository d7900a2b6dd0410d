import Testing

@testable import ClusterKit

@Suite struct ScalingTests {
    private let web = JobID("web")

    private func bench(count: Int = 3, kind: JobKind = .service, _ bounds: ScalingBounds? = nil) -> CoreBench {
        var bench = CoreBench()
        _ = bench.addNode(1)
        var job = makeJob(count: count, kind: kind)
        job.groups[0].scaling = bounds
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        return bench
    }

    private func live(_ bench: CoreBench) -> [Int] {
        bench.core.head.allocations(of: web).filter(\.isLive).map(\.index).sorted()
    }

    private func instance(_ index: Int, _ bench: CoreBench) throws -> Allocation {
        try #require(bench.core.head.allocations(of: web).first { $0.index == index && $0.isLive })
    }

    private func scale(_ bench: inout CoreBench, to count: Int) {
        _ = bench.ask(.scale(web, ScalingRequest(group: "all", count: count)))
        bench.write()
    }

    private func refusal(_ request: ServerRequest, _ bench: inout CoreBench) -> ClusterError? {
        let id = bench.ask(request)
        bench.write()
        guard case .failure(let error)? = bench.reply(to: id) else { return nil }
        return error
    }

    private func work(_ bench: inout CoreBench, _ index: Int, busy: Bool, cost: Double = 0) throws {
        let status = WorkStatus(isBusy: busy, keepCost: cost, time: bench.now.wall)
        _ = bench.ask(.setWork(try instance(index, bench).id, status))
        bench.write()
    }

    /// It says nothing of those that are well that there is no room for more.
    @Test func aCountIsNotTakenBack() {
        let strategy = UpdateStrategy(autoRevert: true)
        var bench = RolloutBench()
        bench.begin(strategy)
        bench.ask(.scale(bench.job, ScalingRequest(group: "all", count: 4)))
        #expect(bench.order(.fail) == nil)
        #expect(
            bench.deployment?.statusDescription
                == "Deployment marked as failed - not rolling back to stable job version 0 as only counts differ")
        #expect(bench.record?.version == 1 && bench.live.count == 4)
    }

    @Test func theBusyAndTheWarmStay() throws {
        var bench = bench(count: 5)
        try work(&bench, 4, busy: true)
        try work(&bench, 3, busy: false, cost: 240)
        try work(&bench, 1, busy: false, cost: 3)
        try work(&bench, 0, busy: false, cost: 100)
        scale(&bench, to: 4)
        #expect(live(bench) == [0, 1, 3, 4], "2 tells nothing of its work")
        scale(&bench, to: 3)
        #expect(live(bench) == [0, 3, 4], "1 is the coldest")
        scale(&bench, to: 1)
        #expect(live(bench) == [4], "it works")
        scale(&bench, to: 3)
        #expect(live(bench) == [0, 1, 4], "gaps are filled lowest first, and numbers stay")
    }

    @Test func whatDoesNotRunYetGoesBeforeWhatRuns() throws {
        var bench = bench(count: 2)
        let first = try instance(0, bench)
        _ = bench.ask(.stopAllocation(first.id))
        bench.write()
        #expect(try instance(0, bench).client == .pending)
        scale(&bench, to: 1)
        #expect(live(bench) == [1])
    }

    /// It has to go in any case, whatever it works at.
    @Test func whatLeavesItsNodeGoesBeforeWhatStays() throws {
        var bench = bench()
        try work(&bench, 0, busy: false, cost: -1)
        bench.drain(try instance(0, bench).node)
        #expect(try instance(0, bench).wish == .migrate, "it has its turn, and there is no room elsewhere")
        try work(&bench, 0, busy: true)
        scale(&bench, to: 2)
        #expect(live(bench) == [1, 2])
    }

    @Test func boundsAreKept() {
        var bench = bench(ScalingBounds(min: 2, max: 4))
        let low = refusal(.scale(web, ScalingRequest(group: "all", count: 1)), &bench)
        #expect(low?.code == .invalid && low?.message.contains("minimum: 1 < 2") == true)
        let high = refusal(.scale(web, ScalingRequest(group: "all", count: 5)), &bench)
        #expect(high?.message.contains("maximum: 5 > 4") == true)
        #expect(live(bench) == [0, 1, 2] && bench.core.head.scaling[web] == nil)
        scale(&bench, to: 4)
        #expect(live(bench) == [0, 1, 2, 3])
    }

    @Test func whatIsSaidOfAnEventHasBounds() {
        var bench = bench()
        let long = ["why": ConfigValue.string(String(repeating: "w", count: ScalingRequest.longestMeta))]
        let refused = refusal(.scale(web, ScalingRequest(group: "all", message: "m", meta: long)), &bench)
        #expect(refused?.code == .invalid && refused?.message.contains("at most 4096 bytes") == true)
        let fits = ["why": ConfigValue.string(String(repeating: "w", count: 4000))]
        #expect(refusal(.scale(web, ScalingRequest(group: "all", message: "m", meta: fits)), &bench) == nil)
        #expect(bench.core.head.scaling[web]?.groups["all"]?.map(\.meta) == [fits])
    }

    @Test func aCountIsChangedOnlyIfTheJobIsAsItWasRead() throws {
        var bench = bench()
        let seen = try #require(bench.core.head.jobs[web]?.jobModifyRevision)
        scale(&bench, to: 2)
        let late = ScalingRequest(group: "all", count: 5, ifUnchangedSince: seen)
        #expect(refusal(.scale(web, late), &bench)?.code == .conflict)
        #expect(live(bench) == [0, 1])
    }

    @Test func eventsAreKeptTheLastTwenty() {
        var bench = bench(count: 1)
        for number in 0..<21 {
            _ = bench.ask(
                .scale(web, ScalingRequest(group: "all", message: "\(number)", isError: number.isMultiple(of: 2))))
        }
        _ = bench.ask(.scale(web, ScalingRequest(group: "all", count: 2, message: "more")))
        bench.write()
        let events = bench.core.head.scaling[web]?.groups["all"] ?? []
        #expect(events.count == 20 && events.first?.message == "2" && events.first?.isError == true)
        #expect(events.last?.count == 2 && events.last?.previousCount == 1 && events.last?.evaluation != nil)
        #expect(events.dropLast().allSatisfy { $0.count == nil && $0.evaluation == nil })
        let wrong = refusal(.scale(web, ScalingRequest(group: "all", count: 3, isError: true)), &bench)
        #expect(wrong?.message.contains("changes no count") == true)
        _ = bench.ask(.stop(web, purge: true))
        bench.write()
        #expect(bench.core.head.scaling[web] == nil)
    }

    @Test func whoIsRetiredFinishesItsWork() throws {
        var bench = bench()
        try work(&bench, 1, busy: true)
        let retired = try instance(1, bench)
        _ = bench.ask(.retire(retired.id))
        bench.write()
        #expect(bench.core.head.jobs[web]?.job.groups[0].count == 2)
        #expect(live(bench) == [0, 1, 2], "it is busy, and nobody goes for it")
        #expect(bench.core.head.scaling[web]?.groups["all"]?.last?.count == 2)
        scale(&bench, to: 3)
        #expect(live(bench) == [0, 1, 2, 3], "its number is not free yet")
        try work(&bench, 1, busy: false)
        #expect(bench.core.head.allocations[retired.id]?.desired == .stop)
        bench.settle()
        #expect(live(bench) == [0, 2, 3])
        scale(&bench, to: 4)
        #expect(live(bench) == [0, 1, 2, 3])
    }

    /// Three pieces of work, of which the last is not done.
    private func batch() throws -> CoreBench {
        var bench = bench(kind: .batch)
        try finish(&bench, [0, 1])
        try work(&bench, 2, busy: true)
        #expect(live(bench) == [2])
        return bench
    }

    private func finish(_ bench: inout CoreBench, _ numbers: [Int]) throws {
        for number in numbers {
            let instance = try instance(number, bench)
            _ = bench.ask(.report(instance.node, [AllocationReport(id: instance.id, client: .complete)]))
        }
        bench.write()
    }

    @Test func whoIsRetiredLeavesDoneWorkDone() throws {
        var bench = try batch()
        _ = bench.ask(.retire(try instance(2, bench).id))
        bench.write()
        #expect(live(bench) == [2], "no work is begun again")
        try finish(&bench, [2])
        #expect(live(bench).isEmpty)
    }

    @Test func aCountThatChangesLeavesDoneWorkDone() throws {
        var bench = try batch()
        scale(&bench, to: 5)
        #expect(live(bench) == [2, 3, 4])
        bench.settle()
        try finish(&bench, [2, 3, 4])
        scale(&bench, to: 2)
        scale(&bench, to: 5)
        #expect(live(bench).isEmpty, "all five are done")
        _ = bench.ask(.collect)
        bench.write()
        _ = bench.ask(.evaluate(web))
        bench.write()
        #expect(live(bench).isEmpty, "and stay known")
    }

    @Test func aRegistrationOrARevertAsksForTheWorkAgain() throws {
        var bench = try batch()
        try finish(&bench, [2])
        scale(&bench, to: 2)
        var job = try #require(bench.core.head.jobs[web]?.job)
        job.meta["run"] = "two"
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        #expect(live(bench) == [0, 1])
        bench.settle()
        try finish(&bench, [0, 1])
        _ = bench.ask(.revert(web, to: 0, ifVersion: nil, note: nil))
        bench.write()
        #expect(live(bench) == [0, 1, 2])
    }

    @Test func whoTellsNothingOfItsWorkEndsAtOnce() throws {
        var bench = bench(ScalingBounds(min: 2, max: 4))
        _ = bench.ask(.retire(try instance(0, bench).id))
        bench.write()
        #expect(live(bench) == [1, 2])
        let error = refusal(.retire(try instance(1, bench).id), &bench)
        #expect(error?.message.contains("minimum: 1 < 2") == true)
        #expect(refusal(.retire(AllocationID(high: 9, low: 9)), &bench)?.code == .notFound)
        let ended = try #require(bench.core.head.allocations(of: web).first { $0.index == 0 })
        #expect(refusal(.retire(ended.id), &bench)?.message.contains("has ended") == true)
    }

    @Test func whoIsRetiredAndFailsIsNotReplaced() throws {
        var bench = bench()
        try work(&bench, 0, busy: true)
        let retired = try instance(0, bench)
        _ = bench.ask(.retire(retired.id))
        _ = bench.ask(.report(retired.node, [AllocationReport(id: retired.id, client: .failed)]))
        bench.write()
        bench.pass(.seconds(60))
        bench.write()
        #expect(live(bench) == [1, 2])
    }

    @Test func theLastToTellOfWorkIsRight() throws {
        var bench = bench(count: 1)
        let instance = try instance(0, bench)
        let old = WorkStatus(isBusy: true, time: WallTime(nanoseconds: 5))
        func report(_ work: WorkStatus?) -> ServerRequest {
            .report(instance.node, [AllocationReport(id: instance.id, client: .running, work: work)])
        }
        _ = bench.ask(report(old))
        #expect(bench.core.head.allocations[instance.id]?.work == old)
        try work(&bench, 0, busy: false, cost: 7)
        let told = bench.core.head.allocations[instance.id]?.work
        #expect(told?.keepCost == 7 && told?.time == bench.now.wall)
        _ = bench.ask(report(old))
        _ = bench.ask(report(nil))
        #expect(bench.core.head.allocations[instance.id]?.work == told)
        let revision = bench.core.head.allocations[instance.id]?.modifyRevision
        try work(&bench, 0, busy: false, cost: 7)
        #expect(bench.core.head.allocations[instance.id]?.modifyRevision == revision, "nothing new is not written")
    }

    /// Whoever told it over HTTP was the run that has ended.
    @Test func whatWasToldIsTrueOfOneRun() throws {
        var bench = bench()
        let retired = try instance(1, bench)
        func report(restarts: Int, _ work: WorkStatus? = nil) -> ServerRequest {
            var state = TaskState()
            (state.phase, state.restarts) = (.running, restarts)
            return .report(
                retired.node,
                [AllocationReport(id: retired.id, client: .running, tasks: ["main": state], work: work)])
        }
        _ = bench.ask(report(restarts: 1))
        try work(&bench, 1, busy: true)
        _ = bench.ask(.retire(retired.id))
        _ = bench.ask(report(restarts: 1))
        bench.write()
        #expect(live(bench) == [0, 1, 2], "nothing was started again")
        _ = bench.ask(report(restarts: 2))
        bench.write()
        #expect(bench.core.head.allocations[retired.id]?.work?.isBusy == false)
        #expect(live(bench) == [0, 2])
    }

    /// A builder stays busy while something beside it that ships its logs is started again.
    @Test func aHelperThatIsStartedAgainEndsNoWork() throws {
        var bench = CoreBench()
        let node = bench.addNode(1)
        var job = makeJob()
        job.groups[0].tasks.append(TaskSpec(name: "logs", lifecycle: TaskLifecycle(.prestart, isSidecar: true)))
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        let id = try instance(0, bench).id
        func report(_ restarts: (main: Int, logs: Int)) -> ServerRequest {
            var states: [String: TaskState] = ["main": TaskState(), "logs": TaskState()]
            states["main"]?.restarts = restarts.main
            states["logs"]?.restarts = restarts.logs
            return .report(node, [AllocationReport(id: id, client: .running, tasks: states)])
        }
        _ = bench.ask(report((0, 0)))
        try work(&bench, 0, busy: true)
        _ = bench.ask(report((0, 1)))
        #expect(bench.core.head.allocations[id]?.work?.isBusy == true)
        _ = bench.ask(report((1, 1)))
        #expect(bench.core.head.allocations[id]?.work?.isBusy == false)
    }

    /// What stands in a file its agent looks after.
    @Test func whatAFileTellsIsForItsAgentToTakeBack() throws {
        var bench = bench(count: 1)
        let instance = try instance(0, bench)
        let told = WorkStatus(isBusy: true, time: WallTime(nanoseconds: 5))
        for restarts in 0...1 {
            var state = TaskState()
            (state.phase, state.restarts) = (.running, restarts)
            let report = AllocationReport(id: instance.id, client: .running, tasks: ["main": state], work: told)
            _ = bench.ask(.report(instance.node, [report]))
        }
        #expect(bench.core.head.allocations[instance.id]?.work == told)
    }

    @Test(arguments: [Double.nan, .infinity]) func whatIsNoNumberIsRefused(_ cost: Double) throws {
        var bench = bench(count: 1)
        let status = WorkStatus(isBusy: true, keepCost: cost, time: bench.now.wall)
        #expect(refusal(.setWork(try instance(0, bench).id, status), &bench)?.code == .invalid)
    }

    @Test func aPurgedNodeIsForgottenAndItsWorkPlacedElsewhere() throws {
        var bench = bench()
        let (old, new) = (NodeID(high: 1, low: 1), bench.addNode(2))
        _ = bench.ask(.purgeNode(old))
        bench.write()
        let head = bench.core.head
        #expect(head.nodes[old] == nil)
        #expect(head.allocations(of: web).filter { $0.node == old }.allSatisfy { $0.client == .lost })
        #expect(head.allocations(of: web).filter(\.isLive).map(\.node) == [new, new, new])
        #expect(refusal(.heartbeat(old), &bench)?.code == .notFound)
        #expect(refusal(.purgeNode(old), &bench)?.code == .notFound)
        let plans = bench.core.plans
        _ = bench.ask(.evaluateNode(new))
        #expect(bench.core.plans == plans + 1)
    }
}
