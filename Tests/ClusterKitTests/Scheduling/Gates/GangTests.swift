import Testing

@testable import ClusterKit

/// Instances that are placed together or not at all.
@Suite struct GangTests {
    private var bench = CoreBench()
    private var nodes: [NodeID] = []

    /// Nodes of 4,000 MHz.
    private mutating func build(_ count: Int) {
        for number in 0..<count { nodes.append(bench.addNode(UInt64(number + 1))) }
    }

    private mutating func register(_ job: Job) {
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
    }

    private func gang(_ id: String, _ count: Int, cpuMHz: Int, window: Duration = .seconds(600)) -> Job {
        var job = makeJob(id, count: count, cpuMHz: cpuMHz, kind: .batch)
        job.groups[0].gang = Gang(window: window)
        return job
    }

    private func live(_ job: String) -> [Allocation] {
        bench.core.head.allocations(of: JobID(job)).filter(\.isLive)
    }

    private mutating func end(_ allocation: Allocation, _ client: ClientStatus = .complete) {
        _ = bench.ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: client)]))
        bench.write()
    }

    /// Lets time pass with every node heard of.
    private mutating func pass(_ seconds: Int) {
        for _ in 0..<seconds {
            bench.pass(.seconds(1))
            for node in nodes { _ = bench.ask(.heartbeat(node)) }
            bench.effects.removeAll { if case .reply = $0 { true } else { false } }
            bench.write()
        }
    }

    @Test mutating func placesAllOrNone() {
        build(2)
        register(gang("gang", 3, cpuMHz: 2500))
        #expect(live("gang").isEmpty)
        let waiting = bench.core.head.evaluations(of: JobID("gang")).first { $0.status == .blocked }
        #expect(waiting?.queued == ["all": 3])
        #expect(nodes.allSatisfy { bench.core.session.vacancy(on: $0)?.cpuMHz == 4000 }, "nothing stays reserved")
        nodes.append(bench.addNode(9))
        #expect(live("gang").count == 3)
    }

    @Test mutating func replacesOneAlone() throws {
        build(3)
        var job = gang("gang", 3, cpuMHz: 2500)
        job.groups[0].reschedule = .standard(for: .service)
        register(job)
        let first = try #require(live("gang").first)
        register(makeJob("filler", count: 3, cpuMHz: 1500))
        end(first, .failed)
        pass(40)
        #expect(live("gang").count == 3, "the room that it had was enough for the one")
    }

    /// One that a drain ended has found no other place when the job is stopped: begun anew, all come together.
    @Test(arguments: [false, true])
    mutating func isPlacedAsAWholeWhenItIsBegunAnew(purging: Bool) throws {
        build(2)
        var job = makeJob("gang", count: 2, cpuMHz: 2500)
        job.groups[0].gang = Gang(window: .seconds(600))
        register(job)
        let first = try #require(live("gang").first)
        _ = bench.ask(.drain(first.node, .atOnce, ignoringSystemJobs: false, reason: ""))
        bench.write()
        end(first)
        #expect(live("gang").count == 1, "nobody has room for another")
        _ = bench.ask(.stop(job.id, purge: purging))
        bench.write()
        for allocation in bench.core.head.allocations(of: job.id) where !allocation.isTerminal { end(allocation) }
        register(job)
        job.groups[0].tasks[0].environment["CHANGED"] = "1"
        register(job)
        #expect(live("gang").isEmpty)
        _ = bench.ask(.endDrain(first.node, makingEligible: true))
        bench.write()
        #expect(live("gang").count == 2)
    }

    /// One that a silent node had has found no other place when the job is stopped: begun anew, all come together.
    @Test mutating func whoWasGivenUpBeforeItsJobWasStoppedComesWithTheOthers() throws {
        build(2)
        var job = makeJob("gang", count: 2, cpuMHz: 2500)
        job.groups[0].gang = Gang(window: .seconds(600))
        job.groups[0].disconnect = DisconnectPolicy(lostAfter: .seconds(30))
        register(job)
        for allocation in live("gang") { end(allocation, .running) }
        let silent = try #require(nodes.last)
        nodes.removeLast()
        pass(120)
        #expect(live("gang").map(\.node) == nodes, "nobody has room for another")
        #expect(bench.core.head.allocations(on: silent).map(\.client) == [.lost])
        _ = bench.ask(.stop(job.id, purge: false))
        bench.write()
        for allocation in bench.core.head.allocations(of: job.id) where !allocation.isTerminal { end(allocation) }
        register(job)
        #expect(live("gang").isEmpty)
        nodes.append(bench.addNode(9))
        #expect(live("gang").count == 2)
    }

    @Test mutating func leavesOtherGroupsOfTheJobAlone() {
        build(1)
        var job = gang("gang", 2, cpuMHz: 2500)
        var other = makeJob("x", cpuMHz: 500, kind: .batch).groups[0]
        other.name = "other"
        job.groups.append(other)
        register(job)
        #expect(live("gang").map(\.group) == ["other"])
    }

    @Test mutating func getsRoomThatComesFreeBitByBit() {
        build(3)
        register(makeJob("filler", count: 12, cpuMHz: 1000, kind: .batch))
        register(gang("gang", 3, cpuMHz: 4000))
        register(makeJob("small", count: 30, cpuMHz: 1000, kind: .batch))
        for filler in live("filler") {
            end(filler)
            pass(10)
        }
        #expect(live("gang").count == 3, "smaller work that came later does not eat the room")
    }

    @Test mutating func givesRoomUpAfterItsWindow() {
        build(3)
        register(makeJob("filler", count: 12, cpuMHz: 1000, kind: .batch))
        register(gang("gang", 3, cpuMHz: 4000, window: .seconds(100)))
        register(makeJob("small", count: 1, cpuMHz: 1000, kind: .batch))
        end(live("filler")[0])
        pass(90)
        #expect(live("small").isEmpty)
        pass(20)
        #expect(live("small").count == 1 && live("gang").isEmpty)
    }

    @Test mutating func keepsNothingForWhatCanNeverBe() {
        build(3)
        register(makeJob("filler", count: 12, cpuMHz: 1000, kind: .batch))
        register(gang("gang", 4, cpuMHz: 4000))
        register(makeJob("small", count: 1, cpuMHz: 1000, kind: .batch))
        end(live("filler")[0])
        #expect(live("small").count == 1)
    }

    /// A gang that comes first and can never be held takes no turn from one that can.
    @Test mutating func whatCanNeverBeHasNoTurn() {
        build(3)
        register(makeJob("filler", count: 12, cpuMHz: 1000, kind: .batch))
        register(gang("giant", 1000, cpuMHz: 4000))
        register(gang("gang", 3, cpuMHz: 4000))
        register(makeJob("small", count: 30, cpuMHz: 1000, kind: .batch))
        for filler in live("filler") {
            end(filler)
            pass(1)
        }
        #expect(live("gang").count == 3 && live("giant").isEmpty)
    }

    @Test mutating func whatComesToBePossibleHasItsTurn() {
        build(2)
        register(makeJob("filler", count: 8, cpuMHz: 1000, kind: .batch))
        register(gang("gang", 3, cpuMHz: 4000, window: .seconds(100)))
        #expect(bench.core.kept.isEmpty)
        nodes.append(bench.addNode(9, cpuMHz: 4000))
        pass(100)
        #expect(bench.core.kept.all.count == 3)
    }

    @Test mutating func whoKeepsNothingStopsNoTurns() {
        build(2)
        register(makeJob("filler", count: 8, cpuMHz: 1000, kind: .batch))
        register(gang("modest", 2, cpuMHz: 4000, window: .zero))
        register(gang("gang", 2, cpuMHz: 4000, window: .seconds(10)))
        var turns = 0
        for _ in 0..<60 {
            let before = bench.core.kept.isEmpty
            pass(1)
            if before, !bench.core.kept.isEmpty { turns += 1 }
        }
        #expect(turns >= 2, "a turn follows each pause")
    }

    /// The gang for which room is kept.
    private var turn: JobID? {
        bench.core.gangTurns.turn.flatMap { bench.core.queue.gangNeed($0.serial) }?.entry.job
    }

    /// Nothing is due by time in this: who comes, goes or overtakes is a reason to decide anew.
    @Test mutating func turnsChangeAtOnceWithThoseWhoWait() {
        build(2)
        register(makeJob("filler", count: 8, cpuMHz: 1000, kind: .batch))
        #expect(turn == nil)
        register(gang("left", 2, cpuMHz: 4000))
        #expect(turn == JobID("left"), "it begins to wait")
        register(gang("right", 2, cpuMHz: 4000))
        #expect(turn == JobID("left"))
        var urgent = gang("right", 2, cpuMHz: 4000)
        urgent.priority = 80
        register(urgent)
        #expect(turn == JobID("right"), "it comes before the other now")
        _ = bench.ask(.stop(urgent.id, purge: false))
        bench.write()
        #expect(turn == JobID("left"), "the other waits no longer")
        _ = bench.ask(.stop(JobID("left"), purge: false))
        bench.write()
        #expect(turn == nil && bench.core.kept.isEmpty)
    }

    /// The turn of one that is placed is over with that.
    @Test mutating func whoIsPlacedLeavesItsTurnAtOnce() {
        build(1)
        register(makeJob("filler", count: 4, cpuMHz: 1000, kind: .batch))
        for name in ["left", "right"] { register(gang(name, 1, cpuMHz: 4000)) }
        #expect(turn == JobID("left"))
        for filler in live("filler") { end(filler) }
        #expect(live("left").count == 1 && turn == JobID("right"))
    }

    @Test mutating func isToldOfAllItsNodes() {
        build(3)
        register(makeJob("filler", count: 12, cpuMHz: 1000, kind: .batch))
        register(gang("gang", 3, cpuMHz: 4000))
        let told = bench.effects.compactMap { effect -> KeptNodes? in
            if case .keep(let nodes) = effect { nodes } else { nil }
        }.last
        let list = WaitingList(
            QueueView(
                of: bench.core.head, configuration: bench.core.configuration, keeping: told ?? KeptNodes(),
                at: bench.now.wall, session: { BinPackScheduler().session(on: bench.core.head) }))
        #expect(list.groups.map(\.keptNodeNames) == [["node-1", "node-2", "node-3"]])
    }

    /// Each needs three of the four nodes, and small work keeps coming: neither may hold what the other lacks for ever.
    @Test(arguments: [30, 100])
    mutating func twoThatBothNeedMostOfTheClusterBothGetIt(window: Int) {
        build(4)
        register(makeJob("filler", count: 16, cpuMHz: 1000, kind: .batch))
        let names = ["left", "right"]
        for name in names { register(gang(name, 3, cpuMHz: 4000, window: .seconds(window))) }
        register(makeJob("small", count: 400, cpuMHz: 1000, kind: .batch))
        var done: Set<String> = []
        for _ in 0..<400 where done.count < 2 {
            pass(5)
            // Whatever runs ends in its turn, small work after some 20 seconds.
            for job in ["filler", "small"] {
                for allocation in live(job).sorted(by: { $0.createRevision < $1.createRevision }).prefix(4) {
                    end(allocation)
                }
            }
            for name in names where !live(name).isEmpty {
                #expect(live(name).count == 3, "all or none")
                for allocation in live(name) { end(allocation) }
                done.insert(name)
            }
        }
        #expect(done == Set(names))
    }

    // MARK: Statements

    @Test func isReadFromBothLanguages() throws {
        let file = """
            job "mpi" {
              type = "batch"
              group "ranks" {
                count = 8
                gang { window = "5m" }
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
              group "others" {
                gang {}
                task "t" {
                  driver = "raw_exec"
                  config { command = "/bin/true" }
                }
              }
            }
            """
        let job = try JobFile(text: file).job()
        #expect(job.groups.map(\.gang) == [Gang(window: .seconds(300)), Gang(window: .seconds(600))])
        let document = try JobDocument(json: JobDocument(job).json)
        #expect(document.statement.groups.map(\.gang) == job.groups.map(\.gang))
        var other = job
        other.groups[0].gang = nil
        #expect(JobChange.changedFields(from: job, to: other) == ["group \"ranks\" > gang"])
    }

    @Test func isRefusedWhereItMeansNothing() {
        var job = gang("gang", 1, cpuMHz: 100)
        job.groups[0].gang = Gang(window: .seconds(-1))
        #expect(JobValidation.validate(job.canonical()).contains { $0.description.contains("window") })
        var system = makeJob("sys", kind: .system)
        system.groups[0].gang = Gang()
        #expect(JobValidation.validate(system.canonical()).contains { $0.description.contains("gang") })
    }
}

