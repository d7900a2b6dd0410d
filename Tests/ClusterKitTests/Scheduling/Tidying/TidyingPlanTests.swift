import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct TidyingPlanTests {
    /// Jobs of one instance each, unless said otherwise, and the numbers of the nodes that they run on.
    private struct Running {
        var job: Job
        var nodes: [Int]

        init(
            _ id: String, memory: Int, on nodes: Int..., kind: JobKind = .service,
            _ change: (inout Job) -> Void = { _ in }
        ) {
            job = .sample(id, count: nodes.count, cpu: 10, memory: memory, kind: kind, change)
            self.nodes = nodes
        }
    }

    /// Nodes `n1`, `n2`, … of 4096 MiB with all that runs on them.
    private func snapshot(
        nodes count: Int, _ running: [Running], _ change: (inout [Node]) -> Void = { _ in }
    ) -> Snapshot {
        var nodes = sampleNodes(count)
        change(&nodes)
        var records = nodes.map(Change.putNode)
        var number: UInt64 = 0
        for one in running {
            records.append(.putJob(JobRecord(job: one.job, submitTime: WallTime(nanoseconds: 0))))
            for (index, place) in one.nodes.enumerated() {
                number += 1
                let resources = one.job.groups[0].resources
                var allocation = Allocation(
                    id: AllocationID(high: 0, low: number), job: one.job.id, jobVersion: 0, group: "web", index: index,
                    node: nodes[place - 1].id, evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
                    resources: AllocatedResources(total: resources), time: WallTime(nanoseconds: 0))
                allocation.client = .running
                records.append(.putAllocation(allocation))
            }
        }
        return Snapshot(revision: Revision(1), epoch: Epoch(1), records: records)
    }

    /// What moves, as `name from to`.
    private func moves(_ snapshot: Snapshot, budget: Int = 10) -> [String] {
        TidyingPlan(for: snapshot, budget: budget).moves.map { "\($0.name) \($0.fromName) \($0.toName)" }
    }

    @Test func theFewestMovesComeFirst() {
        let snapshot = snapshot(
            nodes: 4,
            [
                Running("a", memory: 3000, on: 1), Running("b", memory: 500, on: 2), Running("c", memory: 200, on: 2),
                Running("d", memory: 300, on: 3),
            ])
        let plan = TidyingPlan(for: snapshot, budget: 10)
        #expect(moves(snapshot) == ["d.web[0] n3 n1", "b.web[0] n2 n1", "c.web[0] n2 n1"])
        #expect(moves(snapshot, budget: 2) == ["d.web[0] n3 n1"])
        #expect(plan.moves.first?.reason == "empties n3")
        #expect(plan.moves.first?.gain == 1)
        #expect(plan.emptied.first.map { [$0.name, "\($0.moves)", "\($0.usable.memoryMiB)"] } == ["n3", "1", "4096"])
    }

    @Test func severalThatEmptyANodeShareItsGain() {
        let snapshot = snapshot(
            nodes: 2,
            [
                Running("a", memory: 1000, on: 1), Running("b", memory: 500, on: 1), Running("c", memory: 900, on: 2),
                Running("d", memory: 400, on: 2), Running("e", memory: 200, on: 2),
            ])
        let plan = TidyingPlan(for: snapshot, budget: 2)
        #expect(plan.moves.map(\.name) == ["a.web[0]", "b.web[0]"] && plan.moves.allSatisfy { $0.gain == 0.5 })
        #expect(plan.moves.map(\.reason) == ["empties n1, with 1 other", "empties n1, with 1 other"])
        #expect(plan.emptied.map(\.moves) == [2])
        for budget in [1, 0, -1] { #expect(moves(snapshot, budget: budget) == []) }
    }

    @Test func aNodeIsEmptiedWhollyOrLeftAlone() {
        let some = [
            Running("a", memory: 3500, on: 1), Running("b", memory: 500, on: 2), Running("c", memory: 600, on: 2),
        ]
        // One of the two would fit beside a, both would not.
        #expect(moves(snapshot(nodes: 3, some)) == [])
        #expect(moves(snapshot(nodes: 3, Array(some.dropLast()))) == ["b.web[0] n2 n1"])
    }

    @Test(arguments: [JobKind.batch, .system, .sysbatch])
    func onlyServicesMove(kind: JobKind) {
        let base = Running("a", memory: 3000, on: 1, kind: .batch)
        #expect(moves(snapshot(nodes: 2, [base, Running("b", memory: 500, on: 2)])) == ["b.web[0] n2 n1"])
        #expect(moves(snapshot(nodes: 2, [base, Running("b", memory: 500, on: 2, kind: kind)])) == [])
        // One that stays keeps the others, unless it is one that stands on every node.
        let both = [base, Running("b", memory: 500, on: 2, kind: kind), Running("c", memory: 10, on: 2)]
        #expect(moves(snapshot(nodes: 2, both)) == (kind == .batch ? [] : ["c.web[0] n2 n1"]))
    }

    @Test func whereAPlaceMeansMoreThanRoomItIsKept() {
        let base = Running("a", memory: 3000, on: 1, kind: .batch)
        let wish = Affinity("${node.class}", .equal, "big")
        let changes: [(inout Job) -> Void] = [
            { $0.affinities = [wish] }, { $0.groups[0].affinities = [wish] },
            { $0.groups[0].tasks[0].affinities = [wish] }, { $0.spreads = [Spread("${meta.rack}")] },
            { $0.groups[0].spreads = [Spread("${meta.rack}")] },
            { $0.constraints = [Constraint("${node.unique.name}", .notEqual, "n1")] },
            { $0.constraints = [Constraint("${node.datacenter}", .equal, "elsewhere")] },
        ]
        for (number, change) in changes.enumerated() {
            let other = Running("b", memory: 500, on: 2, kind: .service, change)
            #expect(moves(snapshot(nodes: 2, [base, other])) == [], "\(number)")
        }
    }

    @Test func instancesOfAGroupStayApart() {
        #expect(moves(snapshot(nodes: 2, [Running("a", memory: 500, on: 1, 2)])) == [])
        let both = [Running("a", memory: 500, on: 1, 2), Running("b", memory: 3000, on: 3)]
        #expect(moves(snapshot(nodes: 3, both)).count == 1)
    }

    @Test func aLaterPoolIsNoPlaceToMoveTo() {
        func snapshot(_ first: String, _ second: String) -> Snapshot {
            self.snapshot(
                nodes: 2,
                [
                    Running("a", memory: 3000, on: 1, kind: .batch),
                    Running("b", memory: 500, on: 2) { $0.groups[0].nodePools = ["fast", "slow"] },
                ]
            ) { ($0[0].pool, $0[1].pool) = (first, second) }
        }
        #expect(moves(snapshot("fast", "slow")) == ["b.web[0] n2 n1"])
        #expect(moves(snapshot("slow", "fast")) == [])
        #expect(moves(snapshot("slow", "slow")) == ["b.web[0] n2 n1"])
    }

    @Test func nodesThatTakeNoWorkAreLeftAlone() {
        let some = [Running("a", memory: 3000, on: 1), Running("b", memory: 500, on: 2)]
        for place in 0...1 {
            #expect(moves(snapshot(nodes: 2, some) { $0[place].eligibility = .ineligible }) == [])
            #expect(moves(snapshot(nodes: 2, some) { $0[place].status = .down }) == [])
        }
    }

    @Test func nothingMovesToWhatIsKeptForOthers() {
        let some = [
            Running("a", memory: 3000, on: 1, kind: .batch), Running("b", memory: 500, on: 2),
            Running("c", memory: 2000, on: 3, kind: .batch),
        ]
        let snapshot = snapshot(nodes: 3, some)
        func moves(keeping names: String...) -> [String] {
            let kept = snapshot.nodes.sorted.filter { names.contains($0.name) }.map(\.id)
            var entropy = Entropy(seed: 1)
            let plan = TidyingPlan(
                for: snapshot, session: BinPackScheduler().session(on: snapshot), budget: 10, keeping: Set(kept),
                using: &entropy)
            return plan.moves.map { "\($0.name) \($0.fromName) \($0.toName)" }
        }
        #expect(moves() == ["b.web[0] n2 n1"])
        #expect(moves(keeping: "n1") == ["b.web[0] n2 n3"])
        #expect(moves(keeping: "n1", "n3") == [])
        #expect(moves(keeping: "n2") == ["b.web[0] n2 n1"], "what runs on such a node may leave it")
    }

    /// Instances that may not run on, or of a version that is not the newest, are not moved.
    @Test func whatChangesAnywayIsLeftAlone() {
        let some = [Running("a", memory: 3000, on: 1, kind: .batch), Running("b", memory: 500, on: 2)]
        let id = AllocationID(high: 0, low: 2)
        func after(_ change: (Allocation, JobRecord) -> Change) -> [String] {
            var snapshot = snapshot(nodes: 2, some)
            guard let allocation = snapshot.allocations[id], let record = snapshot.jobs[allocation.job] else {
                return ["-"]
            }
            let changes = [change(allocation, record)]
            let (revision, time) = (snapshot.revision.next, WallTime(nanoseconds: 0))
            snapshot.apply(ChangeBatch(revision: revision, epoch: Epoch(1), time: time, changes: changes))
            return moves(snapshot)
        }
        #expect(after { allocation, _ in .putAllocation(allocation) } == ["b.web[0] n2 n1"])
        for status in [ClientStatus.pending, .lost] {
            #expect(
                after { allocation, _ in
                    var allocation = allocation
                    allocation.client = status
                    return .putAllocation(allocation)
                } == [])
        }
        for desired in [DesiredStatus.stop, .evict] {
            #expect(
                after { allocation, _ in
                    var allocation = allocation
                    allocation.desired = desired
                    return .putAllocation(allocation)
                } == [])
        }
        #expect(
            after { _, record in .putJob(JobRecord(job: record.job, version: 1, submitTime: WallTime(nanoseconds: 0))) }
                == [])
        #expect(
            after { _, record in
                .putJob(JobRecord(job: record.job, stopped: true, submitTime: WallTime(nanoseconds: 0)))
            } == [])
    }

    /// Whatever the state: each move finds room when its turn comes, and the nodes are empty at the end.
    @Test(arguments: 1...20, [64, 1])
    func movesAreMadeInOrder(seed: UInt64, indexedFrom: Int) {
        var entropy = Entropy(seed: seed)
        var running: [Running] = []
        var left = Array(repeating: 4096, count: 30)
        for number in 0..<120 {
            let (place, memory) = (entropy.below(30), 50 + entropy.below(750))
            guard left[place] >= memory else { continue }
            left[place] -= memory
            running.append(
                Running("j\(number)", memory: memory, on: place + 1, kind: entropy.below(8) == 0 ? .batch : .service))
        }
        let snapshot = snapshot(nodes: 30, running)
        let budget = 5 + entropy.below(20)
        let plan = TidyingPlan(for: snapshot, scheduler: BinPackScheduler(indexedFrom: indexedFrom), budget: budget)
        #expect(plan.moves.count <= budget && plan.moves.count == plan.emptied.reduce(0) { $0 + $1.moves })
        var homes: [AllocationID: NodeID] = [:]
        for allocation in snapshot.allocations.sorted { homes[allocation.id] = allocation.node }
        let used = { Set(homes.values) }
        let before = used()
        for move in plan.moves {
            #expect(homes[move.allocation] == move.from && used().contains(move.to))
            homes[move.allocation] = move.to
            let memory = snapshot.allocations.sorted.filter { homes[$0.id] == move.to }
                .reduce(0) { $0 + $1.resources.total.memoryMiB }
            #expect(memory <= 4096)
        }
        #expect(before.subtracting(used()) == Set(plan.emptied.map(\.node)) && !plan.emptied.isEmpty)
    }
}
