import Testing

@testable import ClusterKit

@Suite struct ClaimTests {
    private var bench = CoreBench()

    @Test mutating func takesTheHighestPriorityThenTheOldest() {
        bench.put("old", WorkOrder(priority: 50))
        bench.put("new", WorkOrder(priority: 50))
        bench.put("urgent", WorkOrder(priority: 90))
        var names: [String?] = []
        for _ in 0..<4 { names.append(bench.claim()?.key.id) }
        #expect(names == ["urgent", "old", "new", nil])
    }

    /// It has waited since it was put there, however it came back.
    @Test(arguments: ["released", "failed", "expired"]) mutating func whatWentBackKeepsItsAge(how: String) throws {
        bench.put("old")
        bench.put("new")
        bench.put("urgent", WorkOrder(priority: 90))
        let held = [try bench.claimed().ticket, try bench.claimed().ticket]
        #expect(held.map(\.item.id) == ["urgent", "old"])
        for ticket in held.reversed() {
            switch how {
            case "released": _ = bench.work(.giveBack(ticket, .released("")))
            case "failed": _ = bench.work(.giveBack(ticket, .failed("", delay: .zero, isFinal: false)))
            default: break
            }
        }
        if how == "expired" { bench.idle(60) }
        var names: [String?] = []
        for _ in 0..<4 { names.append(bench.claim()?.key.id) }
        #expect(names == ["urgent", "old", "new", nil])
    }

    @Test mutating func passesOverWhatAWorkerMayNotHave() {
        bench.put("mac", WorkOrder(priority: 90, attributes: ["os": "macos"]))
        bench.put("fast", WorkOrder(constraints: [Constraint("${cores}", .greaterOrEqual, "16")]))
        #expect(bench.claim("a", ["os": "linux", "cores": "8"]) == nil)
        #expect(bench.claim("a", ["os": "linux", "cores": "32"])?.key.id == "fast")
        #expect(bench.claim("a", ["os": "macos"])?.key.id == "mac")
    }

    @Test mutating func doesNotMakeTwoOfOneName() throws {
        let first = bench.put("one", WorkOrder(payload: Array("a".utf8)))?.item
        guard case .success(.item(let again, let isNew, _)) = bench.put("one", WorkOrder(payload: Array("b".utf8)))
        else { throw Missing() }
        #expect(again == first && !isNew)
        #expect(bench.core.head.work.counts(of: CoreBench.builds)?.total == 1)
        _ = bench.work(.complete(try bench.claimed().ticket, result: [], message: ""))
        #expect(bench.put("one")?.item?.state == .complete, "what is over and kept is there too")
    }

    @Test mutating func makesNamesForItemsWithoutOne() {
        var names: Set<String?> = []
        for _ in 0..<3 { names.insert(bench.work(.put(WorkOrder(), in: CoreBench.builds))?.item?.key.id) }
        #expect(names.count == 3 && !names.contains(nil))
    }

    @Test mutating func answersTheOneWhoHasWaitedLongestWhenAnItemComes() {
        let ask = { (name: String, os: String) in
            ServerRequest.work(
                .claim(CoreBench.builds, WorkerStatement(name, attributes: ["os": os]), wait: .seconds(30)))
        }
        let (mac, first, second) = (
            bench.ask(ask("m", "macos")), bench.ask(ask("a", "linux")), bench.ask(ask("b", "linux"))
        )
        bench.put("one", WorkOrder(attributes: ["os": "linux"]))
        #expect(bench.workReply(to: first)?.item?.lease?.worker == "a")
        #expect(bench.workReply(to: second) == nil && bench.workReply(to: mac) == nil)
        bench.put("two")
        #expect(bench.workReply(to: mac)?.item?.key.id == "two", "who came first comes first")
        bench.pass(.seconds(30))
        #expect(bench.workReply(to: second)?.isNothing == true)
    }

