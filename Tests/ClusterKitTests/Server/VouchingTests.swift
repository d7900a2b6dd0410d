import Testing

@testable import ClusterKit

/// What a server says that has nothing to write, when another may lead already.
@Suite struct VouchingTests {
    private var bench = CoreBench()
    private let node: NodeID
    private let instance: AllocationID

    init() throws {
        node = bench.addNode(1)
        _ = bench.ask(.register(makeJob(count: 1), source: nil, ifUnchangedSince: nil))
        bench.write()
        instance = try #require(bench.core.head.allocations(on: node).first?.id)
        bench.put("item")
        _ = bench.ask(.setWork(instance, idle))
        _ = bench.ask(.setSchedulingRules(SchedulingRules(), ifUnchangedSince: nil))
        bench.write()
    }

    private var idle: WorkStatus { WorkStatus(isBusy: false, time: bench.now.wall) }

    /// Of each, what it asks for is so already.
    private var needless: [(name: String, request: ServerRequest)] {
        [
            ("an end that is not known", .report(node, [AllocationReport(id: .unknown, client: .complete)])),
            ("a task's state", .setWork(instance, idle)),
            ("an item", .work(.put(WorkOrder(id: "item"), in: CoreBench.builds))),
            ("an eligibility", .setEligibility(node, .eligible)),
            ("the end of a drain", .endDrain(node, makingEligible: false)),
            ("a version's standing", .setStability(JobID("web"), version: 0, isStable: false)),
            ("rules", .setSchedulingRules(SchedulingRules(), ifUnchangedSince: nil)),
        ]
    }

    private func isDone(_ id: UInt64) -> Bool {
        guard case .success = bench.reply(to: id) else { return false }
        return true
    }

    private func isRefused(_ id: UInt64) -> Bool {
        guard case .failure = bench.reply(to: id) else { return false }
        return true
    }

    @Test(arguments: 0..<7) mutating func whatIsSoAlreadyIsToldOnceAWriteShowsWhoLeads(_ number: Int) {
        let (name, request) = needless[number]
        let asked = bench.ask(request)
        #expect(bench.reply(to: asked) == nil, "\(name): another server may know better")
        bench.write()
        #expect(isDone(asked) && bench.log.last?.changes.isEmpty == true, "\(name)")
        let late = bench.ask(request)
        #expect(bench.takeAppend() != nil, "\(name)")
        bench.tell(.appendFailed(.fenced))
        #expect(isRefused(late), "\(name): another leads")
    }

    @Test mutating func leasesNeedNoWrite() throws {
        let ticket = try bench.claimed().ticket
        bench.log = []
        for _ in 0..<100 {
            bench.pass(.seconds(1))
            let asked = [bench.ask(.heartbeat(node)), bench.ask(.work(.renew(ticket)))]
            #expect(asked.allSatisfy(isDone))
        }
        #expect(bench.log.isEmpty && bench.takeAppend() == nil)
    }

    @Test mutating func afterAStandstillAWriteComesFirst() throws {
        let ticket = try bench.claimed().ticket
        let known = try #require(bench.core.head.nodes[node])
        bench.now.uptime = bench.now.uptime + .seconds(15)
        bench.now.wall = bench.now.wall + .seconds(15)
        let asked = [
            bench.ask(.heartbeat(node)), bench.ask(.registerNode(known)), bench.ask(.work(.renew(ticket))),
        ]
        for id in asked { #expect(bench.reply(to: id) == nil, "another may lead since") }
        bench.write()
        for id in asked { #expect(isDone(id)) }
        let last = bench.ask(.heartbeat(node))
        #expect(isDone(last), "that it leads is known now")
    }

    /// What was on its way to the store before the standstill shows nothing.
    @Test mutating func aWriteFromBeforeTheStandstillIsNoProof() {
        _ = bench.ask(.evaluate(JobID("web")))
        #expect(bench.takeAppend() != nil)
        bench.pass(.seconds(15))
        bench.tell(.appended)
        let asked = bench.ask(.heartbeat(node))
        #expect(bench.reply(to: asked) == nil)
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.fenced))
        #expect(isRefused(asked))
    }

    @Test mutating func aStoreThatRefusesProvesNothing() {
        bench.pass(.seconds(15))
        let first = bench.ask(.heartbeat(node))
        #expect(bench.takeAppend() != nil)
        bench.tell(.appendFailed(.refused("no space left")))
        #expect(isRefused(first))
        let second = bench.ask(.heartbeat(node))
        #expect(bench.reply(to: second) == nil)
        bench.pass(.seconds(1))
        bench.write()
        #expect(isDone(second))
    }
}

extension AllocationID {
    /// Of an instance that this server does not know.
    fileprivate static let unknown = AllocationID(high: 7, low: 7)
}
