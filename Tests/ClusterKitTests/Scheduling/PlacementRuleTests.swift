import Testing

@testable import ClusterKit

@Suite struct PlacementRuleTests {
    @Test func preferredPoolsComeFirst() throws {
        var nodes = sites([("a", 1), ("b", 1), ("c", 1), ("d", 1)])
        nodes[1].pool = "gpu"
        nodes[2].pool = "spare"
        // The default pool's node would have the better score: it is smaller.
        nodes[0].capacity = Resources(cpuMHz: 1200, memoryMiB: 600, diskMiB: 10_000)
        nodes[1].capacity.memoryMiB = 600
        var bench = PlacementBench(nodes)
        let job = Job.sample(count: 5) { $0.groups[0].nodePools = ["gpu", "default"] }
        let lines = try bench.lines(job)
        #expect(try #require(lines["a1"]?.score) > #require(lines["b1"]?.score))
        #expect(lines["c1"]?.refusal == "node pool")
        // Strictly by pool, and by score within one; in one call and in several.
        #expect(bench.names(bench.place(job, times: 3)) == ["b1", "b1", "a1"])
        #expect(bench.names(bench.place(job, times: 2)) == ["a1", "d1"])
    }

    @Test func explanationsListPoolsFirst() throws {
        var nodes = sites([("a", 1), ("b", 1)])
        nodes[1].pool = "gpu"
        nodes[1].capacity.memoryMiB *= 4
        let bench = PlacementBench(nodes)
        let job = Job.sample { $0.groups[0].nodePools = ["gpu", "all"] }
        let request = PlacementRequest(
            allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: "web")))
        #expect(BinPackScheduler().explain(request, on: bench.snapshot).lines.map(\.name) == ["b1", "a1"])
        // Without pools of its own a group takes the job's.
        let plain = Job.sample { $0.nodePool = "gpu" }
        #expect(try bench.lines(plain)["a1"]?.refusal == "node pool")
        let any = Job.sample { $0.nodePool = "all" }
        #expect(try bench.lines(any).values.allSatisfy { $0.score != nil })
    }

    @Test func propertiesAreShared() throws {
        var nodes = sites([("a", 2), ("b", 2), ("c", 1)])
        nodes[4].meta = [:]
        var bench = PlacementBench(nodes)
        let job = Job.sample(count: 6) { $0.constraints = [Constraint("${meta.rack}", .distinctProperty, "2")] }
        // Two for each rack, and none where there is no rack.
        #expect(bench.names(bench.place(job, times: 3)) == ["a1", "a2", "b1"])
        let decisions = bench.place(job, times: 2)
        #expect(bench.names(decisions) == ["b2", "-"])
        #expect(bench.refusal(decisions).filtered == ["${meta.rack} distinct_property 2": 5])
        let lines = try bench.lines(job)
        #expect(
            lines["a1"]?.refusal == "${meta.rack} distinct_property 2: 2 of its instances are at a already, 2 may be")
        #expect(lines["c1"]?.refusal == "${meta.rack} distinct_property 2: the node has no such attribute")
        // One that ends makes room for one.
        let first = try #require(bench.snapshot.allocations.sorted.first { $0.node == nodes[2].id })
        bench.end(first.id)
        #expect(bench.names(bench.place(job, times: 2)) == ["b1", "-"])
    }

    @Test func propertiesOfJobsCountAllGroups() throws {
        let rule = Constraint("${meta.rack}", .distinctProperty)
        let twoGroups = { (job: inout Job) in
            job.groups.append(TaskGroup(name: "db", count: 2, tasks: job.groups[0].tasks))
        }
        var bench = PlacementBench(sites([("a", 2), ("b", 2)]))
        let whole = Job.sample("whole", count: 2) {
            twoGroups(&$0); $0.constraints = [rule]
        }
        #expect(bench.names(bench.place(whole)) == ["a1"])
        #expect(bench.names(bench.place(whole, "db", times: 2)) == ["b1", "-"])
        let own = Job.sample("own", count: 2) {
            twoGroups(&$0); $0.groups[1].constraints = [rule]
        }
        #expect(bench.names(bench.place(own, times: 1)) == ["a1"])
        #expect(bench.names(bench.place(own, "db", times: 3)).contains("-"))
        #expect(try bench.lines(own)["a1"]?.refusal == "")
        // A limit that cannot be read admits nothing.
        let wrong = Job.sample("wrong") { $0.constraints = [Constraint("${meta.rack}", .distinctProperty, "few")] }
        #expect(bench.names(bench.place(wrong)) == ["-"])
    }

    @Test func hostsOfJobsCountAllGroups() throws {
        let rule = Constraint("", .distinctHosts)
        let groups = { (job: inout Job) in
            job.groups.append(TaskGroup(name: "db", count: 2, tasks: job.groups[0].tasks))
        }
        var bench = PlacementBench(sites([("a", 2)]))
        let whole = Job.sample("whole", count: 2) {
            groups(&$0); $0.constraints = [rule]
        }
        #expect(bench.names(bench.place(whole)) == ["a1"])
        #expect(
            try bench.lines(whole, "db")["a1"]?.refusal == "distinct_hosts: 1 of its instances is here or to come here")
        #expect(bench.names(bench.place(whole, "db", times: 2)) == ["a2", "-"])
        let own = Job.sample("own", count: 2) {
            groups(&$0); $0.groups[0].constraints = [rule]
        }
        #expect(bench.names(bench.place(own, times: 3)) == ["a1", "a2", "-"])
        #expect(bench.names(bench.place(own, "db")) == ["a1"])
    }

    @Test func volumesBelongToNodes() throws {
        var nodes = sites([("a", 1), ("b", 1), ("c", 1)])
        nodes[1].hostVolumes = ["cache": HostVolume(path: "/cache", readOnly: true)]
        nodes[2].hostVolumes = ["cache": HostVolume(path: "/cache")]
        var bench = PlacementBench(nodes)
        let writing = Job.sample("writing") { $0.groups[0].volumes = [VolumeRequest(name: "v", source: "cache")] }
        let lines = try bench.lines(writing)
        #expect(lines["a1"]?.refusal == "missing host volumes \"cache\"")
        #expect(lines["b1"]?.refusal == "read-only host volumes \"cache\"")
        #expect(bench.names(bench.place(writing)) == ["c1"])
        let reading = Job.sample("reading") { job in
            job.groups[0].volumes = [VolumeRequest(name: "v", source: "cache", readOnly: true)]
        }
        #expect(bench.names(bench.place(reading)) == ["c1"])
        bench.commit([.removeNode(nodes[2].id)])
        #expect(bench.names(bench.place(reading)) == ["b1"])
        let other = Job.sample("other") { job in
            job.groups[0].volumes = [VolumeRequest(name: "v", kind: "csi", source: "cache", readOnly: true)]
        }
        #expect(bench.names(bench.place(other)) == ["-"])
    }

    @Test func requestsMayNameNodes() throws {
        var nodes = sites([("a", 3), ("b", 1)])
        nodes[2].status = .down
        var bench = PlacementBench(nodes)
        let job = Job.sample(count: 9)
        #expect(bench.names(bench.place(job) { $0.pinned = nodes[3].id }) == ["b1"])
        #expect(bench.names(bench.place(job) { $0.withheld = [nodes[0].id, nodes[2].id] }) == ["a2"])
        let down = bench.place(job) { $0.pinned = nodes[2].id }
        #expect(bench.refusal(down).filtered == ["node is not ready": 1, "the instance is for another node": 3])
        let gone = bench.place(job) { $0.pinned = NodeID(high: 7, low: 7) }
        #expect(bench.refusal(gone).filtered == ["node is not ready": 1, "the instance is for another node": 3])
        let both = bench.place(job) {
            $0.pinned = nodes[0].id
            $0.withheld = [nodes[0].id, nodes[1].id]
        }
        #expect(
            bench.refusal(both).filtered == [
                "node is not ready": 1, "kept for other work": 2, "the instance is for another node": 1,
            ])
        let lines = try bench.lines(job) {
            $0.pinned = nodes[0].id
            $0.withheld = [nodes[1].id, nodes[2].id]
        }
        #expect(lines["a1"]?.score != nil)
        #expect(lines["a2"]?.refusal == "kept for other work")
        #expect(lines["a3"]?.refusal == "node is not ready")
        #expect(lines["b1"]?.refusal == "the instance is for another node")
    }

    @Test func aRefusalHoldsForEqualRequestsOnly() {
        let nodes = sites([("a", 2)])
        var bench = PlacementBench(nodes)
        let job = Job.sample(count: 9, memory: 4096)
        // The first is refused, for both nodes are withheld; the others are not.
        var number = 0
        let decisions = bench.place(job, times: 5) { request in
            request.withheld = number == 0 || number == 4 ? Set(nodes.map(\.id)) : number == 1 ? [nodes[0].id] : []
            number += 1
        }
        #expect(bench.names(decisions) == ["-", "a2", "a1", "-", "-"])
        guard case .refused(let first) = decisions[0], case .refused(let full) = decisions[3],
            case .refused(let last) = decisions[4]
        else { return }
        #expect(first.filtered == ["kept for other work": 2] && first.exhausted.isEmpty)
        #expect(full.filtered.isEmpty && full.exhausted == ["memory": 2])
        #expect(last == first)
    }
}