    @Test mutating func givesNothingToWhoeverWithdrew() {
        let gone = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("a"), wait: .seconds(30))))
        bench.tell(.withdrawn(gone))
        #expect(bench.workReply(to: gone)?.isNothing == true)
        bench.put("one")
        #expect(bench.item("one")?.state == .waiting)
    }

    @Test mutating func keepsAnItemFromWorkersUntilItsTime() {
        bench.put("later", WorkOrder(readyTime: bench.now.wall + .seconds(60)))
        #expect(bench.claim() == nil)
        bench.failOver()
        bench.pass(.seconds(59))
        #expect(bench.claim() == nil)
        let waiting = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("a"), wait: .seconds(30))))
        bench.pass(.seconds(1))
        bench.write()
        #expect(bench.workReply(to: waiting)?.item?.key.id == "later")
    }

    @Test mutating func prolongsNoWaitWhenTheClockIsSetBack() {
        bench.put("later", WorkOrder(readyTime: bench.now.wall + .seconds(60)))
        bench.now.wall = bench.now.wall + .seconds(-500)
        bench.failOver()
        bench.pass(.seconds(60))
        #expect(bench.claim()?.key.id == "later")
    }

    @Test mutating func forgetsWhatIsOverForLongEnough() throws {
        bench.put("one", WorkOrder(retention: .seconds(100)))
        _ = bench.work(.complete(try bench.claimed().ticket, result: Array("ok".utf8), message: ""))
        bench.pass(.seconds(60))
        bench.failOver()
        bench.pass(.seconds(39))
        #expect(bench.item("one")?.result == Array("ok".utf8))
        bench.pass(.seconds(1))
        bench.write()
        #expect(bench.item("one") == nil)
        #expect(bench.core.nextWake == WakeTime() || bench.core.head.work.queues.isEmpty)
    }

    @Test mutating func forgetsManyInBoundedBatches() throws {
        for number in 0..<600 {
            bench.put("\(number)", WorkOrder(retention: .seconds(10)))
            _ = bench.work(.complete(try bench.claimed().ticket, result: [], message: ""))
        }
        bench.log = []
        for _ in 0..<10 {
            bench.pass(.seconds(5))
            bench.write()
        }
        #expect(bench.core.head.work.queues.isEmpty)
        #expect(bench.log.map(\.changes.count).max() == 256)
    }

    @Test mutating func tellsWhoAsked() throws {
        _ = bench.claim("gone", ["os": "linux"])
        _ = bench.ask(
            .work(.claim(CoreBench.builds, WorkerStatement("waits", attributes: ["os": "linux"]), wait: .seconds(90))))
        bench.put("mac", WorkOrder(attributes: ["os": "macos"]))
        guard case .success(.workers(let workers)) = bench.work(.workers(of: CoreBench.builds)) else { throw Missing() }
        #expect(workers.map(\.worker.name) == ["gone", "waits"] && workers.map(\.isWaiting) == [false, true])
        let report = WorkQueueReport(queue: CoreBench.builds, counts: WorkCounts(), workers: workers)
        let item = try #require(bench.item("mac"))
        #expect(
            report.reason(for: item, at: bench.now.wall)
                == "none of the 2 workers that asked may have it: 2 not \"${os} = macos\"")
        // Whoever asks for many is told what was found for the first of those that are alike.
        var known = [item.constraints: "as before"]
        #expect(report.reason(for: item, at: bench.now.wall, remembering: &known) == "as before")
        bench.put("later", WorkOrder(attributes: ["os": "macos"], readyTime: bench.now.wall + .seconds(9)))
        let later = try #require(bench.item("later"))
        #expect(report.reason(for: later, at: bench.now.wall, remembering: &known) == "waits for its time")
    }

    // MARK: Bad input

    @Test(arguments: [
        (WorkOrder(priority: -1), "priority"), (WorkOrder(priority: 101), "priority"),
        (WorkOrder(maxAttempts: 0), "max_attempts"), (WorkOrder(id: ""), "id"), (WorkOrder(id: "a\nb"), "id"),
        (WorkOrder(payload: [0xFF]), "payload"), (WorkOrder(retention: .seconds(-1)), "retention"),
        (WorkOrder(constraints: [Constraint("${os}", .regexp, "(")]), "constraint"),
        (WorkOrder(constraints: [Constraint("", .distinctHosts)]), "constraint"),
    ])
    mutating func refusesOrdersWithoutSense(order: WorkOrder, place: String) throws {
        let answer = bench.work(.put(order, in: CoreBench.builds))
        #expect(answer?.refusal == .invalid && answer?.message.contains(place) == true)
        #expect(bench.core.head.work.queues.isEmpty)
    }

    @Test mutating func refusesWhatIsTooLarge() throws {
        let large = [UInt8](repeating: UInt8(ascii: "a"), count: WorkLimits.payloadBytes + 1)
        let put = bench.put("large", WorkOrder(payload: large))
        #expect(put?.refusal == .tooLarge && put?.message.contains("65537") == true)
        #expect(bench.put("fits", WorkOrder(payload: large.dropLast()))?.item != nil)
        let ticket = try bench.claimed().ticket
        #expect(bench.work(.complete(ticket, result: large, message: ""))?.refusal == .tooLarge)
    }

    /// What a worker has done is taken all the same.
    @Test mutating func nothingIsPutIntoAFullQueueButResultsAreTaken() throws {
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: WorkLimits.payloadBytes)
        let items = (0..<WorkLimits.queueBytes / text.count).map { number in
            Change.putWorkItem(
                WorkItem(
                    key: WorkItemKey("\(number)", in: CoreBench.builds), priority: 50, constraints: [], payload: text,
                    maxAttempts: 1, retention: .seconds(3600), time: WallTime(nanoseconds: 1)))
        }
        bench = CoreBench(head: Snapshot(revision: Revision(1), epoch: Epoch(1), records: items))
        let bytes = { (bench: CoreBench) in bench.core.head.work.counts(of: CoreBench.builds)?.bytes }
        #expect(bytes(bench) == WorkLimits.queueBytes)
        #expect(bench.put("small", WorkOrder(payload: [UInt8(ascii: "a")]))?.refusal == .tooLarge)
        let ticket = try bench.claimed().ticket
        #expect(bench.work(.complete(ticket, result: text, message: ""))?.item?.state == .complete)
        #expect(bytes(bench) == WorkLimits.queueBytes + text.count)
        #expect(bench.put("empty")?.refusal == .tooLarge)
    }

    @Test(arguments: [
        WorkerStatement(""), WorkerStatement("a", attributes: ["${os}": "linux"]),
        WorkerStatement("a", lease: .zero), WorkerStatement("a", lease: .seconds(90_000)),
        WorkerStatement("a", allocation: AllocationID(high: 9, low: 9)),
    ])
    mutating func refusesClaimsWithoutSense(worker: WorkerStatement) {
        #expect(bench.work(.claim(CoreBench.builds, worker, wait: .zero))?.refusal == .invalid)
    }

    @Test mutating func refusesNamesOfQueuesThatAreNoneAndQueuesThatAreNotThere() {
        #expect(bench.work(.put(WorkOrder(), in: WorkQueueID("a/b")))?.refusal == .invalid)
        #expect(bench.work(.removeQueue(WorkQueueID("none")))?.refusal == .notFound)
        #expect(bench.work(.remove(WorkItemKey("none", in: CoreBench.builds)))?.refusal == .notFound)
        #expect(
            bench.work(.renew(WorkTicket(WorkItemKey("none", in: CoreBench.builds), token: 1)))?.refusal == .notFound)
    }
}

private struct Missing: Error {}
