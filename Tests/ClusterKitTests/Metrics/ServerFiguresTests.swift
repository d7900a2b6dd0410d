import ClusterKit
import Testing

@Suite struct ServerFiguresTests {
    private let node = Node(
        id: NodeID(high: 1, low: 1), name: "one", nodeClass: "big",
        capacity: Resources(cpuMHz: 4000, memoryMiB: 4096, diskMiB: 8000), reserved: Resources(cpuMHz: 500))

    private func allocation(_ number: UInt64, _ client: ClientStatus, job: String = "web") -> Allocation {
        var allocation = Allocation(
            id: AllocationID(high: 9, low: number), job: JobID(job), jobVersion: 0, group: "all", index: Int(number),
            node: node.id, nodeName: "one", evaluation: EvaluationID(high: 2, low: 2), epoch: Epoch(1),
            resources: AllocatedResources(
                total: Resources(cpuMHz: 500, memoryMiB: 100, diskMiB: 300),
                ports: [PortMapping(label: "http", value: 20_001)]),
            time: WallTime(nanoseconds: 0))
        allocation.client = client
        return allocation
    }

    private func snapshot(_ changes: [Change]) -> Snapshot {
        var snapshot = Snapshot()
        snapshot.apply(
            ChangeBatch(revision: Revision(1), epoch: Epoch(1), time: WallTime(nanoseconds: 1), changes: changes))
        return snapshot
    }

    private func value(_ metric: Metric, _ labels: [String], in samples: [Sample]) -> Double? {
        let found = samples.filter { $0.metric == metric && $0.labels == labels }
        guard found.count == 1, case .value(let value) = found[0].reading else { return nil }
        return value
    }

    @Test func jobsAndNodesAreCounted() {
        var ready = node
        ready.status = .ready
        var blocked = Evaluation(
            id: EvaluationID(high: 3, low: 3), job: JobID("web"), kind: .service, priority: 50,
            trigger: .jobRegister, status: .blocked, time: WallTime(nanoseconds: 0))
        blocked.queued = ["all": 4]
        let snapshot = snapshot([
            .putNode(ready), .putJob(JobRecord(job: makeJob(), submitTime: WallTime(nanoseconds: 0))),
            .putJob(JobRecord(job: makeJob("over"), submitTime: WallTime(nanoseconds: 0))),
            .putAllocation(allocation(1, .running)), .putAllocation(allocation(2, .failed)),
            .putAllocation(allocation(3, .pending)), .putEvaluation(blocked),
        ])
        let samples = ServerFigures.samples(of: snapshot, host: "s1", at: WallTime(nanoseconds: 90_000_000_000))
        let group = ["s1", "web", "default", "all"]
        #expect(value(.summaryRunning, group, in: samples) == 1)
        #expect(value(.summaryFailed, group, in: samples) == 1)
        #expect(value(.summaryStarting, group, in: samples) == 1)
        #expect(value(.summaryQueued, group, in: samples) == 4)
        #expect(value(.jobsRunning, ["s1"], in: samples) == 1)
        #expect(value(.jobsDead, ["s1"], in: samples) == 1)
        #expect(value(.blockedEvaluations, ["s1"], in: samples) == 1)
        #expect(value(.waitingGroups, [], in: samples) == 1)
        #expect(value(.longestWait, [], in: samples) == 90)
        #expect(value(.revision, ["s1"], in: samples) == 1)
        let labels = ["dc1", "one", "big", node.id.description, "eligible", "ready"]
        #expect(value(.nodeCPUAllocated, labels, in: samples) == 1000)
        #expect(value(.nodeCPULeft, labels, in: samples) == 2500)
        #expect(value(.nodeMemoryLeft, labels, in: samples) == 3896)
        #expect(value(.nodeTerminal, labels, in: samples) == 1)
        #expect(value(.nodeHealth, ["serfHealth", "one", "passing"], in: samples) == 1)
    }

    @Test func eachCheckHasASeriesForEachStatus() {
        let check = { (index: Int, health: CheckHealth) in
            CheckStatus(
                service: "group-site-http", index: index, name: "alive", kind: "http", health: health,
                since: WallTime(nanoseconds: 0))
        }
        let spec = CheckSpec(name: "alive", kind: "http", interval: .seconds(10), timeout: .seconds(1))
        var job = makeJob()
        job.groups[0].services = [
            ServiceSpec(
                name: "site", portLabel: "http",
                checks: [spec, spec])
        ]
        var running = allocation(1, .running)
        var task = TaskState()
        task.phase = .running
        running.tasks = ["main": task]
        running.checks = [check(0, .critical), check(1, .passing)]
        let snapshot = snapshot([
            .putNode(node), .putJob(JobRecord(job: job, submitTime: WallTime(nanoseconds: 0))),
            .putAllocation(running),
        ])
        let samples = ServerFigures.samples(of: snapshot, host: "s1", at: WallTime(nanoseconds: 0))
        let id = "_nomad-task-\(running.id)-group-site-http"
        #expect(value(.checkStatus, ["alive", "one", id, "site", "critical"], in: samples) == 1)
        #expect(value(.checkStatus, ["alive", "one", id, "site", "passing"], in: samples) == 0)
        #expect(value(.checkStatus, ["alive #1", "one", id, "site", "passing"], in: samples) == 1)
        #expect(value(.instanceHealthy, ["one", id, "site"], in: samples) == 0)
        #expect(Set(samples.map { [$0.metric.name] + $0.labels }).count == samples.count, "no series is there twice")
        #expect(samples.allSatisfy { Metric.named($0.metric.name) == $0.metric })
    }

    @Test func aServerSaysWhatItUses() {
        let samples = ProcessFigures.samples()
        #if os(Linux)
            #expect(Set(samples.map(\.metric.name)).count == 6)
            let memory = samples.first { $0.metric == .processMemory }?.reading
            guard case .value(let bytes) = memory else { return #expect(memory != nil) }
            #expect(bytes > 1_000_000 && bytes < 1e11)
        #else
            #expect(samples.isEmpty)
        #endif
    }
}
