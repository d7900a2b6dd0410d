/// What a server can say of its state: computed when somebody asks, in one pass over each table.
public struct ServerFigures: Sendable {
    /// The name under which the server speaks of itself.
    private let host: String
    private let snapshot: Snapshot
    private let now: WallTime
    private var samples: [Sample] = []

    /// All measurements that follow from `snapshot`, in a fixed order. No two are of one series.
    ///
    /// - Parameters:
    ///   - host: the server's name, for the label `host`.
    ///   - now: the moment until which waits are counted.
    public static func samples(of snapshot: Snapshot, host: String, at now: WallTime) -> [Sample] {
        var figures = ServerFigures(host: host, snapshot: snapshot, at: now)
        figures.addJobs()
        figures.addNodes()
        figures.addServices()
        return figures.samples
    }

    private init(host: String, snapshot: Snapshot, at now: WallTime) {
        self.now = now
        self.host = host
        self.snapshot = snapshot
    }

    private mutating func add(_ metric: Metric, _ labels: [String], _ value: Int) {
        samples.append(Sample(metric, labels, .value(Double(value))))
    }

    // MARK: - Jobs

    private struct GroupID: Hashable {
        var job: JobID
        var group: String
    }

    private mutating func addJobs() {
        var groups: [GroupID: [ClientStatus: Int]] = [:]
        var statuses: [ClientStatus: Int] = [:]
        var live: Set<JobID> = []
        for allocation in snapshot.allocations.unordered {
            groups[GroupID(job: allocation.job, group: allocation.group), default: [:]][
                allocation.client, default: 0] +=
                1
            statuses[allocation.client, default: 0] += 1
            if allocation.isLive { live.insert(allocation.job) }
        }
        let (waiting, queued) = addEvaluations()
        var pending = 0
        for record in snapshot.jobs.sorted {
            let job = record.job
            if !live.contains(job.id), waiting.contains(job.id) { pending += 1 }
            for group in job.groups {
                let counts = groups[GroupID(job: job.id, group: group.name)] ?? [:]
                let waits = record.stopped ? 0 : queued[job.id]?[group.name] ?? 0
                addSummary([host, job.id.id, job.id.namespace, group.name], counts, queued: waits)
            }
        }
        let running = live.count { snapshot.jobs[$0] != nil }
        add(.jobsPending, [host], pending)
        add(.jobsRunning, [host], running)
        add(.jobsDead, [host], snapshot.jobs.count - pending - running)
        let all: [ClientStatus] = [.pending, .running, .complete, .failed, .lost, .unknown]
        for status in all { add(.allocationsByStatus, [status.rawValue], statuses[status, default: 0]) }
        samples.append(Sample(.revision, [host], .value(Double(snapshot.revision.number))))
    }

    private mutating func addSummary(_ labels: [String], _ counts: [ClientStatus: Int], queued: Int) {
        add(.summaryQueued, labels, queued)
        add(.summaryStarting, labels, counts[.pending, default: 0])
        add(.summaryRunning, labels, counts[.running, default: 0])
        add(.summaryComplete, labels, counts[.complete, default: 0])
        add(.summaryFailed, labels, counts[.failed, default: 0])
        add(.summaryLost, labels, counts[.lost, default: 0])
        add(.summaryUnknown, labels, counts[.unknown, default: 0])
    }

    /// Gives the jobs that something is still to be done for, and how many instances of each group wait for room.
    private mutating func addEvaluations() -> (waiting: Set<JobID>, queued: [JobID: [String: Int]]) {
        var waiting: Set<JobID> = []
        var queued: [JobID: [String: Int]] = [:]
        var statuses: [EvaluationStatus: Int] = [:]
        var groups = 0
        var longest = Duration.zero
        for evaluation in snapshot.evaluations.unordered {
            statuses[evaluation.status, default: 0] += 1
            guard evaluation.status == .pending || evaluation.status == .blocked else { continue }
            waiting.insert(evaluation.job)
            guard evaluation.status == .blocked else { continue }
            queued[evaluation.job] = evaluation.queued
            guard snapshot.jobs[evaluation.job]?.stopped == false else { continue }
            for (group, count) in evaluation.queued where count > 0 {
                groups += 1
                longest = max(longest, now - evaluation.waitStart(of: group).time)
            }
        }
        add(.waitingGroups, [], groups)
        samples.append(Sample(.longestWait, [], .value(longest.fractionalSeconds)))
        let all: [EvaluationStatus] = [.pending, .blocked, .complete, .failed, .canceled]
        for status in all { add(.evaluationsByStatus, [status.rawValue], statuses[status, default: 0]) }
        add(.blockedEvaluations, [host], statuses[.blocked, default: 0])
        add(.pendingEvaluations, [host], statuses[.pending, default: 0])
        return (waiting, queued)
    }

