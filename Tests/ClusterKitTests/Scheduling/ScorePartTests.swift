import Testing

@testable import ClusterKit

@Suite struct ScorePartTests {
    /// Binpack of the sample job on an empty sample node: shares of 9500 / 10000 MHz and 3840 / 4096 MiB stay free.
    private let alone = FitScore.fit(freeCPU: 0.95, freeMemory: 0.9375)

    @Test func affinitiesDiluteTheOtherParts() throws {
        var nodes = sites([("a", 1), ("b", 1), ("c", 1)])
        nodes[1].nodeClass = "fast"
        nodes[2].nodeClass = "slow"
        let bench = PlacementBench(nodes)
        let job = Job.sample { job in
            job.affinities = [Affinity("${node.class}", .equal, "fast", weight: 50)]
            job.groups[0].affinities = [Affinity("${node.class}", .equal, "slow", weight: -100)]
            job.groups[0].tasks[0].affinities = [Affinity("${meta.rack}", .regexp, "^[bc]$", weight: 10)]
        }
        let lines = try bench.lines(job)
        // Nothing matches: no part, and binpack alone is the score.
        #expect(lines["a1"]?.parts == ["binpack": alone])
        #expect(try #require(lines["a1"]?.score).isNearly(alone))
        // (50 + 10) / 160 and (-100 + 10) / 160, each in the mean with binpack.
        #expect(lines["b1"]?.parts["node-affinity"] == 0.375)
        #expect(try #require(lines["b1"]?.score).isNearly((alone + 0.375) / 2))
        #expect(lines["c1"]?.parts["node-affinity"] == -0.5625)
        #expect(try #require(lines["c1"]?.score).isNearly((alone - 0.5625) / 2))
    }

    @Test func affinitiesThatCancelOutAreNoPart() throws {
        let bench = PlacementBench(sites([("a", 1)]))
        let job = Job.sample { job in
            job.affinities = [
                Affinity("${meta.rack}", .equal, "a", weight: 30), Affinity("${meta.rack}", .isSet, weight: -30),
            ]
        }
        #expect(try bench.lines(job)["a1"]?.parts == ["binpack": alone])
    }

    @Test func clusterMaySpread() throws {
        var nodes = sites([("a", 1), ("b", 1)])
        nodes[0].capacity = Resources(cpuMHz: 5000, memoryMiB: 2048, diskMiB: 10_000)
        var bench = PlacementBench(nodes)
        #expect(bench.names(bench.place(.sample("one"))) == ["a1"])
        bench.commit([.putSchedulingRules(SchedulingRules(algorithm: .spread))])
        #expect(bench.names(bench.place(.sample("two"))) == ["b1"])
        // A session made from the state knows it as well.
        let lines = try PlacementBench(nodes, rules: SchedulingRules(algorithm: .spread)).lines(.sample())
        #expect(
            try #require(lines["b1"]?.parts["binpack"]).isNearly(
                (8.912_509_381_337_454 + 8.659_643_233_600_653 - 2) / 18))
        #expect(FitScore.fit(freeCPU: 0, freeMemory: 0, algorithm: .spread) == 0)
        #expect(FitScore.fit(freeCPU: 1, freeMemory: 1, algorithm: .spread) == 1)
    }

    @Test func allPartsTogether() throws {
        var bench = PlacementBench(sites([("a", 2)]))
        let job = Job.sample(count: 4) { job in
            job.affinities = [Affinity("${node.unique.name}", .equal, "a1", weight: 25)]
            job.spreads = [Spread("${meta.rack}", targets: [SpreadTarget("a", percent: 100)])]
        }
        #expect(bench.names(bench.place(job)) == ["a1"])
        let everyone = Set(bench.snapshot.nodes.sorted.map(\.id))
        let line = try #require(try bench.lines(job) { $0.avoided = everyone }["a1"])
        let binpack = FitScore.fit(freeCPU: 0.9, freeMemory: 0.875)
        #expect(
            line.parts == [
                "binpack": binpack, "job-anti-affinity": -0.5, "node-affinity": 1, "node-reschedule-penalty": -1,
                "allocation-spread": 0.5,
            ])
        #expect(try #require(line.score).isNearly(binpack / 5))
    }

    @Test func embeddersAddParts() throws {
        var nodes = sites([("a", 1), ("b", 1), ("c", 1)])
        nodes[1].meta["cache"] = "stable"
        nodes[2].meta["cache"] = "main"
        let warm = LocalityScore("warm-cache") { subject, node in
            guard let branch = subject.job.meta["branch"] else { return nil }
            return node.meta["cache"] == branch ? 7 : nil
        }
        let nonsense = LocalityScore("nonsense") { _, node in node.name == "b1" ? .nan : nil }
        let job = Job.sample { $0.meta["branch"] = "main" }
        var bench = PlacementBench(nodes, scheduler: BinPackScheduler(localities: [warm, nonsense]))
        let lines = try bench.lines(job)
        #expect(lines["a1"]?.parts == ["binpack": alone])
        #expect(lines["b1"]?.parts == ["binpack": alone])
        // Held at 1.
        #expect(lines["c1"]?.parts == ["binpack": alone, "warm-cache": 1])
        let decisions = bench.place(job)
        #expect(bench.names(decisions) == ["c1"])
        guard case .placed(let placement) = decisions[0] else { return }
        #expect(placement.score.isNearly((alone + 1) / 2))
    }
}