@Suite struct GangTurnTests {
    private var turns = GangTurns()

    private func gang(_ serial: UInt64, window: Int = 100) -> (entry: WaitingEntry, window: Duration) {
        var evaluation = Evaluation(
            id: EvaluationID(high: 1, low: serial), job: JobID("j"), kind: .batch, priority: 50,
            trigger: .queuedAllocations, time: WallTime(nanoseconds: 0))
        evaluation.createRevision = Revision(serial)
        let entry = WaitingEntry(
            waiter: Waiter(evaluation: evaluation.id, group: "all"), job: evaluation.job, rank: QueueRank(evaluation),
            count: 1, since: evaluation.createTime, lacksAmounts: true, address: .init(hall: 0, line: 0), serial: serial
        )
        return (entry, .seconds(window))
    }

    private mutating func turn(_ gangs: [UInt64], at second: Int64) -> UInt64? {
        let waiting = gangs.map { gang($0) }
        _ = turns.update(among: waiting, at: Uptime(nanoseconds: second * 1_000_000_000))
        return turns.turn?.serial
    }

    @Test mutating func eachHasItsTurnAndThenNobody() {
        let seconds: [Int64] = [0, 99, 100, 199, 200, 299, 300, 400]
        var seen: [UInt64?] = []
        for second in seconds { seen.append(turn([1, 2], at: second)) }
        #expect(seen == [1, 1, 2, 2, nil, nil, 1, 2])
    }

