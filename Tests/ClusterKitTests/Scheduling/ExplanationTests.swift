import ClusterTesting
import Testing

@testable import ClusterKit

/// Why not: every node is named once, and what is proposed helps.
@Suite struct ExplanationTests {
    private static let size = 39

    /// 39 nodes of 4 cores and 4 GiB that refuse the job for seven different reasons.
    private func cluster(_ job: Job) -> (snapshot: Snapshot, nodes: [Node]) {
        var nodes = sampleNodes(Self.size)
        var allocations: [Allocation] = []
        for index in nodes.indices {
            switch index % 7 {
            case 0: nodes[index].eligibility = .ineligible
            case 1: nodes[index].datacenter = "elsewhere"
            case 2: nodes[index].pool = "gpu"
            case 3: nodes[index].drivers = [:]
            case 4: nodes[index].attributes["kernel.name"] = "plan9"
            case 5: allocations.append(allocation(index, of: job, on: nodes[index], memory: 64))
            default: allocations.append(allocation(index, of: Job(id: JobID("other")), on: nodes[index], memory: 3000))
            }
        }
        return (
            Snapshot(
                revision: Revision(1), epoch: Epoch(1),
                records: nodes.map(Change.putNode) + allocations.map(Change.putAllocation)), nodes
        )
    }

    private func allocation(_ number: Int, of job: Job, on node: Node, memory: Int) -> Allocation {
        var allocation = Allocation(
            id: AllocationID(high: 7, low: UInt64(number)), job: job.id, jobVersion: 0, group: "web", index: number,
            node: node.id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources(cpuMHz: 100, memoryMiB: memory, diskMiB: 300)),
            time: WallTime(nanoseconds: 0))
        allocation.client = .running
        return allocation
    }

    private var demanding: Job {
        .sample("shop", memory: 2000) { job in
            job.datacenters = ["dc1"]
            job.constraints = [
                Constraint("${attr.kernel.name}", .equal, "linux"), Constraint("", .distinctHosts),
            ]
        }
    }

    private func request(_ job: Job) throws -> PlacementRequest {
        PlacementRequest(
            allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: "web")))
    }

    @Test func everyNodeIsNamedOnceWithItsReason() throws {
        let (snapshot, nodes) = cluster(demanding)
        let explanation = BinPackScheduler().explain(try request(demanding), on: snapshot)
        #expect(explanation.lines.map(\.name).sorted() == nodes.map(\.name).sorted())
        #expect(explanation.lines.allSatisfy { $0.score == nil && !$0.refusal.isEmpty })
        let groups = explanation.refusals
        #expect(groups.count == 7)
        #expect(groups.flatMap(\.nodes).sorted() == nodes.map(\.name).sorted())
        #expect(
            Set(groups.map(\.refusal)) == [
                "node is not eligible", "datacenter", "node pool", "missing drivers \"raw_exec\"",
                "${attr.kernel.name} = linux", "distinct_hosts: 1 of its instances is here or to come here",
                "memory: needs 2000 MiB, 1096 MiB free",
            ])
    }

    /// Of 39 nodes that are not what is asked for, the job's author wants to know what they are.
    @Test func refusalsNameWhatTheNodesHave() throws {
        let (snapshot, _) = cluster(demanding)
        let groups = BinPackScheduler().explain(try request(demanding), on: snapshot).refusals
        let findings = Dictionary(
            uniqueKeysWithValues: groups.compactMap { group in group.finding.map { (group.refusal, $0) } })
        #expect(findings.keys.sorted() == ["${attr.kernel.name} = linux", "datacenter", "node pool"])
        let kernel = try #require(findings["${attr.kernel.name} = linux"])
        #expect(kernel.name == "attr.kernel.name" && kernel.others == 0)
        #expect(kernel.values == [.init(value: "plan9", nodes: 5)])
        #expect(findings["datacenter"]?.values.map(\.value) == ["elsewhere"])
        #expect(findings["node pool"]?.values.map(\.value) == ["gpu"])
    }

    @Test func onlyFewAndShortValuesAreNamed() throws {
        var nodes = sampleNodes(12)
        for index in nodes.indices where index >= 3 { nodes[index].meta["rack"] = "r\(min(index, 10))" }
        nodes[3].meta["rack"] = String(repeating: "x", count: 100)
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        let job = Job.sample("shop") { $0.constraints = [Constraint("${meta.rack}", .equal, "r99")] }
        let finding = try #require(
            BinPackScheduler().explain(try request(job), on: snapshot).refusals.first?.finding)
        #expect(finding.values.map(\.nodes) == [3, 2, 1, 1, 1] && finding.others == 4)
        #expect(finding.values.prefix(2).map(\.value) == [nil, "r10"])
        let long = Explanation.Finding(in: [.init("meta.rack", String(repeating: "x", count: 100))])
        #expect(long?.values.first?.value == String(repeating: "x", count: 63) + "…")
    }

    @Test func theCheapestRemedyOfEachKindIsProposed() throws {
        let (snapshot, _) = cluster(demanding)
        let remedies = BinPackScheduler().explain(try request(demanding), on: snapshot).remedies
        #expect(remedies.count == 3)
        let trial = RemedyTrial(state: snapshot, request: try request(demanding))
        for remedy in remedies {
            let isPlaced = trial.places(remedy)
            #expect(isPlaced, "\(remedy)")
        }
        #expect(remedies.map(\.description).first == "with 904 MiB less memory it fits on n14")
        #expect(
            remedies.map(\.description).dropFirst().first?.hasPrefix("without alloc 00000000 it fits on n14") == true)
    }

    @Test func takersComeWithTheirPartsAndNoRemedy() throws {
        let snapshot = Snapshot(
            revision: Revision(1), epoch: Epoch(1), records: sampleNodes(3).map(Change.putNode))
        let explanation = BinPackScheduler().explain(try request(.sample()), on: snapshot)
        #expect(explanation.lines.map(\.name) == ["n1", "n2", "n3"])
        #expect(explanation.refusals == [] && explanation.remedies == [])
    }
}
