import ClusterKit
import ClusterTesting
import Testing

/// Scores and victims of the reference, worked out by hand.
@Suite struct ReferenceScoreTests {
    private var bench = ReferenceBench()

    private func part(_ name: String, of job: Job, on nodes: [Node], at node: String) -> Double? {
        bench.lines(job, on: nodes)[node]?.parts[name]
    }

    private func isNear(_ value: Double?, _ expected: Double) -> Bool { abs((value ?? .infinity) - expected) < 1e-6 }

    @Test func packsOrSpreads() {
        var bench = bench
        let node = bench.node("n1")
        // 10^0.75 + 10^0.5 = 8.785691
        #expect(isNear(bench.lines(bench.job(), on: [node])["n1"]?.score, (20 - 8.785691) / 18))
        bench.rules.algorithm = .spread
        #expect(isNear(bench.lines(bench.job(), on: [node])["n1"]?.score, (8.785691 - 2) / 18))
    }

    @Test func wishesCountByWeight() {
        let job = bench.job { job in
            job.affinities = [Affinity("${node.datacenter}", .equal, "dc1", weight: 50)]
            job.groups[0].affinities = [Affinity("${meta.rack}", .equal, "r1", weight: -30)]
            job.groups[0].tasks[0].affinities = [Affinity("${node.class}", .equal, "big", weight: 20)]
        }
        let nodes = [bench.node("n1", rack: "r1"), bench.node("n2", rack: "r2")]
        #expect(isNear(part("node-affinity", of: job, on: nodes, at: "n1"), 0.2))
        #expect(isNear(part("node-affinity", of: job, on: nodes, at: "n2"), 0.5))
    }

    @Test func spreadsCountTowardTheirTargets() {
        var bench = bench
        let nodes = [bench.node("n1", rack: "r1"), bench.node("n2", rack: "r2"), bench.node("n3")]
        let job = bench.job(count: 4) { job in
            job.groups[0].spreads = [
                Spread("${meta.rack}", weight: 30, targets: [SpreadTarget("r1", percent: 50)]),
                Spread(
                    "${node.datacenter}", weight: 10,
                    targets: [SpreadTarget("dc1", percent: 75), SpreadTarget("dc2", percent: 25)]),
            ]
        }
        // Of four instances two belong to r1 and two elsewhere, three to dc1.
        let datacenter = (3.0 - 1) / 3 * 0.25
        #expect(isNear(part("allocation-spread", of: job, on: nodes, at: "n1"), 0.5 * 0.75 + datacenter))
        #expect(isNear(part("allocation-spread", of: job, on: nodes, at: "n3"), -1 + datacenter))
        bench.run(job, on: nodes[0], Resources(cpuMHz: 10), number: 1)
        let next = (3.0 - 2) / 3 * 0.25
        #expect(isNear(bench.lines(job, on: nodes)["n1"]?.parts["allocation-spread"], next))
        #expect(isNear(bench.lines(job, on: nodes)["n2"]?.parts["allocation-spread"], 0.5 * 0.75 + next))
    }

    @Test func withoutTargetsAllShallHoldTheSame() {
        var bench = bench
        let nodes = [bench.node("n1", rack: "r1"), bench.node("n2", rack: "r2"), bench.node("n3", rack: "r3")]
        let job = bench.job(count: 4) { $0.spreads = [Spread("${meta.rack}")] }
        let parts = { (bench: ReferenceBench) in
            let lines = bench.lines(job, on: nodes)
            return ["n1", "n2", "n3"].map { lines[$0]?.parts["allocation-spread"] }
        }
        #expect(parts(bench) == [nil, nil, nil])
        for (number, node) in [nodes[0], nodes[0], nodes[0], nodes[1], nodes[1]].enumerated() {
            bench.run(job, on: node, Resources(cpuMHz: 10), number: UInt64(number))
        }
        #expect(parts(bench) == [-0.5, 0.5, 1])
    }

    @Test func devicesAreChosenByWishThenByName() {
        var node = bench.node("n1")
        for (model, memory) in [("a", "16 GiB"), ("b", "40 GiB"), ("c", "40 GiB")] {
            node.devices.append(
                DeviceGroup(
                    name: DeviceName(vendor: "v", kind: "gpu", model: model), attributes: ["memory": memory],
                    instances: [DeviceInstance("2"), DeviceInstance("1"), DeviceInstance("0", healthy: false)]))
        }
        let wish = Affinity("${device.attr.memory}", .greater, "20 GiB", weight: 60)
        let job = bench.job { job in
            job.groups[0].tasks[0].resources.devices = [
                DeviceRequest(name: "gpu", affinities: [wish]), DeviceRequest(name: "gpu", count: 2),
                DeviceRequest(name: "gpu", affinities: [Affinity("${device.model}", .equal, "z", weight: 20)]),
            ]
        }
        #expect(isNear(part("devices", of: job, on: [node], at: "n1"), 0.75))
        var entropy = Entropy(seed: 1)
        var session = ReferenceScheduler().session(on: bench.snapshot([node]))
        guard case .placed(let placement) = session.place(bench.request(job), using: &entropy).first else {
            Issue.record("the node was refused")
            return
        }
        #expect(placement.resources.devices.map { $0.name.model + $0.instances.joined() } == ["b1", "a12", "b2"])
    }

