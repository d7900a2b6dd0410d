import ClusterTesting
import Testing

@testable import ClusterKit

/// What is proposed places the job when it is done, whatever else stands in the way.
@Suite struct RemedyTests {
    private func remedies(_ job: Job, in bench: PlacementBench) throws -> [String] {
        let request = PlacementRequest(
            allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: "web")))
        let explanation = BinPackScheduler().explain(request, on: bench.snapshot)
        #expect(explanation.lines.allSatisfy { $0.score == nil })
        return explanation.remedies.map(\.description)
    }

    // MARK: Hundreds of clusters

    @Test func eachRemedyPlacesTheJob() {
        var kinds = [0, 0, 0]
        for seed in 1...240 {
            var world = SchedulingWorld(seed: UInt64(seed), preempting: seed % 3 == 0)
            guard world.character.nodes < 60 else { continue }
            for _ in 0..<8 {
                for remedy in ask(&world, seed: seed) {
                    switch remedy {
                    case .askLess: kinds[0] += 1
                    case .end: kinds[1] += 1
                    case .drop: kinds[2] += 1
                    }
                }
            }
        }
        #expect(kinds.allSatisfy { $0 > 30 }, "\(kinds)")
    }

    /// Lets a job come, and tries what is proposed for the first of it that finds no node.
    private func ask(_ world: inout SchedulingWorld, seed: Int) -> [Remedy] {
        var job = world.newJob()
        for group in job.groups.indices { demand(more: &job.groups[group], &world) }
        let version = world.snapshot.jobs[job.id].map { $0.version + 1 } ?? 0
        world.commit([.putJob(JobRecord(job: job, version: version, submitTime: WallTime(nanoseconds: 0)))])
        let requests = world.requests(for: job, atMost: 6)
        var (session, entropy) = (BinPackScheduler().session(on: world.snapshot), Entropy(seed: UInt64(seed)))
        var refused: PlacementRequest?
        var changes: [Change] = []
        for (request, decision) in zip(requests, session.place(requests, using: &entropy)) {
            switch decision {
            case .placed(let placement): changes += world.changes(request, placement)
            case .refused: refused = refused ?? request
            }
        }
        world.commit(changes)
        guard let refused else { return [] }
        let remedies = BinPackScheduler().explain(refused, on: world.snapshot).remedies
        let trial = RemedyTrial(state: world.snapshot, request: refused)
        for remedy in remedies {
            // Not within the expectation, which would show the whole state.
            let isPlaced = trial.places(remedy)
            #expect(isPlaced, "seed \(seed), \(job.id).\(refused.subject.group.name): \(remedy)")
        }
        return remedies
    }

    /// Makes several rules at a time fail more often than worlds do.
    private func demand(more group: inout TaskGroup, _ world: inout SchedulingWorld) {
        if world.chance(25) {
            group.volumes = ["data", "cache"].map { VolumeRequest(name: $0, source: $0, readOnly: world.chance(30)) }
        }
        if world.chance(25) { group.constraints.append(Constraint("", .distinctHosts)) }
        if world.chance(25) { group.constraints.append(Constraint("${meta.rack}", .distinctProperty)) }
        if world.chance(15) { group.constraints.append(Constraint("${attr.kernel.name}", .equal, "linux")) }
        if world.chance(20) { group.disk.sizeMiB *= 10 }
        if world.chance(20), !group.tasks.isEmpty {
            (group.tasks[0].resources.cpuMHz, group.tasks[0].resources.cores) = (0, 2 + world.below(6))
        }
    }

    // MARK: Rules

    private let linux = Constraint("${attr.kernel.name}", .equal, "linux")
    private let perRack = Constraint("${meta.rack}", .distinctProperty)

    @Test func aNodeThatBreaksTwoRulesIsNotOpenedByOne() throws {
        var nodes = sites([("r", 2)])
        nodes[1].attributes["kernel.name"] = "plan9"
        let job = Job.sample(count: 2) { $0.constraints = [self.linux, self.perRack] }
        var bench = PlacementBench(nodes)
        #expect(bench.names(bench.place(job)) == ["r1"])
        #expect(try remedies(job, in: bench) == ["without \"${meta.rack} distinct_property\" it fits on r1"])
    }

    @Test func eachRuleAboutNeighborsCounts() throws {
        let job = Job.sample(count: 2) { $0.constraints = [Constraint("", .distinctHosts), self.perRack] }
        var bench = PlacementBench(sites([("r", 2)]))
        #expect(bench.names(bench.place(job)) == ["r1"])
        // On r1 both stand in the way, on r2 one.
        #expect(try remedies(job, in: bench) == ["without \"${meta.rack} distinct_property\" it fits on r2"])
        var alone = PlacementBench(sites([("r", 1)]))
        #expect(alone.names(alone.place(job)) == ["r1"])
        #expect(try remedies(job, in: alone) == [])
    }

    @Test func missingAndLockedVolumesAreTwoRules() throws {
        var nodes = sites([("a", 2)])
        for place in nodes.indices { nodes[place].hostVolumes["cache"] = HostVolume(path: "/c", readOnly: true) }
        let job = Job.sample {
            $0.groups[0].volumes = ["data", "cache"].map { VolumeRequest(name: $0, source: $0, readOnly: false) }
        }
        #expect(try remedies(job, in: PlacementBench(nodes)) == [])
        nodes[1].hostVolumes["data"] = HostVolume(path: "/d", readOnly: false)
        let locked = "without 'read-only host volumes \"cache\"' it fits on a2"
        #expect(try remedies(job, in: PlacementBench(nodes)) == [locked])
    }

    /// Stated by job, group and tasks, by one name.
    @Test func aRuleThatIsStatedSeveralTimesIsOne() throws {
        var nodes = sites([("a", 2)])
        for place in nodes.indices { nodes[place].attributes["kernel.name"] = "plan9" }
        var job = Job.sample { $0.groups[0].tasks[0].constraints = [self.linux] }
        let drop = "without \"${attr.kernel.name} = linux\" it fits on a1 and 1 more"
        #expect(try remedies(job, in: PlacementBench(nodes)) == [drop])
        job.groups[0].tasks.append(job.groups[0].tasks[0])
        job.groups[0].tasks[1].name = "aside"
        #expect(try remedies(job, in: PlacementBench(nodes)) == [drop])
        (job.constraints, job.groups[0].constraints) = ([linux], [linux])
        #expect(try remedies(job, in: PlacementBench(nodes)) == [drop])
    }

    // MARK: Amounts

    /// A node of 4 cores that are worth 1,000 MHz each, of which some MHz are the machine's own.
    private func fourCores(reserved: Int) -> PlacementBench {
        var nodes = sites([("a", 1)])
        (nodes[0].cores, nodes[0].capacity.cpuMHz, nodes[0].reserved.cpuMHz) = (4, 4000, reserved)
        return PlacementBench(nodes)
    }

    @Test func whatCoresTakeAlongCannotBeAskedLess() throws {
        var job = Job.sample { $0.groups[0].tasks[0].resources = TaskResources(cpuMHz: 0, memoryMiB: 100) }
        job.groups[0].tasks[0].resources.cores = 4
        #expect(try remedies(job, in: fourCores(reserved: 500)) == [])
        job.groups[0].tasks[0].resources.cores = 3
        job.groups[0].tasks.append(TaskSpec(name: "aside", resources: TaskResources(cpuMHz: 600, memoryMiB: 100)))
        #expect(try remedies(job, in: fourCores(reserved: 500)) == ["with 100 MHz less cpu it fits on a1"])
        #expect(try remedies(job, in: fourCores(reserved: 999)) == ["with 599 MHz less cpu it fits on a1"])
        // Without all of it there would be room, but a task has to ask for something.
        #expect(try remedies(job, in: fourCores(reserved: 1000)) == [])
    }

    @Test func enoughIsLeftToBeAccepted() throws {
        var nodes = sites([("a", 1)])
        nodes[0].reserved.memoryMiB = nodes[0].capacity.memoryMiB - 9
        #expect(try remedies(.sample(memory: 100), in: PlacementBench(nodes)) == [])
        nodes[0].reserved.memoryMiB -= 1
        let less = "with 90 MiB less memory it fits on a1"
        #expect(try remedies(.sample(memory: 100), in: PlacementBench(nodes)) == [less])
        nodes[0].capacity.diskMiB = 100
        let both = "with 90 MiB less memory and 200 MiB less disk it fits on a1"
        #expect(try remedies(.sample(memory: 100), in: PlacementBench(nodes)) == [both])
        // Its logs may take that much.
        nodes[0].capacity.diskMiB = 99
        #expect(try remedies(.sample(memory: 100), in: PlacementBench(nodes)) == [])
    }

    // MARK: Others

    /// What the older instance has is the new one's, and no rule about neighbors counts it.
    @Test func whoIsReplacedStandsInNoWay() throws {
        var bench = PlacementBench(sites([("a", 1)], memoryGiB: 16))
        for (name, memory, priority) in [("web", 4096, 50), ("other", 6144, 40), ("important", 5120, 60)] {
            var job = Job.sample(name, memory: memory)
            job.priority = priority
            bench.commit([.putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0)))])
            #expect(bench.names(bench.place(job)) == ["a1"])
        }
        let held = { (job: String) in bench.snapshot.allocations.sorted.first { $0.job == JobID(job) }?.id }
        let (old, other) = (try #require(held("web")), try #require(held("other")))
        var job = Job.sample("web", memory: 8192)
        for rules in [[], [Constraint("", .distinctHosts)], [Constraint("", .distinctHosts), perRack]] {
            job.constraints = rules
            var request = PlacementRequest(
                allocation: AllocationID(high: 9, low: 9), subject: try #require(PlacementSubject(job, group: "web")))
            request.replacing = old
            let remedies = BinPackScheduler().explain(request, on: bench.snapshot).remedies.map(\.description)
            #expect(
                remedies == [
                    "with 3072 MiB less memory it fits on a1", "without alloc \(other.short) it fits on a1",
                ])
        }
    }

    @Test func toEndOneOfTheJobHelpsNobody() throws {
        var job = Job.sample("web")
        job.groups[0].network = NetworkSpec(ports: [PortSpec(label: "http", number: 8080)])
        job.groups.append(job.groups[0])
        job.groups[1].name = "twin"
        var bench = PlacementBench(sampleNodes(1))
        _ = bench.place(job)
        #expect(try remedies(job, in: bench) == [])
        _ = job.groups.popLast()
        var twins = PlacementBench(sampleNodes(1))
        var both = job
        both.groups.append(job.groups[0])
        both.groups[1].name = "twin"
        _ = twins.place(both, "twin")
        #expect(try remedies(both, in: twins) == [])
        job.id = JobID("other")
        let holder = try #require(bench.snapshot.allocations.sorted.first?.id.short)
        #expect(try remedies(job, in: bench) == ["without alloc \(holder) it fits on n1"])
    }

    @Test(arguments: [
        (JobKind.system, 10, false), (.sysbatch, 10, false), (.service, 51, false), (.batch, 50, true),
        (.service, 10, true),
    ])
    func whatComesBackFirstIsNotEnded(kind: JobKind, priority: Int, helps: Bool) throws {
        var holder = Job.sample("holder", memory: 4000, kind: kind)
        holder.priority = priority
        var bench = PlacementBench(sampleNodes(1), rules: SchedulingRules(preempting: []))
        bench.commit([.putJob(JobRecord(job: holder, submitTime: WallTime(nanoseconds: 0)))])
        #expect(bench.names(bench.place(holder)) == ["n1"])
        let ends = try remedies(.sample(memory: 2000), in: bench).filter { $0.hasPrefix("without alloc") }
        #expect(ends.count == (helps ? 1 : 0))
        // Of a job that is not there any more, nothing comes back.
        bench.commit([.removeJob(holder.id)])
        #expect(try remedies(.sample(memory: 2000), in: bench).count == 2)
    }
}
