import ClusterKit
import ClusterTesting
import Patterns
import Testing

/// The reference by cases that were worked out by hand from the documents it follows.
@Suite struct ReferenceRuleTests {
    @Test(arguments: [
        ("1.2.3", ">= 1.2, < 2", true), ("v1.10.0", "> 1.9, < 2", true), ("1.2", "= 1.2.0", true),
        ("1.2.3", "1.2.3", true), ("1.2.3+a", "= 1.2.3+b", true), ("1.2.3beta", "= 1.2.3-beta", true),
        ("1.2.3-beta", "!= 1.2.3", true), ("1.2.3", "!= 1.2.3", false),
        // A pre-release never meets a bound without one, and one with other numbers neither.
        ("1.2.3-beta", ">= 1.2", false), ("1.2.4-beta", ">= 1.2.3-beta", false), ("1.2.3", ">= 1.2.3-beta", true),
        ("1.2.3-beta.10", "> 1.2.3-beta.2", true), ("1.2.3-beta", "< 1.2.3-beta.1", true),
        ("1.2.3-1", "< 1.2.3-a", true), ("1.2.3-beta", "< 1.2.3-alpha", false),
        ("1.2.9", "~> 1.2.3", true), ("1.2.2", "~> 1.2.3", false), ("1.3.0", "~> 1.2.3", false),
        ("1.3.0", "~> 1.2", true), ("2.0", "~> 1.2", false), ("5", "~> 1", true), ("1.2.3", "~> 1.2.3-beta", false),
        ("1.2.3-rc", "~> 1.2.3-beta", true),
        ("none", "!= 1", false), ("1.2", "=> 1", false), ("1.2.3", "", false), ("1..2", "> 0", false),
        ("1.2.3-", "> 0", false), ("99999999999999999999", "> 0", false),
    ])
    func versions(version: String, bounds: String, holds: Bool) {
        #expect(ReferenceComparison.holds(.version, version, bounds) == holds)
    }

    @Test(arguments: [
        ("1.2.3", ">= 1.2.3, < 2.0.0", true), ("v1.2.3", "= 1.2.3+meta", true), ("1.2.3-beta", "< 1.2.3", true),
        ("1.2.3-beta", ">= 1.2.0", true), ("1.2.3-alpha.beta", "> 1.2.3-alpha.1", true),
        ("1.2.3-rc.1", "> 1.2.3-rc", true), ("1.2.3-11", "> 1.2.3-2", true), ("1.10.0", "> 1.9.0", true),
        ("1.2.3", "!= 1.2.3-rc", true), ("9.4", ">= 9.0.0", true), ("1.2.3", "~> 1.2.0", false),
        ("1.2.3-01", "> 0.0.0", true), ("01.2.3", "= 1.2.3", true), ("1.2.3", ">= 1.2", true), ("8", "= 8.0.0", true),
        ("1.2.3.4", "> 1.2.3", true), ("1.2.3-", "> 0.0.0", false), ("1.2.3rc1", "> 0.0.0", false),
    ])
    func semanticVersions(version: String, bounds: String, holds: Bool) {
        #expect(ReferenceComparison.holds(.semver, version, bounds) == holds)
    }

    @Test(arguments: [
        ("40 GiB", ConstraintOperator.equal, "40960 MiB", true), ("40 GiB", .greater, "40GB", true),
        ("1.5 GHz", .equal, "1500 MHz", true), ("585 MHz", .less, "1 GHz", true), ("70 W", .less, "0.3 kW", true),
        ("1 TB/s", .greater, "900 GB/s", true), ("6912", .greater, "870", true), ("1000 mW", .equal, "1 W", true),
        // Between what cannot be compared nothing holds.
        ("40 GiB", .less, "9 GHz", false), ("1555 GB/s", .notEqual, "1555 GB", false), ("fast", .less, "slow", true),
        ("8 GiB", .less, "many", false), ("8 GiB", .greaterOrEqual, "16000", false), ("8", .notEqual, "8 GiB", false),
        ("true", .equal, "True", true), ("true", .notEqual, "1", false), ("8", .notEqual, "many", false),
    ])
    func amounts(left: String, comparison: ConstraintOperator, right: String, holds: Bool) {
        let bench = ReferenceBench()
        var node = bench.node("n1")
        node.devices = [
            DeviceGroup(
                name: DeviceName(vendor: "v", kind: "gpu", model: "m"), attributes: ["x": left],
                instances: [DeviceInstance("1")])
        ]
        let job = bench.job { job in
            job.groups[0].tasks[0].resources.devices = [
                DeviceRequest(name: "v/gpu", constraints: [Constraint("${device.attr.x}", comparison, right)])
            ]
        }
        #expect((bench.lines(job, on: [node])["n1"]?.refusal == "") == holds)
    }

    @Test(
        arguments: [
            (ConstraintOperator.equal, "a", "a", true), (.equal, nil, "a", false), (.notEqual, nil, "a", true),
            (.notEqual, nil, nil, false), (.less, "9", "10", true), (.less, "9.5", "10", true),
            (.less, "9a", "10", false),
            (.greaterOrEqual, "b", "a", true), (.less, nil, "1", false), (.isSet, "", nil, true),
            (.isNotSet, nil, nil, true), (.setContains, "a, b,c", "c,a", true), (.setContains, "a", "a,b", false),
            (.setContainsAny, "a,b", "x, b", true), (.setContainsAny, nil, "x", false), (.less, "nan", "1", false),
            (.regexp, "linux", "^l.*x$", true), (.regexp, nil, "", false), (.regexp, "linux", "(", false),
        ] as [(ConstraintOperator, String?, String?, Bool)])
    func comparisons(comparison: ConstraintOperator, left: String?, right: String?, holds: Bool) {
        #expect(ReferenceComparison.holds(comparison, left, right) == holds)
    }