    /// A gang that asks for more stands elsewhere in the queue, but has no other turn.
    @Test mutating func whoGrowsKeepsItsTurn() {
        #expect(turn([1, 2], at: 0) == 1)
        var (grown, window) = gang(3)
        grown.firstSerial = 1
        _ = turns.update(among: [gang(2), (grown, window)], at: Uptime(nanoseconds: 50_000_000_000))
        #expect(turns.turn?.serial == 1 && turns.turn?.end == Uptime(nanoseconds: 100_000_000_000))
    }

    @Test mutating func whoComesBeforeTakesOverOnce() {
        #expect(turn([2], at: 0) == 2)
        #expect(turn([1, 2], at: 50) == 1)
        #expect(turn([1, 2], at: 150) == 2, "its turn is whole")
        #expect(turn([1, 2], at: 249) == 2)
    }

    @Test mutating func whoIsPlacedLeavesItsTurnToTheNext() {
        #expect(turn([1, 2], at: 0) == 1)
        #expect(turn([2], at: 10) == 2)
        #expect(turn([], at: 20) == nil && turns.nextChange == nil)
    }

    @Test mutating func whoHasNoWindowHasNoTurn() {
        let waiting = [gang(1, window: 0), gang(2)]
        var seen: [UInt64?] = []
        for second in [0, 100, 200, 300, 400] as [Int64] {
            _ = turns.update(among: waiting, at: Uptime(nanoseconds: second * 1_000_000_000))
            seen.append(turns.turn?.serial)
        }
        #expect(seen == [2, nil, 2, nil, 2])
    }

    @Test mutating func whoPassesIsAskedInTheNextRound() {
        #expect(turn([1, 2], at: 0) == 1)
        turns.pass()
        #expect(turn([1, 2], at: 0) == 2)
        #expect(turn([1, 2], at: 100) == nil)
        #expect(turn([1, 2], at: 200) == 1)
        turns.pass()
        #expect(turn([1, 2], at: 200) == 2)
        turns.pass()
        #expect(turn([1, 2], at: 200) == nil, "nobody is asked again and again")
        #expect(turns.nextChange == Uptime(nanoseconds: 260_000_000_000), "soon, for a node may be back by then")
    }

    @Test mutating func whoIsLeftBeginsANewRound() {
        #expect(turn([1, 2], at: 0) == 1)
        #expect(turn([1, 2], at: 100) == 2)
        #expect(turn([1], at: 120) == 1, "it has had a turn, but nobody else waits")
    }
}
