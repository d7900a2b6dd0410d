import ClusterTesting
import Testing

@testable import ClusterKit

@Suite struct PlacementTests {
    private func place(
        _ job: Job, _ group: String = "web", times: Int = 1, avoiding: Set<NodeID> = [], on nodes: [Node],
        running: [Allocation] = []
    ) -> [Decision] {
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1),
            records: nodes.map(Change.putNode) + running.map(Change.putAllocation))
        var session = BinPackScheduler().session(on: snapshot)
        var entropy = Entropy(seed: 3)
        guard let subject = PlacementSubject(job, group: group) else { return [] }
        let requests = (0..<times).map { _ in
            PlacementRequest(allocation: entropy.identifier(), subject: subject, avoided: avoiding)
        }
        return session.place(requests, using: &entropy)
    }

    private func names(_ decisions: [Decision], _ nodes: [Node]) -> [String] {
        decisions.map { decision in
            guard case .placed(let placement) = decision else { return "-" }
            return nodes.first { $0.id == placement.node }?.name ?? "?"
        }
    }

    private func refusal(_ decisions: [Decision]) -> Refusal {
        for case .refused(let refusal) in decisions { return refusal }
        Issue.record("nothing was refused")
        return Refusal()
    }

    @Test func scoreIsNomads() {
        #expect(FitScore.fit(freeCPU: 0, freeMemory: 0) == 1)
        #expect(FitScore.fit(freeCPU: 1, freeMemory: 1) == 0)
        #expect(abs(FitScore.fit(freeCPU: 0.5, freeMemory: 0.5) - 13.675_444_679_663_241 / 18) < 1e-12)
        // Outside of what can be: held within 0 and 1.
        #expect(FitScore.fit(freeCPU: -3, freeMemory: -3) == 1)
        #expect(FitScore.fit(freeCPU: 2, freeMemory: 2) == 0)
    }

    @Test func fullestNodeWinsAndTiesGoToTheFirstName() {
        var nodes = sampleNodes(3)
        nodes[2].capacity = Resources(cpuMHz: 2500, memoryMiB: 1024, diskMiB: 10_000)
        #expect(names(place(.sample(), on: nodes), nodes) == ["n3"])
        nodes.remove(at: 2)
        #expect(names(place(.sample(), on: nodes.reversed()), nodes) == ["n1"])
    }

    @Test func siblingsKeepAway() {
        let nodes = sampleNodes(3)
        #expect(names(place(.sample(count: 3), times: 3, on: nodes), nodes) == ["n1", "n2", "n3"])
        // Where there is no choice they share a node; the part is -(siblings + 1) / count.
        guard case .placed(let second) = place(.sample(count: 3), times: 2, on: [nodes[0]])[1] else {
            Issue.record("the second instance found no node")
            return
        }
        let fit = FitScore.fit(freeCPU: 1 - 1000.0 / 10_000, freeMemory: 1 - 512.0 / 4096)
        #expect(abs(second.score - (fit - 2.0 / 3) / 2) < 1e-12)
    }

    @Test func failedNodesAreAvoidedButNotExcluded() {
        let nodes = sampleNodes(2)
        #expect(names(place(.sample(), avoiding: [nodes[0].id], on: nodes), nodes) == ["n2"])
        #expect(names(place(.sample(), avoiding: [nodes[0].id], on: [nodes[0]]), nodes) == ["n1"])
    }

    @Test func distinctHosts() {
        let nodes = sampleNodes(2)
        let job = Job.sample(count: 3) { $0.constraints = [Constraint("", .distinctHosts)] }
        let decisions = place(job, times: 3, on: nodes)
        #expect(names(decisions, nodes) == ["n1", "n2", "-"])
        #expect(refusal(decisions).filtered == ["distinct_hosts": 2])
        let off = Job.sample(count: 3) { $0.constraints = [Constraint("", .distinctHosts, "false")] }
        #expect(!names(place(off, times: 3, on: nodes), nodes).contains("-"))
    }

    @Test func coresThatAreKeptBackAreNobodys() throws {
        var node = sampleNodes(1)[0]
        node.reservedCores = [0, 2, 9]
        var bench = PlacementBench([node])
        let job = Job.sample(count: 3) { $0.groups[0].tasks[0].resources = TaskResources(cpuMHz: 0, cores: 1) }
        let decisions = bench.place(job, times: 3)
        let cores = decisions.map { decision in
            if case .placed(let placement) = decision { placement.resources.cores["main"] ?? [] } else { [Int]() }
        }
        #expect(cores == [[1], [3], []])
        #expect(
            bench.refusal(decisions).shortages == ["cores: needs 1, most free is 0 on n1 (1 node looked at)"])
        // A core that was held when it began to be kept back does not come free with its holder.
        node.reservedCores = [0, 1, 2]
        bench.commit([.putNode(node)])
        for allocation in bench.snapshot.allocations.sorted { bench.end(allocation.id) }
        #expect(bench.session.vacancy(on: node.id)?.cores == 1)
        #expect(BinPackScheduler().session(on: bench.snapshot).vacancy(on: node.id)?.cores == 1)
    }

    @Test func coresAreExclusiveAndTakeTheirShare() throws {
        let nodes = sampleNodes(1)
        let job = Job.sample(count: 3) { $0.groups[0].tasks[0].resources = TaskResources(cpuMHz: 0, cores: 2) }
        let decisions = place(job, times: 3, on: nodes)
        var cores: [[Int]] = []
        for case .placed(let placement) in decisions {
            cores.append(placement.resources.cores["main"] ?? [])
            #expect(placement.resources.total.cpuMHz == 5000)
        }
        #expect(cores == [[0, 1], [2, 3]])
        #expect(
            refusal(decisions).shortages == [
                "cores: needs 2, most free is 0 on n1 (1 node looked at)",
                "cpu: needs 5000 MHz, most free is 0 MHz on n1 (1 node looked at)",
            ])
    }

    @Test func portsAreGivenOnce() throws {
        var nodes = sampleNodes(1)
        nodes[0].dynamicPorts = 20_000...20_002
        nodes[0].reservedPorts = [20_001]
        let job = Job.sample(count: 3) { job in
            job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", to: 80)])
        }
        let decisions = place(job, times: 3, on: nodes)
        var ports: Set<Int> = []
        for case .placed(let placement) in decisions {
            for port in placement.resources.ports {
                let isNew = ports.insert(port.value).inserted
                #expect(isNew && port.to == 80)
            }
        }
        #expect(ports == [20_000, 20_002])
        #expect(refusal(decisions).exhausted == ["network: dynamic port selection failed": 1])

        let fixed = Job.sample { $0.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 20_001)]) }
        let refused = refusal(place(fixed, on: nodes))
        #expect(refused.exhausted == ["network: reserved port collision http=20001": 1])
        #expect(refused.shortages == ["port 20001 is taken on \(nodes[0].name) (1 node looked at)"])
        let wrong = Job.sample { $0.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 70_000)]) }
        #expect(refusal(place(wrong, on: nodes)).exhausted == ["network: no such port http=70000": 1])
    }

    @Test func stoppingInstancesHoldTheirRoom() {
        let nodes = sampleNodes(1, memoryGiB: 1)
        var running = Allocation(
            id: AllocationID(high: 1, low: 1), job: JobID("old"), jobVersion: 0, group: "web", index: 0,
            node: nodes[0].id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources(cpuMHz: 100, memoryMiB: 900)),
            time: WallTime(nanoseconds: 0))
        running.desired = .stop
        running.client = .running
        #expect(names(place(.sample(), on: nodes, running: [running]), nodes) == ["-"])
        running.client = .complete
        #expect(names(place(.sample(), on: nodes, running: [running]), nodes) == ["n1"])
    }

    @Test func refusalCountsAndNumbers() {
        var nodes = sampleNodes(6, cores: 16, memoryGiB: 28)
        nodes[0].status = .down
        nodes[1].datacenter = "dc2"
        nodes[2].drivers = [:]
        nodes[4].capacity.cpuMHz = 100
        nodes[5].capacity.memoryMiB = 20_000
        let job = Job.sample(memory: 65_536) { $0.datacenters = ["dc1"] }
        let refusal = refusal(place(job, on: nodes))
        #expect(refusal.nodesEvaluated == 6)
        #expect(refusal.filtered == ["node is not ready": 1, "datacenter": 1, "missing drivers \"raw_exec\"": 1])
        #expect(refusal.exhausted == ["cpu": 1, "memory": 2])
        #expect(refusal.nodesAvailable == ["dc1": 4, "dc2": 1])
        #expect(
            refusal.shortages == [
                "memory: needs 65536 MiB, most free is 28672 MiB on n4 (3 nodes looked at)",
                "cpu: needs 500 MHz, most free is 100 MHz on n5 (1 of 3 nodes looked at)",
            ])
    }

    @Test func refusalsWithoutNodes() {
        #expect(refusal(place(.sample(), on: [])).shortages == ["the cluster has no nodes; start an agent"])
        #expect(PlacementSubject(.sample(), group: "none") == nil)
    }

    @Test func explanationNamesEachNode() throws {
        var nodes = sampleNodes(4)
        nodes[1].capacity.memoryMiB = 100
        nodes[2].eligibility = .ineligible
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        let request = PlacementRequest(
            allocation: AllocationID(high: 1, low: 1),
            subject: try #require(PlacementSubject(.sample(), group: "web")), avoided: [nodes[0].id])
        let lines = BinPackScheduler().explain(request, on: snapshot).lines
        #expect(lines.map(\.name) == ["n4", "n1", "n2", "n3"])
        #expect(lines[1].parts.keys.sorted() == ["binpack", "node-reschedule-penalty"])
        #expect(lines[2].refusal == "memory: needs 256 MiB, 100 MiB free")
        #expect(lines[3].refusal == "node is not eligible")
    }

    @Test func hostileNumbersDoNotTrap() {
        var node = sampleNodes(1)[0]
        node.capacity = Resources(cpuMHz: .max, memoryMiB: .max, diskMiB: .max)
        node.reserved = Resources(cpuMHz: .min, memoryMiB: .min, diskMiB: .min)
        (node.cores, node.dynamicPorts, node.reservedPorts) = (.max, Int.min...Int.max, [.min, .max, 22])
        var held = Allocation(
            id: AllocationID(high: 1, low: 1), job: JobID("old"), jobVersion: 0, group: "web", index: 0,
            node: node.id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: .max, memoryMiB: .max, diskMiB: .min), cores: ["a": [.min, .max]],
                ports: [PortMapping(label: "x", value: .max)]), time: WallTime(nanoseconds: 0))
        held.client = .running
        let job = Job.sample(cpu: .max, memory: .max) { job in
            job.groups[0].disk.sizeMiB = .max
            job.groups[0].tasks.append(TaskSpec(name: "b", resources: TaskResources(cpuMHz: .max, cores: .max)))
            job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "p", number: .min)])
        }
        #expect(names(place(job, on: [node], running: [held]), [node]) == ["-"])
        #expect(names(place(.sample(cpu: .min, memory: .min), on: [node]), [node]) == ["n1"])
    }
}
