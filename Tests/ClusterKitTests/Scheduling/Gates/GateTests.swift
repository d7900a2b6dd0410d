import Testing

@testable import ClusterKit

/// Jobs that wait for other jobs, and groups that wait for groups.
@Suite struct GateTests {
    private var bench = CoreBench()
    private let node: NodeID

    init() { node = bench.addNode(1) }

    private func job(_ id: String, _ kind: JobKind = .service, count: Int = 1, after: [JobDependency] = []) -> Job {
        var job = makeJob(id, count: count, cpuMHz: 100, kind: kind)
        job.after = after
        return job
    }

    private mutating func register(_ job: Job) -> Result<ServerReply, ClusterError>? {
        let id = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        return bench.reply(to: id)
    }

    private func live(_ job: String) -> [Allocation] {
        bench.core.head.allocations(of: JobID(job)).filter(\.isLive)
    }

    private func waiting(_ job: String) -> Evaluation? {
        bench.core.head.evaluations(of: JobID(job)).first { $0.status == .blocked }
    }

    private mutating func report(_ job: String, _ client: ClientStatus, checks: [CheckHealth] = []) {
        var state = TaskState()
        state.phase = client.isTerminal ? .dead : client == .running ? .running : .pending
        state.failed = client == .failed
        let reports = live(job).map { allocation in
            AllocationReport(
                id: allocation.id, client: client, tasks: ["main": state],
                checks: checks.enumerated().map { index, health in
                    CheckStatus(
                        service: "group-s-", index: index, name: "c", kind: "tcp", health: health,
                        since: bench.now.wall)
                })
        }
        _ = bench.ask(.report(node, reports))
        bench.write()
    }

    @Test mutating func waitsUntilTheOtherJobRuns() {
        _ = register(job("db", count: 2))
        _ = register(job("web", count: 3, after: [JobDependency(JobID("db"), .running)]))
        #expect(live("web").isEmpty)
        #expect(waiting("web")?.statusDescription == "waits for other work: job db is not running yet")
        #expect(waiting("web")?.refusals["all"]?.awaits == ["job db is not running yet"])
        #expect(waiting("web")?.queued == ["all": 3])
        report("db", .running)
        #expect(live("web").count == 3 && waiting("web") == nil)
        #expect(bench.core.head.evaluations(of: JobID("web")).contains { $0.trigger == .dependency })
    }

    /// A job with two checks.
    private func checked(_ id: String) -> Job {
        var job = job(id)
        let check = CheckSpec(kind: "tcp", interval: .seconds(5), timeout: .seconds(1))
        job.groups[0].services = [ServiceSpec(name: "s", checks: [check, check])]
        return job
    }

    @Test mutating func waitsUntilTheOtherJobIsWell() {
        _ = register(checked("db"))
        _ = register(job("web", after: [JobDependency(JobID("db"))]))
        report("db", .running)
        #expect(live("web").isEmpty, "a check that was not made yet does not pass")
        report("db", .running, checks: [.passing, .critical])
        #expect(live("web").isEmpty)
        report("db", .running, checks: [.passing, .passing])
        #expect(live("web").count == 1)
    }

    /// A task that comes before the others makes an instance run, and not well.
    @Test mutating func waitsUntilTheMainTasksRun() {
        _ = register(job("db"))
        _ = register(job("web", after: [JobDependency(JobID("db"))]))
        var (early, main) = (TaskState(), TaskState())
        (early.phase, main.phase) = (.running, .pending)
        let reports = live("db").map {
            AllocationReport(id: $0.id, client: .running, tasks: ["early": early, "main": main])
        }
        _ = bench.ask(.report(node, reports))
        bench.write()
        #expect(live("web").isEmpty)
        report("db", .running)
        #expect(live("web").count == 1)
    }

