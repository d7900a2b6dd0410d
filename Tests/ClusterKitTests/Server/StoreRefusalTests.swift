import Testing

@testable import ClusterKit

/// What goes on while the store takes no writes, and what waits until it is asked again.
@Suite struct StoreRefusalTests {
    private var bench = CoreBench()
    private let node: NodeID

    init() { node = bench.addNode(1) }

    private func registration(_ name: String) -> ServerRequest {
        .register(makeJob(name), source: nil, ifUnchangedSince: nil)
    }

    /// The store refuses a write.
    private mutating func refuse() {
        _ = bench.ask(registration("refused"))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.refused("no space left")))
    }

    @Test mutating func whoGatheredIsToldWhenItRefusesAgain() {
        refuse()
        let asked = bench.ask(registration("one"))
        bench.pass(.seconds(1))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.refused("no space left")))
        guard case .failure(let error) = bench.reply(to: asked) else {
            Issue.record("nobody was told")
            return
        }
        #expect(error.code == .storeRefused && bench.core.head.jobs.count == 0)
    }

    /// Its leases would run out otherwise: it beats only once it is registered.
    @Test mutating func anAgentThatStartsAnewComesBack() throws {
        let known = try #require(bench.core.head.nodes[node])
        refuse()
        _ = bench.ask(registration("one"))
        let again = bench.ask(.registerNode(known))
        guard case .success(.registration) = bench.reply(to: again) else {
            Issue.record("its node is as it was, and it waits")
            return
        }
        var changed = known
        changed.attributes["rack"] = "r2"
        let other = bench.ask(.registerNode(changed))
        #expect(bench.reply(to: other) == nil, "what is new of a node must be stored")
    }

    @Test mutating func noItemOfWorkIsHandedOut() throws {
        bench.put("item")
        refuse()
        _ = bench.ask(registration("one"))
        let patient = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("a"), wait: .seconds(30))))
        let hasty = bench.ask(.work(.claim(CoreBench.builds, WorkerStatement("b"), wait: .zero)))
        let workers = bench.ask(.work(.workers(of: CoreBench.builds)))
        #expect(bench.item("item")?.state == .waiting)
        #expect(bench.workReply(to: patient) == nil)
        guard case .success(.nothing) = bench.workReply(to: hasty),
            case .success(.workers) = bench.workReply(to: workers)
        else {
            Issue.record("what needs no write waits for one")
            return
        }
        bench.pass(.seconds(1))
        bench.write()
        #expect(bench.workReply(to: patient)?.item?.state == .leased)
    }

    /// Otherwise it would be said to refuse for as long as nobody asks for anything.
    @Test mutating func itIsTriedAlsoWhenNobodyAsks() throws {
        refuse()
        for _ in 0..<2 {
            bench.pass(.seconds(1))
            #expect(bench.takeAppend() != nil)
            bench.tell(.appendFailed(.refused("no space left")))
        }
        bench.pass(.seconds(1))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appended)
        bench.pass(.seconds(1))
        #expect(bench.takeAppend() == nil, "it takes writes again")
    }

    @Test mutating func theEpochIsWrittenOnceItTakesWrites() throws {
        let head = bench.core.head
        var bench = bench
        bench.core = ServerCore(configuration: bench.core.configuration, scheduler: BinPackScheduler())
        bench.effects = []
        bench.tell(.led(Epoch(head.epoch.number + 1), head))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.refused("no space left")))
        #expect(bench.core.head.epoch == head.epoch)
        bench.pass(.seconds(1))
        #expect(bench.takeAppend()?.head.epoch == head.epoch.next, "nobody asks for anything, and agents must know")
    }
}
