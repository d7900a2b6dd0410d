import Testing

@testable import ClusterKit

/// Nodes that fail what others pass are set aside.
@Suite struct NodeConductTests {
    /// A cluster of some nodes, on which work goes where the test wants it.
    private struct Cluster {
        var bench: CoreBench
        var nodes: [NodeID] = []
        private var jobs = 0

        init(nodes count: UInt64 = 5, _ policy: SetAsidePolicy? = SetAsidePolicy()) {
            bench = CoreBench(configuration: ServerConfiguration(heartbeatTTL: .seconds(100_000), setAside: policy))
            for number in 1...count { nodes.append(bench.addNode(number)) }
        }

        /// Runs a job whose first instance fails on `node` for `cause`, and whose second, elsewhere, gets to `end`.
        mutating func fail(
            on node: Int, because cause: FailureCause?, then end: ClientStatus = .running, job name: String? = nil,
            elsewhere: Bool = true
        ) {
            jobs += 1
            var job = makeJob(name ?? "job-\(jobs)")
            job.groups[0].reschedule = ReschedulePolicy(RescheduleRule(delay: elsewhere ? .seconds(30) : .zero))
            job.constraints = [Constraint("${node.unique.name}", .equal, "node-\(node + 1)")]
            if bench.core.head.jobs[job.id] != nil { _ = bench.ask(.stop(job.id, purge: true)) }
            bench.register(job)
            guard let first = bench.core.head.allocations(of: job.id).first(where: \.isLive) else { return }
            if elsewhere {
                // Another program too, so that the instance is replaced at once.
                job.constraints = [Constraint("${node.unique.name}", .notEqual, "node-\(node + 1)")]
                job.groups[0].tasks[0].environment = ["PLACE": "elsewhere"]
            }
            bench.report(first, .failed, because: cause)
            if elsewhere { bench.register(job) }
            bench.pass(.seconds(1))
            bench.write()
            guard let second = bench.core.head.allocations(of: job.id).first(where: \.isLive) else { return }
            bench.report(second, .running)
            if end != .running { bench.report(second, end, because: end == .failed ? cause : nil) }
        }

        func node(_ number: Int) -> Node? { bench.core.head.nodes[nodes[number]] }
        var setAside: [Int] { nodes.indices.filter { node($0)?.setAside != nil } }
    }

    @Test func threeJobsThatRanElsewhereAreEnough() throws {
        var cluster = Cluster()
        for _ in 0..<2 { cluster.fail(on: 1, because: .driver) }
        #expect(cluster.setAside == [])
        cluster.bench.effects = []
        cluster.fail(on: 1, because: .setup)
        #expect(cluster.setAside == [1])
        let node = try #require(cluster.node(1))
        #expect(node.eligibility == .ineligible && node.status == .ready)
        let words = "3 jobs failed there and then ran elsewhere: job-1, job-2, job-3"
        #expect(node.events.last?.message == "Node set aside: \(words)")
        let warned = cluster.bench.warnings
        #expect(warned.count == 1 && warned[0].contains("takes no more work: \(words)"), "\(warned)")
    }

    @Test func oneJobCountsOnceHoweverOftenItFails() {
        var cluster = Cluster()
        for _ in 0..<6 { cluster.fail(on: 1, because: .driver, job: "same") }
        #expect(cluster.setAside == [])
    }

    @Test func whatFailsEverywhereSpeaksAgainstNoNode() {
        var cluster = Cluster()
        for _ in 0..<6 { cluster.fail(on: 1, because: .driver, elsewhere: false) }
        #expect(cluster.setAside == [])
    }

    @Test(arguments: [FailureCause.exit, .memory, .node]) func theWorksOwnFaultIsNotTheNodes(cause: FailureCause) {
        var cluster = Cluster()
        for _ in 0..<6 { cluster.fail(on: 1, because: cause, then: .complete) }
        #expect(cluster.setAside == [])
    }

    /// That a task starts elsewhere does not show that its disk is large enough there.
    @Test func aFullDiskIsBlamedOnceTheWorkIsDoneElsewhere() {
        var cluster = Cluster()
        for _ in 0..<3 { cluster.fail(on: 1, because: .disk) }
        #expect(cluster.setAside == [])
        for _ in 0..<3 { cluster.fail(on: 1, because: .disk, then: .complete) }
        #expect(cluster.setAside == [1])
    }