    @Test(
        arguments: [
            ("", ["", "a"], []), ("b", ["b", "abc"], ["", "ac"]), ("^b", ["bc"], ["ab"]), ("b$", ["ab"], ["bc"]),
            ("^a*$", ["", "aa"], ["ab"]), ("^a+$", ["a", "aa"], ["", "b"]), ("^a?b$", ["b", "ab"], ["aab"]),
            ("^(a|bc)+$", ["a", "bcabc"], ["", "ab"]), ("^a|b$", ["ax", "xb"], ["xax"]), ("^.$", ["a"], ["", "ab"]),
            ("^[a-c]$", ["b"], ["d", "-"]), ("^[^a-c]$", ["d"], ["b", ""]), ("^[a-]$", ["-", "a"], ["b"]),
            (#"^1\.2$"#, ["1.2"], ["112"]), ("^(a*)+$", ["", "aaa"], ["b"]), ("^(a?b?)*$", ["abba", ""], ["c"]),
            ("()", ["", "x"], []),
        ])
    func expressions(pattern: String, found: [String], missing: [String]) throws {
        let expression = try #require(ReferenceExpression(pattern))
        // What the reference says is what the syntax means, which others decide by other means.
        let other = try Pattern(pattern)
        for text in found + missing {
            #expect(expression.isFound(in: text) == found.contains(text), "\(text)")
            #expect(other.matches(text) == found.contains(text), "\(text)")
        }
    }

    @Test(arguments: [("", 1), ("1", 1), ("2", 2), ("few", 0)])
    func instancesPerValue(limit: String, many: Int) {
        var bench = ReferenceBench()
        let node = bench.node("n1", rack: "r")
        let job = bench.job { $0.constraints = [Constraint("${meta.rack}", .distinctProperty, limit)] }
        for there in 0...2 {
            let line = bench.lines(job, on: [node])["n1"]
            #expect((line?.score != nil) == (there < many), "\(there)")
            bench.run(job, on: node, Resources(), number: UInt64(there + 1))
        }
    }

    @Test(arguments: ["(", ")", "*", "+a", "a**", "[", "[]", "[b-a]", "a{2}", #"\d"#, "\\"])
    func unknownExpressionsAreNone(pattern: String) { #expect(ReferenceExpression(pattern) == nil) }
}

/// Nodes of 1,000 MHz, 1,000 MiB and 10,000 MiB of disk, so that amounts are read as shares.
struct ReferenceBench {
    var running: [Allocation] = []
    var jobs: [Job] = []
    var rules = SchedulingRules(preempting: [.service])

    func node(_ name: String, rack: String? = nil, pool: String = "default") -> Node {
        var node = Node(
            id: NodeID(high: 7, low: UInt64(name.dropFirst()) ?? 0), name: name, pool: pool,
            capacity: Resources(cpuMHz: 1000, memoryMiB: 1000, diskMiB: 10_000),
            drivers: ["raw_exec": DriverStatus(healthy: true)])
        node.meta["rack"] = rack
        node.status = .ready
        return node
    }

    /// A job that asks for a quarter of a node's processor and half of its memory.
    func job(_ id: String = "new", priority: Int = 50, count: Int = 1, _ change: (inout Job) -> Void = { _ in }) -> Job
    {
        var group = TaskGroup(name: "web", count: count, disk: EphemeralDisk(sizeMiB: 100))
        group.tasks = [TaskSpec(name: "main", resources: TaskResources(cpuMHz: 250, memoryMiB: 500))]
        var job = Job(id: JobID(id), priority: priority, groups: [group])
        change(&job)
        return job
    }

    /// Lets an instance run on `node`.
    mutating func run(_ job: Job, on node: Node, _ total: Resources, number: UInt64, placed second: Int64 = 0) {
        jobs.append(job)
        var allocation = Allocation(
            id: AllocationID(high: 0, low: number), job: job.id, jobVersion: 0, group: job.groups[0].name, index: 0,
            node: node.id, evaluation: EvaluationID(high: 1, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: total), time: WallTime(nanoseconds: second * 1_000_000_000))
        allocation.client = .running
        running.append(allocation)
    }

    func snapshot(_ nodes: [Node]) -> Snapshot {
        var rules = rules
        rules.modifyRevision = Revision(1)
        let known = jobs.map { Change.putJob(JobRecord(job: $0, submitTime: WallTime(nanoseconds: 0))) }
        return Snapshot(
            revision: Revision(1), epoch: Epoch(1),
            records: [.putSchedulingRules(rules)] + known + nodes.map(Change.putNode)
                + running.map(Change.putAllocation))
    }

    func request(_ job: Job, number: UInt64 = 1) -> [PlacementRequest] {
        let id = AllocationID(high: 9, low: number)
        return PlacementSubject(job, group: "web").map { [PlacementRequest(allocation: id, subject: $0)] } ?? []
    }

    func lines(_ job: Job, on nodes: [Node]) -> [String: Explanation.Line] {
        var lines: [String: Explanation.Line] = [:]
        for request in request(job) {
            for line in ReferenceScheduler().explain(request, on: snapshot(nodes)).lines { lines[line.name] = line }
        }
        return lines
    }
}