    // MARK: - Nodes

    private struct Load {
        var promised = Resources()
        var pending = 0
        var running = 0
        var terminal = 0
    }

    private mutating func addNodes() {
        var loads: [NodeID: Load] = [:]
        for allocation in snapshot.allocations.unordered {
            switch allocation.client {
            case .pending: loads[allocation.node, default: Load()].pending += 1
            case .running: loads[allocation.node, default: Load()].running += 1
            default: loads[allocation.node, default: Load()].terminal += 1
            }
            if !allocation.isTerminal { loads[allocation.node, default: Load()].promised += allocation.resources.total }
        }
        var counts: [[String]: Int] = [:]
        var health: [String: NodeStatus] = [:]
        for node in snapshot.nodes.sorted {
            counts[[node.eligibility.rawValue, node.status.rawValue], default: 0] += 1
            if health[node.name] != .ready { health[node.name] = node.status }
            add(node, loads[node.id] ?? Load())
        }
        for (labels, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            add(.nodes, labels, count)
        }
        add(.activeHeartbeats, [host], health.isEmpty ? 0 : snapshot.nodes.unordered.count { $0.status == .ready })
        // Nodes that were set up anew under an old name count as one that is well when any is.
        for (name, status) in health.sorted(by: { $0.key < $1.key }) {
            add(.nodeHealth, ["serfHealth", name, CheckHealth.passing.rawValue], status == .ready ? 1 : 0)
            add(.nodeHealth, ["serfHealth", name, CheckHealth.warning.rawValue], 0)
            add(.nodeHealth, ["serfHealth", name, CheckHealth.critical.rawValue], status == .ready ? 0 : 1)
        }
    }

    private mutating func add(_ node: Node, _ load: Load) {
        let labels =
            Metric.hostValues(of: node) + [node.eligibility.rawValue, node.status.rawValue]
        let left = node.usable - load.promised
        add(.nodeCPUAllocated, labels, load.promised.cpuMHz)
        add(.nodeMemoryAllocated, labels, load.promised.memoryMiB)
        add(.nodeDiskAllocated, labels, load.promised.diskMiB)
        add(.nodeCPULeft, labels, left.cpuMHz)
        add(.nodeMemoryLeft, labels, left.memoryMiB)
        add(.nodeDiskLeft, labels, left.diskMiB)
        add(.nodePending, labels, load.pending)
        add(.nodeRunning, labels, load.running)
        add(.nodeTerminal, labels, load.terminal)
    }

    // MARK: - Services

    private mutating func addServices() {
        let names = snapshot.catalog.names
        add(.registryUp, [], 1)
        add(.registryPeers, [], 1)
        add(.registryServices, [], names.count)
        for name in names {
            for instance in snapshot.catalog.instances(of: name) { add(instance) }
        }
    }

    private mutating func add(_ instance: ServiceInstance) {
        let id = instance.id.description
        add(.instanceHealthy, [instance.nodeName, id, instance.name], instance.isOffered ? 1 : 0)
        for tag in Set(instance.tags).sorted() { add(.instanceTag, [instance.nodeName, id, tag], 1) }
        var seen: Set<String> = []
        for check in instance.checks {
            // Two checks of one name would be two numbers for one series, which makes the whole answer unreadable.
            let name = seen.insert(check.name).inserted ? check.name : "\(check.name) #\(check.index)"
            for health in [CheckHealth.passing, .warning, .critical] {
                let labels = [name, instance.nodeName, id, instance.name, health.rawValue]
                add(.checkStatus, labels, check.health == health ? 1 : 0)
            }
        }
    }
}

extension Metric {
    /// The values of `hostLabels` for a node.
    static func hostValues(of node: Node) -> [String] {
        [node.datacenter, node.name, node.nodeClass.isEmpty ? "none" : node.nodeClass, node.id.description]
    }
}