    /// What a roll-out found of an instance was true then.
    @Test(arguments: [true, false]) mutating func asksHowItIsNow(wasWell: Bool) throws {
        var db = checked("db")
        db.groups[0].update = UpdateStrategy(minHealthyTime: .zero, healthyDeadline: .seconds(60))
        _ = register(db)
        report("db", .running, checks: [.passing, wasWell ? .passing : .critical])
        for _ in 0..<61 { bench.beat(node) }
        #expect(live("db").first?.health?.isHealthy == wasWell)
        report("db", .running, checks: [.passing, wasWell ? .critical : .passing])
        _ = register(job("web", after: [JobDependency(JobID("db"))]))
        #expect(live("web").isEmpty == wasWell)
        report("db", .running, checks: [.passing, .passing])
        #expect(live("web").count == 1)
    }

    /// Where checks do not count for its update, nobody else waits for them.
    @Test mutating func asksForNoChecksWhereTheyDoNotCount() {
        var db = checked("db")
        db.groups[0].update = UpdateStrategy(healthCheck: "task_states")
        _ = register(db)
        _ = register(job("web", after: [JobDependency(JobID("db"))]))
        report("db", .running)
        #expect(live("web").count == 1)
    }

    /// What takes the place of what runs is not new.
    @Test mutating func whatWaitsForRoomAfterItRanWaitsForNoGate() throws {
        _ = register(job("db"))
        report("db", .running)
        var web = makeJob("web", cpuMHz: 2500)
        web.after = [JobDependency(JobID("db"), .running)]
        _ = register(web)
        report("web", .running)
        _ = register(makeJob("other", cpuMHz: 1000))
        report("other", .running)
        let old = try #require(live("web").first)
        _ = bench.ask(.stop(JobID("db"), purge: false))
        bench.write()
        web.groups[0].tasks[0].resources.cpuMHz = 3500
        _ = register(web)
        #expect(live("web").map(\.id) == [old.id] && waiting("web") != nil, "there is no room for its successor")
        let other = live("other")
        _ = bench.ask(.stop(JobID("other"), purge: false))
        bench.write()
        _ = bench.ask(.report(node, other.map { AllocationReport(id: $0.id, client: .complete) }))
        bench.write()
        #expect(live("web").map(\.previous) == [old.id])
        #expect(waiting("web") == nil)
    }

    @Test mutating func whatHadToEndForItsNextVersionWaitsForNoGate() throws {
        _ = register(job("db"))
        report("db", .running)
        var web = job("web", after: [JobDependency(JobID("db"), .running)])
        web.groups[0].atMostOne = true
        _ = register(web)
        report("web", .running)
        let old = try #require(live("web").first)
        _ = bench.ask(.stop(JobID("db"), purge: false))
        bench.write()
        web.groups[0].tasks[0].config = ["command": "/bin/other"]
        _ = register(web)
        #expect(live("web").isEmpty, "nothing of its name may run beside it")
        _ = bench.ask(.report(node, [AllocationReport(id: old.id, client: .complete)]))
        bench.write()
        #expect(live("web").map(\.previous) == [old.id])
    }

    @Test mutating func waitsUntilTheOtherJobIsDone() {
        _ = register(job("seed", .batch, count: 2))
        _ = register(job("web", after: [JobDependency(JobID("seed"), .complete)]))
        report("seed", .running)
        #expect(live("web").isEmpty)
        report("seed", .complete)
        #expect(live("web").count == 1)
    }