    @Test func failuresThatAreLongPastDoNotCount() {
        var cluster = Cluster()
        for _ in 0..<2 { cluster.fail(on: 1, because: .driver) }
        cluster.bench.pass(.seconds(3600))
        cluster.bench.write()
        cluster.fail(on: 1, because: .driver)
        #expect(cluster.setAside == [])
    }

    @Test func neverMoreThanAFifthIsSetAside() {
        var cluster = Cluster(nodes: 9)
        for node in [1, 2] { for _ in 0..<3 { cluster.fail(on: node, because: .driver) } }
        #expect(cluster.setAside == [1])
        #expect(
            cluster.bench.warnings.contains { $0.contains("node-3") && $0.contains("too many are set aside already") })
        var small = Cluster(nodes: 4)
        for _ in 0..<6 { small.fail(on: 1, because: .driver) }
        #expect(small.setAside == [], "a small cluster loses none")
        #expect(
            small.bench.warnings.allSatisfy {
                $0.contains("node-2") && $0.contains("seems faulty, and is kept: at most one of 5 nodes is set aside")
            })
    }

    @Test func itCanBeTurnedOff() {
        var cluster = Cluster(nil)
        for _ in 0..<6 { cluster.fail(on: 1, because: .driver) }
        #expect(cluster.setAside == [])
    }

    @Test func anOperatorBeginsAnew() {
        var cluster = Cluster()
        for _ in 0..<3 { cluster.fail(on: 1, because: .driver) }
        #expect(cluster.setAside == [1])
        cluster.bench.pass(.seconds(1))
        _ = cluster.bench.ask(.setEligibility(cluster.nodes[1], .eligible))
        cluster.bench.write()
        #expect(cluster.node(1)?.setAside == nil && cluster.node(1)?.eligibility == .eligible)
        cluster.bench.pass(.seconds(1))
        for _ in 0..<2 { cluster.fail(on: 1, because: .driver) }
        #expect(cluster.setAside == [], "what happened before says nothing any more")
        cluster.fail(on: 1, because: .driver)
        #expect(cluster.setAside == [1])
    }

    @Test func aNewLeaderKnowsWhatTheOneBeforeKnew() throws {
        var cluster = Cluster()
        for _ in 0..<2 { cluster.fail(on: 1, because: .driver) }
        let head = cluster.bench.core.head
        var next = NodeConduct(of: head)
        let policy = SetAsidePolicy(jobs: 2)
        let faulty = next.takeFaulty(policy, at: cluster.bench.now.wall)
        #expect(faulty.map(\.node) == [cluster.nodes[1]])
        #expect(faulty.first?.jobs == [JobID("job-1"), JobID("job-2")])
        #expect(next.takeFaulty(policy, at: cluster.bench.now.wall).isEmpty, "it is told once")
        let node = try #require(cluster.node(1))
        #expect(try Node(decoding: node.encoded) == node)
    }

    @Test func anAgentThatRegistersAgainStaysSetAside() throws {
        var cluster = Cluster()
        for _ in 0..<3 { cluster.fail(on: 1, because: .driver) }
        var again = try #require(cluster.node(1))
        again.setAside = nil
        again.eligibility = .eligible
        again.version = "2"
        _ = cluster.bench.ask(.registerNode(again))
        cluster.bench.write()
        #expect(cluster.setAside == [1] && cluster.node(1)?.version == "2")
        #expect(cluster.node(1)?.eligibility == .ineligible)
    }
}

extension CoreBench {
    fileprivate mutating func register(_ job: Job) {
        _ = ask(.register(job, source: nil, ifUnchangedSince: nil))
        write()
    }

    fileprivate mutating func report(
        _ allocation: Allocation, _ status: ClientStatus, because cause: FailureCause? = nil
    ) {
        _ = ask(.report(allocation.node, [AllocationReport(id: allocation.id, client: status, cause: cause)]))
        write()
    }

    fileprivate var warnings: [String] {
        effects.compactMap { if case .warning(let words) = $0 { words } else { nil } }
    }
}
