import Testing

@testable import ClusterKit

/// How long the terms of nodes are, and what a server knows of them that takes the lead.
@Suite struct LeaseTermTests {
    /// Terms grow from the sixth node on, by two seconds for each: twenty have 50 s, two have 20 s.
    private let crowded = ServerConfiguration(heartbeatsPerSecond: 1)

    private func crowd(_ count: UInt64) -> (bench: CoreBench, nodes: [NodeID]) {
        var bench = CoreBench(configuration: crowded)
        let nodes = (1...count).map { bench.addNode($0) }
        for node in nodes { _ = lease(of: node, in: &bench) }
        return (bench, nodes)
    }

    /// Twenty nodes of which two are left; something that may run only once runs on the first.
    private func shrunken() -> (bench: CoreBench, first: NodeID, last: NodeID) {
        var (bench, nodes) = crowd(20)
        var job = makeJob()
        job.groups[0].atMostOne = true
        _ = bench.ask(.register(job, source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        let first = allocations(bench).first?.node ?? nodes[0]
        nodes.removeAll { $0 == first }
        for node in nodes.dropLast() { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        return (bench, first, nodes[nodes.count - 1])
    }

    private func allocations(_ bench: CoreBench) -> [Allocation] {
        bench.core.head.allocations(of: JobID("web")).sorted { $0.createRevision < $1.createRevision }
    }

    private func states(_ bench: CoreBench) -> [String] {
        allocations(bench).map { "\($0.desired.rawValue)/\($0.client.rawValue)" }
    }

    private func lease(of node: NodeID, in bench: inout CoreBench) -> Duration? {
        let id = bench.ask(.heartbeat(node))
        defer { bench.write() }
        guard case .success(.registration(let registration)) = bench.reply(to: id) else { return nil }
        return registration.lease
    }

    /// Another server leads from what is stored.
    private func successor(of bench: CoreBench) -> CoreBench {
        CoreBench(configuration: crowded, head: bench.core.head, at: bench.now)
    }

    @Test func noLeaseIsLongerThanTheStoreHolds() throws {
        let (start, nodes) = crowd(5)
        var bench = start
        #expect(lease(of: nodes[0], in: &bench) == .seconds(20) && bench.core.head.longestLease == .zero)
        var sixth = try #require(bench.core.head.nodes[nodes[4]])
        sixth.id = NodeID(high: 1, low: 6)
        _ = bench.ask(.registerNode(sixth))
        #expect(bench.core.head.longestLease == .seconds(30), "it is being written")
        let early = bench.ask(.heartbeat(nodes[0]))
        let short = Registration(heartbeatTTL: .seconds(10), lease: .seconds(20))
        if case .success(.registration(let answer))? = bench.reply(to: early) {
            #expect(answer == short)
        } else {
            Issue.record("a heartbeat waited for the store")
        }
        bench.write()
        #expect(lease(of: nodes[0], in: &bench) == .seconds(22))
    }

    @Test func aNewLeaderWaitsForTheLongestLeaseThatMayBeLeft() {
        let (old, first, last) = shrunken()
        var bench = successor(of: old)
        _ = bench.ask(.purgeNode(first))
        bench.write()
        for _ in 0..<56 { bench.beat(last) }
        #expect(states(bench) == ["run/unknown"])
        bench.beat(last)
        #expect(states(bench) == ["stop/lost", "run/pending"])
    }

    /// Its next heartbeat is due only after half of what it was granted among many.
    @Test func aNewLeaderLosesNobodyWhoBeatsSeldom() {
        let (old, first, last) = shrunken()
        var bench = successor(of: old)
        for _ in 0..<49 { bench.beat(last) }
        #expect(bench.core.head.nodes[first]?.status == .ready)
        for _ in 0..<15 { bench.beat(last) }
        #expect(bench.core.head.nodes[first]?.status == .down)
    }

    @Test func longLeasesAreForgottenOnceTheyAreOver() {
        let (start, first, last) = shrunken()
        var bench = start
        for _ in 0..<51 { bench.beat(first, last) }
        #expect(bench.core.head.longestLease == .seconds(50))
        bench.beat(first, last)
        #expect(bench.core.head.longestLease == .seconds(20))
        bench = successor(of: bench)
        _ = bench.ask(.purgeNode(first))
        bench.write()
        for _ in 0..<27 { bench.beat(last) }
        #expect(states(bench) == ["stop/lost", "run/pending"])
    }

    /// Twenty nodes become fifteen, and those two: terms of forty seconds were granted last long after those of fifty.
    @Test func termsInBetweenAreForgottenOneAfterTheOther() {
        var (bench, nodes) = crowd(20)
        for node in nodes[15...] { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        for _ in 0..<50 { bench.beat(nodes[0], nodes[1]) }
        for node in nodes[2..<15] { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        var seen: [Duration] = []
        for _ in 0..<100 {
            bench.beat(nodes[0], nodes[1])
            let longest = bench.core.head.longestLease
            if seen.last != longest { seen.append(longest) }
            if longest < .seconds(50) { #expect(bench.core.silence.longestLease == longest) }
        }
        #expect(seen == [.seconds(50), .seconds(40), .seconds(20)])
    }

    /// The last that was as long counts, not when the store learned of such terms.
    @Test func longLeasesAreOverOnceTheLastOfThemIs() {
        var (bench, nodes) = crowd(20)
        for _ in 0..<100 { bench.beat(nodes[0], nodes[1]) }
        for node in nodes[2...] { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        for _ in 0..<50 { bench.beat(nodes[0], nodes[1]) }
        #expect(bench.core.head.longestLease == .seconds(50))
        for _ in 0..<2 { bench.beat(nodes[0], nodes[1]) }
        #expect(bench.core.head.longestLease == .seconds(20))
    }

    /// Whoever led before may have granted one just before it ended.
    @Test func aNewLeaderForgetsNoLeaseThatMayBeLeft() {
        var (bench, nodes) = crowd(20)
        for node in nodes[2...] { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        for _ in 0..<45 { bench.beat(nodes[0], nodes[1]) }
        bench = successor(of: bench)
        for _ in 0..<50 { bench.beat(nodes[0], nodes[1]) }
        #expect(bench.core.head.longestLease == .seconds(50))
        for _ in 0..<2 { bench.beat(nodes[0], nodes[1]) }
        #expect(bench.core.head.longestLease == .seconds(20))
    }

    /// Terms in between that were granted before longer ones are over when those are.
    @Test func termsInBetweenAreNotWaitedForTwice() throws {
        var (bench, nodes) = crowd(20)
        let back = try nodes[15...].map { try #require(bench.core.head.nodes[$0]) }
        for node in back { _ = bench.ask(.purgeNode(node.id)) }
        bench.write()
        for _ in 0..<5 { bench.beat(nodes[0], nodes[1]) }
        for node in back { _ = bench.ask(.registerNode(node)) }
        bench.write()
        bench.beat(nodes[0], nodes[1])
        for node in nodes[2...] { _ = bench.ask(.purgeNode(node)) }
        bench.write()
        for _ in 0..<52 { bench.beat(nodes[0], nodes[1]) }
        #expect(bench.core.head.longestLease == .seconds(20))
    }

    /// Each node that comes would write, and so would each heartbeat.
    @Test func theStoreIsWrittenToOnceForManyNodes() {
        let (start, nodes) = crowd(20)
        var bench = start
        func writes() -> Int {
            bench.log.flatMap(\.changes).count { if case .putLongestLease = $0 { true } else { false } }
        }
        #expect(writes() == 3)
        for _ in 0..<200 { bench.beat(nodes[0], nodes[1]) }
        #expect(writes() == 3)
    }

    @Test func whatWasWrittenIsReadBack() {
        let head = crowd(20).bench.core.head
        var records: [Change] = []
        head.records { records.append($0) }
        #expect(Snapshot(revision: head.revision, epoch: head.epoch, records: records).longestLease == .seconds(50))
    }
}