    @Test mutating func waitsForAJobThatIsNotThereAndWarns() throws {
        let reply = register(job("web", after: [JobDependency(JobID("db"), .running)]))
        guard case .success(.receipt(let receipt)) = reply else { throw ClusterError(.internal, "\(reply as Any)") }
        #expect(receipt.warnings == ["job db is not registered; web waits until it is, and has come as far as it must"])
        #expect(waiting("web")?.refusals["all"]?.awaits == ["job db is not registered yet"])
        _ = register(job("db"))
        #expect(
            waiting("web")?.refusals["all"]?.awaits == ["job db is not running yet"], "what it waits for is told anew")
        report("db", .running)
        #expect(live("web").count == 1)
    }

    @Test mutating func waitsForAllThatItNames() {
        _ = register(job("db"))
        _ = register(job("queue"))
        _ = register(
            job("web", after: [JobDependency(JobID("db"), .running), JobDependency(JobID("queue"), .running)]))
        report("queue", .running)
        #expect(live("web").isEmpty && waiting("web")?.refusals["all"]?.awaits == ["job db is not running yet"])
        report("db", .running)
        #expect(live("web").count == 1)
    }

    @Test mutating func takesNothingBackFromWhatRuns() {
        _ = register(job("db"))
        _ = register(job("web", after: [JobDependency(JobID("db"), .running)]))
        report("db", .running)
        report("web", .running)
        _ = bench.ask(.stop(JobID("db"), purge: false))
        bench.write()
        #expect(live("web").count == 1)
        // One that fails is placed anew although what it waited for is gone.
        report("web", .failed)
        bench.pass(.seconds(60))
        bench.write()
        #expect(live("web").count == 1)
        // One more is new, and waits.
        _ = bench.ask(.scale(JobID("web"), ScalingRequest(group: "all", count: 2)))
        bench.write()
        #expect(live("web").count == 1 && waiting("web")?.refusals["all"]?.awaits == ["job db is stopped"])
    }

    /// What someone stops is not new when it comes back, also where it has to wait for room.
    @Test mutating func whatIsStoppedByHandWaitsForNoGate() throws {
        _ = register(job("db"))
        report("db", .running)
        var web = makeJob("web", cpuMHz: 2500)
        web.after = [JobDependency(JobID("db"), .running)]
        _ = register(web)
        report("web", .running)
        let old = try #require(live("web").first)
        _ = bench.ask(.stop(JobID("db"), purge: false))
        _ = bench.ask(.stopAllocation(old.id))
        bench.write()
        #expect(live("web").isEmpty && waiting("web")?.refusals["all"]?.awaits == [], "it waits for room alone")
        _ = bench.ask(.report(node, [AllocationReport(id: old.id, client: .complete)]))
        bench.write()
        #expect(live("web").map(\.previous) == [old.id])
    }

    @Test mutating func whoWasStoppedByHandWaitsWithItsJob() throws {
        _ = register(job("db"))
        report("db", .running)
        var web = makeJob("web", cpuMHz: 2500)
        web.after = [JobDependency(JobID("db"), .running)]
        _ = register(web)
        report("web", .running)
        _ = bench.ask(.stopAllocation(try #require(live("web").first).id))
        _ = bench.ask(.stop(JobID("db"), purge: false))
        _ = bench.ask(.stop(web.id, purge: false))
        bench.write()
        for allocation in bench.core.head.allocations(of: web.id) where !allocation.isTerminal {
            _ = bench.ask(.report(node, [AllocationReport(id: allocation.id, client: .complete)]))
        }
        bench.write()
        _ = register(web)
        #expect(live("web").isEmpty)
        #expect(waiting("web")?.refusals["all"]?.awaits == ["job db is stopped"])
    }

    @Test mutating func waitsAgainAfterItWasStopped() {
        _ = register(job("db"))
        let web = job("web", after: [JobDependency(JobID("db"), .running)])
        _ = register(web)
        report("db", .running)
        _ = bench.ask(.stop(web.id, purge: false))
        _ = bench.ask(.stop(JobID("db"), purge: false))
        bench.write()
        _ = register(web)
        #expect(live("web").isEmpty && waiting("web") != nil)
    }

    /// A silent node was given up while there was no room elsewhere; then the job was stopped and begun anew.
    @Test mutating func whoWasGivenUpBeforeItsJobWasStoppedWaitsWithIt() throws {
        _ = register(job("db"))
        report("db", .running)
        var web = makeJob("web")
        web.after = [JobDependency(JobID("db"), .running)]
        web.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(30))
        _ = register(web)
        report("web", .running)
        for _ in 0..<120 {
            bench.pass(.seconds(1))
            bench.write()
        }
        #expect(live("web").isEmpty && waiting("web") != nil, "nothing is heard of the only node")
        _ = bench.ask(.stop(JobID("db"), purge: false))
        _ = bench.ask(.stop(web.id, purge: false))
        bench.write()
        _ = bench.addNode(2)
        _ = register(web)
        #expect(live("web").isEmpty)
        #expect(waiting("web")?.refusals["all"]?.awaits == ["job db is stopped"])
    }

    @Test mutating func isFoundAgainByAnotherServer() {
        _ = register(job("db"))
        _ = register(job("web", after: [JobDependency(JobID("db"), .running)]))
        bench.failOver()
        #expect(live("web").isEmpty)
        report("db", .running)
        #expect(live("web").count == 1)
    }

    @Test mutating func costsNothingWhileNothingChanges() {
        _ = register(job("db"))
        _ = register(job("web", after: [JobDependency(JobID("db"), .running)]))
        let plans = bench.core.plans
        _ = register(job("other", count: 3))
        report("other", .complete)
        _ = bench.addNode(2)
        bench.pass(.seconds(600))
        bench.write()
        let looks = bench.core.head.evaluations(of: JobID("web")).count
        #expect(looks == 2, "the registration and the one that waits")
        #expect(bench.core.plans > plans)
    }

    @Test(arguments: [DependencyState.running, .healthy, .complete])
    mutating func refusesToWaitForWhatRunsNothingItself(_ state: DependencyState) {
        var parent = job("nightly", .batch)
        parent.periodic = PeriodicSpec(["@daily"])
        _ = register(parent)
        guard case .failure(let error) = register(job("web", after: [JobDependency(JobID("nightly"), state)])) else {
            Issue.record("it would wait for ever")
            return
        }
        #expect(error.message.contains("job nightly is periodic and runs nothing itself"), "\(error)")
        #expect(bench.core.head.jobs[JobID("web")] == nil)
    }

    @Test mutating func saysThatWhatRunsNothingItselfNeverComes() {
        _ = register(job("web", after: [JobDependency(JobID("orders"))]))
        var parent = job("orders", .batch)
        parent.parameterized = ParameterizedSpec()
        _ = register(parent)
        #expect(waiting("web")?.statusDescription.contains("job orders is parameterized and runs nothing") == true)
    }

    @Test mutating func saysRoomOnlyWhereRoomIsShort() {
        var web = job("web")
        web.constraints = [Constraint("${attr.kernel.name}", .equal, "plan9")]
        _ = register(web)
        #expect(waiting("web")?.statusDescription == "waits for a node that may take it")
        web = job("large")
        web.groups[0].tasks[0].resources.cpuMHz = 1_000_000
        _ = register(web)
        #expect(waiting("large")?.statusDescription == "waits for room")
    }

    @Test mutating func refusesCirclesWithTheWay() {
        _ = register(job("a", after: [JobDependency(JobID("b"))]))
        _ = register(job("b", after: [JobDependency(JobID("c"))]))
        guard case .failure(let error) = register(job("c", after: [JobDependency(JobID("a"))])) else {
            Issue.record("a circle was taken")
            return
        }
        #expect(error.code == .invalid && error.message.contains("c → a → b → c"), "\(error)")
        #expect(bench.core.head.jobs[JobID("c")] == nil)
    }

    // MARK: Groups

    private func groups(_ order: [(name: String, after: [String])]) -> Job {
        var job = makeJob("app", cpuMHz: 100)
        job.groups = order.map { entry in
            var group = job.groups[0]
            (group.name, group.after) = (entry.name, entry.after)
            return group
        }
        return job
    }

    @Test mutating func placesGroupsInTheirOrder() {
        _ = register(groups([("web", ["cache", "db"]), ("cache", ["db"]), ("db", [])]))
        #expect(live("app").map(\.group) == ["db"])
        #expect(
            waiting("app")?.refusals["web"]?.awaits == [
                "group cache is not healthy yet", "group db is not healthy yet",
            ])
        report("app", .running)
        #expect(Set(live("app").map(\.group)) == ["db", "cache"])
        report("app", .running)
        #expect(live("app").count == 3 && waiting("app") == nil)
    }

    @Test(arguments: [
        ([("a", ["b"]), ("b", ["c"]), ("c", ["a"])], "a → b → c → a"), ([("a", ["a"])], "a → a"),
        ([("a", ["none"])], "names no group"),
    ])
    func refusesGroupsThatCannotBeOrdered(order: [(String, [String])], words: String) {
        let job = groups(order.map { (name: $0.0, after: $0.1) })
        let mistakes = JobValidation.validate(job.canonical())
        #expect(mistakes.contains { $0.description.contains(words) }, "\(mistakes)")
    }
}