    @Test func earlierPoolsComeBeforeScores() {
        var bench = bench
        let nodes = [bench.node("n1", pool: "gpu"), bench.node("n2", pool: "edge"), bench.node("n3", pool: "default")]
        bench.run(bench.job("old"), on: nodes[1], Resources(cpuMHz: 700, memoryMiB: 400), number: 1)
        let job = bench.job { $0.groups[0].nodePools = ["gpu", "edge"] }
        var session = ReferenceScheduler().session(on: bench.snapshot(nodes))
        var entropy = Entropy(seed: 1)
        let places = (1...4).map { number in
            session.place(bench.request(job, number: number), using: &entropy).map { decision -> String in
                guard case .placed(let placement) = decision else { return "-" }
                return nodes.first { $0.id == placement.node }?.name ?? "?"
            }
        }
        #expect(places == [["n1"], ["n1"], ["n2"], ["-"]])
    }

    @Test func victimsAreThoseThatFitBest() {
        var bench = bench
        let node = bench.node("n1")
        bench.run(
            bench.job("a", priority: 10), on: node, Resources(cpuMHz: 200, memoryMiB: 300, diskMiB: 100), number: 1)
        bench.run(
            bench.job("b", priority: 10), on: node, Resources(cpuMHz: 400, memoryMiB: 400, diskMiB: 100), number: 2)
        bench.run(
            bench.job("c", priority: 41), on: node, Resources(cpuMHz: 400, memoryMiB: 300, diskMiB: 100), number: 3)
        let job = bench.job { $0.groups[0].tasks[0].resources = TaskResources(cpuMHz: 300, memoryMiB: 300) }
        var session = ReferenceScheduler().session(on: bench.snapshot([node]))
        var entropy = Entropy(seed: 1)
        guard case .placed(let placement) = session.place(bench.request(job), using: &entropy).first else {
            Issue.record("nobody made room")
            return
        }
        // a is nearest (1/3), then b is needed, and then a is not any more.
        #expect(placement.evicting == [AllocationID(high: 0, low: 2)])
        // Free after it: 100 MHz and 100 MiB. net = 10 + 10 / 10.
        let fit = (20 - 2 * 1.2589254) / 18
        #expect(isNear(placement.score, (fit + 0.9999433) / 2))
        // What makes room holds it until its end is confirmed: others may wait for that, if they may make anybody wait.
        var small = bench.job("small", priority: 20) { job in
            job.kind = .batch
            job.groups[0].tasks[0].resources = TaskResources(cpuMHz: 50, memoryMiB: 50)
        }
        #expect(refusals(session.place(bench.request(small, number: 2), using: &entropy)) == 1)
        small.kind = .service
        let decisions = session.place(bench.request(small, number: 3), using: &entropy)
        guard case .placed(let later) = decisions.first else {
            Issue.record("nobody waited")
            return
        }
        #expect(later.evicting == placement.evicting)
        session.release(bench.request(job).map(\.allocation) + bench.request(small, number: 3).map(\.allocation))
        bench.rules.preempting = []
        session = ReferenceScheduler().session(on: bench.snapshot([node]))
        #expect(refusals(session.place(bench.request(job), using: &entropy)) == 1)
    }

    @Test func equalVictimsAreChosenByAge() {
        var bench = bench
        let node = bench.node("n1")
        let half = Resources(cpuMHz: 500, memoryMiB: 500, diskMiB: 100)
        bench.run(bench.job("a", priority: 10), on: node, half, number: 1, placed: 9)
        bench.run(bench.job("b", priority: 10), on: node, half, number: 2, placed: 5)
        var session = ReferenceScheduler().session(on: bench.snapshot([node]))
        var entropy = Entropy(seed: 1)
        let decisions = session.place(bench.request(bench.job()), using: &entropy)
        guard case .placed(let placement) = decisions.first else {
            Issue.record("nobody made room")
            return
        }
        #expect(placement.evicting == [AllocationID(high: 0, low: 1)])
    }

    private func refusals(_ decisions: [Decision]) -> Int {
        decisions.count { if case .refused = $0 { true } else { false } }
    }
}
