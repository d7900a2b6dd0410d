import Testing

@testable import ClusterKit

@Suite struct SpreadTests {
    /// The rules of a group of `count` instances.
    private func rules(count: Int, _ spreads: Spread...) -> [SpreadRule] {
        SpreadRule.all(of: Job(id: JobID("job")), TaskGroup(name: "g", count: count, spreads: spreads))
    }

    private func boosts(
        _ spread: Spread, count: Int = 10, values: [String], used: [Int]
    ) -> (byValue: [Double], missing: Double) {
        let rule = rules(count: count, spread)[0]
        let boosts = rule.boosts(goals: rule.goals(for: values), used: used)
        return (boosts.byValue.map { ($0 * 1e6).rounded() / 1e6 }, boosts.missing)
    }

    @Test func targetsOfSeventyAndThirty() {
        let spread = Spread(
            "${node.datacenter}", targets: [SpreadTarget("a", percent: 70), SpreadTarget("b", percent: 30)])
        let at = { (used: [Int]) in boosts(spread, values: ["a", "b", "c"], used: used).byValue }
        // (7 - 1) / 7 and (3 - 1) / 3; nothing is wanted at c.
        #expect(at([0, 0, 0]) == [0.857143, 0.666667, -1])
        // (7 - 4) / 7 and (3 - 2) / 3.
        #expect(at([3, 1, 0]) == [0.428571, 0.333333, -1])
        // All that is wanted is there: (7 - 8) / 7 and (3 - 4) / 3.
        #expect(at([7, 3, 5]) == [-0.142857, -0.333333, -1])
        #expect(boosts(spread, values: ["a"], used: [0]).missing == -1)
    }

    @Test func restIsForAllOthersTogether() {
        let half = Spread("${node.datacenter}", targets: [SpreadTarget("a", percent: 50)])
        #expect(boosts(half, count: 4, values: ["a", "b", "c"], used: [0, 1, 0]).byValue == [0.5, 0, 0.5])
        // Thirds leave nothing, although their sum is below 100 when it is computed in fractions.
        let thirds = Spread(
            "${node.datacenter}",
            targets: [SpreadTarget("a", percent: 33), SpreadTarget("b", percent: 33), SpreadTarget("c", percent: 34)])
        #expect(boosts(thirds, count: 7, values: ["d"], used: [0]).byValue == [-1])
        let none = Spread(
            "${node.datacenter}", targets: [SpreadTarget("a", percent: 0), SpreadTarget("b", percent: 100)])
        #expect(boosts(none, count: 4, values: ["a", "b"], used: [0, 0]).byValue == [-1, 0.75])
    }

    @Test func weightsShareTheScore() {
        let targets = [SpreadTarget("x", percent: 100)]
        let two = rules(
            count: 4, Spread("${meta.one}", weight: 60, targets: targets),
            Spread("${meta.two}", weight: 20, targets: targets))
        // (4 - 1) / 4 of 60 / 80 and of 20 / 80.
        #expect(two[0].boosts(goals: two[0].goals(for: ["x"]), used: [0]).byValue == [0.5625])
        #expect(two[1].boosts(goals: two[1].goals(for: ["x"]), used: [0]).byValue == [0.1875])
    }

    @Test func evenSteps() {
        let spread = Spread("${meta.rack}")
        let at = { (used: [Int]) in boosts(spread, values: ["1", "2", "3"], used: used) }
        // Nothing is placed yet: nothing is said of any rack.
        #expect(at([0, 0, 0]) == ([0, 0, 0], -1))
        // One at 1: no more there, (1 - 0) / 1 elsewhere.
        #expect(at([1, 0, 0]) == ([-1, 1, 1], -1))
        #expect(at([1, 1, 0]) == ([-1, -1, 1], -1))
        #expect(at([1, 1, 1]) == ([-1, -1, -1], -1))
        // The least used one gets (2 - 1) / 1, the others (1 - 2) / 1.
        #expect(at([2, 1, 2]) == ([-1, 1, -1], -1))
        // (4 - 2) / 2, (2 - 4) / 2, and (2 - 0) / 2 where none is.
        #expect(at([2, 4, 0]) == ([1, -1, 1], -1))
        #expect(at([1, 3, 0]) == ([2, -2, 1], -1))
    }

    @Test func placesByTargets() throws {
        var bench = PlacementBench(sites([("a", 10), ("b", 10)]))
        let job = Job.sample(count: 10) { job in
            job.spreads = [
                Spread(
                    "${node.datacenter}", targets: [SpreadTarget("a", percent: 70), SpreadTarget("b", percent: 30)])
            ]
        }
        let line = try #require(try bench.lines(job)["b1"])
        #expect(line.parts["allocation-spread"] == 2.0 / 3)
        let binpack = try #require(line.parts["binpack"])
        #expect(try #require(line.score).isNearly((binpack + 2.0 / 3) / 2))
        // 6/7 5/7 against 2/3; 4/7 against 2/3; 4/7 3/7 against 1/3; 2/7 against 1/3; then 2/7 and 1/7 against 0.
        let names = bench.names(bench.place(job, times: 9))
        #expect(names.map { String($0.prefix(1)) } == ["a", "a", "b", "a", "a", "b", "a", "a", "a"])
        // At a all are there but one as at b: 0 on both sides, which is no part; the first name wins. Then -1/7 loses.
        #expect(try bench.lines(job)["a9"]?.parts["allocation-spread"] == -1.0 / 7)
        #expect(bench.names(bench.place(job)).map { String($0.prefix(1)) } == ["b"])
    }

    @Test func placesEvenly() {
        var bench = PlacementBench(sites([("a", 4), ("b", 4), ("c", 4)]))
        let job = Job.sample(count: 6) { $0.groups[0].spreads = [Spread("${meta.rack}")] }
        // One at a time and all at once end the same.
        var names = (0..<3).flatMap { _ in bench.names(bench.place(job)) }
        names += bench.names(bench.place(job, times: 3))
        #expect(names.map { String($0.prefix(1)) } == ["a", "b", "c", "a", "b", "c"])
    }

    @Test func countsTheGroupOnly() throws {
        var bench = PlacementBench(sites([("a", 2), ("b", 2)]))
        let job = Job.sample(count: 4) { job in
            job.spreads = [Spread("${meta.rack}")]
            job.groups.append(TaskGroup(name: "db", count: 2, tasks: job.groups[0].tasks))
        }
        #expect(bench.names(bench.place(job)) == ["a1"])
        // Another group of the job starts anew; an instance that ended does not count.
        #expect(try bench.lines(job, "db")["b1"]?.parts["allocation-spread"] == nil)
        #expect(try bench.lines(job)["b1"]?.parts["allocation-spread"] == 1)
        bench.end(try #require(bench.snapshot.allocations.sorted.first).id)
        #expect(try bench.lines(job)["b1"]?.parts["allocation-spread"] == nil)
    }
}
