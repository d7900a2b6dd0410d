import Testing

@testable import ClusterKit

@Suite struct LeaseTests {
    private var bench = CoreBench()

    @Test mutating func returnsAnItemOnceWhenNothingIsHeardOfItsWorker() throws {
        bench.put("one")
        let lost = try bench.claimed("lost")
        bench.pass(.seconds(59))
        #expect(bench.claim("next") == nil)
        bench.pass(.seconds(1))
        bench.write()
        #expect(bench.item("one")?.attempts == 1 && bench.item("one")?.outcome == .expired)
        let next = try bench.claimed("next")
        #expect(next.token > lost.token)
        bench.pass(.seconds(30))
        #expect(bench.claim("third") == nil, "the old lease gives nothing back a second time")
    }

    @Test mutating func refusesALateWorker() throws {
        bench.put("one")
        let late = try bench.claimed("late").ticket
        bench.pass(.seconds(60))
        bench.write()
        let wishes: [WorkRequest] = [
            .renew(late), .progress(late, 0.5, ""), .giveBack(late, .released("")),
            .giveBack(late, .failed("", delay: .zero, isFinal: true)), .complete(late, result: [], message: ""),
        ]
        for wish in wishes { #expect(bench.work(wish)?.refusal == .conflict, "\(wish), before another has it") }
        let next = try bench.claimed("next")
        for wish in wishes { #expect(bench.work(wish)?.refusal == .conflict, "\(wish), while another has it") }
        #expect(bench.item("one") == next)
    }

    @Test mutating func keepsAnItemWithAWorkerThatRenews() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        bench.log = []
        for _ in 0..<5 {
            bench.idle(50)
            #expect(bench.work(.renew(ticket))?.item != nil)
        }
        #expect(bench.log.isEmpty, "renewing writes nothing")
        bench.idle(60)
        #expect(bench.item("one")?.state == .waiting)
    }

    @Test mutating func tellsHowFarAnItemIs() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        bench.pass(.seconds(50))
        #expect(bench.work(.progress(ticket, 0.25, "compiling"))?.item?.progress == 0.25)
        bench.pass(.seconds(50))
        #expect(bench.item("one")?.state == .leased && bench.item("one")?.progressText == "compiling")
        #expect(bench.work(.progress(ticket, 1.5, ""))?.refusal == .invalid)
        #expect(bench.work(.progress(ticket, .nan, ""))?.refusal == .invalid)
    }

    @Test mutating func countsFailuresButNotReleases() throws {
        bench.put("one", WorkOrder(maxAttempts: 2))
        for _ in 0..<5 {
            let ticket = try bench.claimed().ticket
            _ = bench.work(.giveBack(ticket, .released("not now")))
        }
        let first = try bench.claimed().ticket
        _ = bench.work(.giveBack(first, .failed("no disk", delay: .seconds(30), isFinal: false)))
        #expect(bench.claim() == nil)
        bench.pass(.seconds(30))
        let second = try bench.claimed().ticket
        let end = bench.work(.giveBack(second, .failed("no disk", delay: .zero, isFinal: false)))?.item
        #expect(end?.state == .failed && end?.attempts == 2 && end?.message == "no disk")
    }

    @Test mutating func givesUpWhatFailedForGood() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        _ = bench.work(.giveBack(ticket, .failed("no such commit", delay: .zero, isFinal: true)))
        #expect(bench.item("one")?.state == .failed && bench.claim() == nil)
    }

    @Test mutating func takesTheSameEndTwice() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        _ = bench.work(.complete(ticket, result: Array("ok".utf8), message: ""))
        let once = bench.item("one")
        #expect(bench.work(.complete(ticket, result: Array("ok".utf8), message: ""))?.item == once)
        #expect(bench.work(.giveBack(ticket, .released("")))?.refusal == .conflict)
    }

    @Test mutating func givesAFullTermAfterAnotherServerTookOver() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        bench.pass(.seconds(50))
        bench.failOver()
        bench.pass(.seconds(50))
        #expect(bench.work(.renew(ticket))?.item != nil)
        bench.idle(60)
        #expect(bench.item("one")?.state == .waiting)
    }

    @Test mutating func blamesNoWorkerForAStandstillOfTheServer() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        bench.pass(.seconds(600))
        bench.write()
        #expect(bench.work(.renew(ticket))?.item != nil)
    }

    /// Also when somebody is heard before the server notices by itself that it stood still.
    @Test(arguments: [true, false]) mutating func blamesNoWorkerWhoIsHeardAfterSomeoneElse(claims: Bool) throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        bench.now.uptime = bench.now.uptime + .seconds(600)
        bench.now.wall = bench.now.wall + .seconds(600)
        if claims { #expect(bench.claim("b") == nil) } else { bench.put("two") }
        #expect(bench.work(.renew(ticket))?.item != nil)
    }

    @Test mutating func tellsAWorkerWhoseItemWasRemoved() throws {
        bench.put("one")
        let ticket = try bench.claimed().ticket
        _ = bench.work(.remove(ticket.item))
        #expect(bench.work(.renew(ticket))?.refusal == .notFound)
        bench.put("one")
        #expect(bench.work(.renew(ticket))?.refusal == .conflict)
        let next = try bench.claimed()
        #expect(next.token > ticket.token)
    }

    @Test(arguments: [true, false])
    mutating func takesItemsBackWhenTheWorkersAllocationEnds(wasStopped: Bool) throws {
        let node = bench.addNode(1)
        _ = bench.ask(.register(makeJob(kind: .batch), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocation = try #require(bench.core.head.allocations.sorted.first)
        bench.put("one")
        _ = try bench.claimed("a", allocation: allocation.id)
        if wasStopped { _ = bench.ask(.stop(makeJob().id, purge: false)) }
        bench.write()
        #expect(bench.item("one")?.state == .leased, "it may still give the item back itself")
        _ = bench.ask(.report(node, [AllocationReport(id: allocation.id, client: .complete)]))
        bench.write()
        let item = try #require(bench.item("one"))
        #expect(item.state == .waiting && item.outcome == .allocationEnded)
        #expect(item.attempts == (wasStopped ? 0 : 1), "a worker that was told to go is not to blame")
        #expect(
            bench.work(.claim(CoreBench.builds, WorkerStatement("a", allocation: allocation.id), wait: .zero))?
                .refusal == .invalid)
    }

    /// It may run on, and is heard of.
    @Test mutating func whoseNodeIsLostKeepsItsLease() throws {
        _ = bench.addNode(1)
        _ = bench.ask(.register(makeJob(kind: .batch), source: nil, ifUnchangedSince: nil))
        bench.write()
        let allocation = try #require(bench.core.head.allocations.sorted.first?.id)
        bench.put("one")
        let ticket = try bench.claimed("a", allocation: allocation).ticket
        bench.idle(40)
        #expect(bench.core.head.allocations[allocation]?.client == .lost)
        #expect(bench.item("one")?.state == .leased && bench.claim("b") == nil)
        #expect(bench.work(.renew(ticket))?.item != nil)
        bench.failOver()
        #expect(bench.item("one")?.state == .leased && bench.work(.renew(ticket))?.item != nil)
        bench.idle(61)
        let item = try #require(bench.item("one"))
        #expect(item.state == .waiting && item.outcome == .expired)
        #expect(item.attempts == 0, "a worker whose node is lost is not to blame")
    }

    @Test mutating func losesNothingWhenTheStoreRefuses() throws {
        bench.put("one")
        let claim = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("a"), wait: .zero)))
        let parked = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("b"), wait: .seconds(60))))
        _ = bench.takeAppend()
        bench.tell(.appendFailed(.refused("disk full")))
        #expect(bench.workReply(to: claim)?.refusal == .storeRefused)
        #expect(bench.item("one")?.state == .waiting)
        bench.pass(.seconds(2))
        bench.write()
        #expect(bench.workReply(to: parked)?.item?.lease?.worker == "b", "whoever waits is still there")
    }
}
