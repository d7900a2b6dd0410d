import ClusterKit

/// What became true in a simulated cluster, in words: one line for each change that a person would tell.
///
/// Instances go by their names, with `#2` and so on for the second and later ones of a name; identifiers appear
/// nowhere, so that two seeds which lead to the same course give the same text.
struct Chronicle {
    private(set) var lines: [String] = []
    private var known: [AllocationID: Allocation] = [:]
    private var names: [AllocationID: String] = [:]
    private var turns: [String: Int] = [:]
    private var nodes: [NodeID: Node] = [:]
    private var jobs: [JobID: JobRecord] = [:]
    private var deployments: [DeploymentID: Deployment] = [:]

    /// Adds a line.
    mutating func add(_ line: String, at time: Duration) { lines.append("\(time.clockText)  \(line)") }

    /// Adds what `batch` made true.
    mutating func add(_ batch: ChangeBatch, leadingTo truth: Snapshot, at time: Duration) {
        for change in batch.changes {
            for line in tell(change, in: truth) { add(line, at: time) }
        }
    }

    private mutating func tell(_ change: Change, in truth: Snapshot) -> [String] {
        switch change {
        case .putJob(let record):
            defer { jobs[record.job.id] = record }
            return tell(record)
        case .removeJob(let id): return ["job \(id) is forgotten"]
        case .putNode(let node):
            defer { nodes[node.id] = node }
            return tell(node)
        case .removeNode(let id): return ["node \(nodes[id]?.name ?? id.short) is forgotten"]
        case .putAllocation(let allocation):
            defer { known[allocation.id] = allocation }
            return tell(allocation)
        case .removeAllocation(let id): return ["\(names[id] ?? id.short) is forgotten"]
        case .putDeployment(let deployment):
            defer { deployments[deployment.id] = deployment }
            return tell(deployment)
        case .putEvaluation(let evaluation) where evaluation.status == .blocked && !evaluation.queued.isEmpty:
            let counts = evaluation.queued.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
            return ["job \(evaluation.job): \(counts.joined(separator: ", ")) wait for room"]
        default: return []
        }
    }

    private func tell(_ record: JobRecord) -> [String] {
        let id = record.job.id
        guard let old = jobs[id] else { return ["job \(id) is registered"] }
        if record.stopped && !old.stopped { return ["job \(id) is stopped"] }
        var lines: [String] = []
        if record.version != old.version { lines.append("job \(id) has version \(record.version)") }
        if record.isStable && !(old.isStable && old.version == record.version) {
            lines.append("job \(id): version \(record.version) is stable")
        }
        return lines
    }

    private func tell(_ node: Node) -> [String] {
        guard let old = nodes[node.id] else { return [] }
        var lines: [String] = []
        if node.status != old.status { lines.append("node \(node.name) is \(node.status.rawValue)") }
        if node.eligibility != old.eligibility { lines.append("node \(node.name) is \(node.eligibility.rawValue)") }
        if (node.drain == nil) != (old.drain == nil) {
            lines.append("node \(node.name) \(node.drain == nil ? "drains no longer" : "is to be empty")")
        }
        return lines
    }

    private func tell(_ deployment: Deployment) -> [String] {
        let name = "deployment of \(deployment.job) version \(deployment.jobVersion)"
        guard let old = deployments[deployment.id] else { return ["\(name) begins"] }
        var lines: [String] = []
        for (group, state) in deployment.groups.sorted(by: { $0.key < $1.key }) {
            guard state.isPromoted, old.groups[group]?.isPromoted == false else { continue }
            lines.append("\(name): \(group) is promoted")
        }
        if deployment.status != old.status {
            lines.append("\(name) is \(deployment.status.rawValue): \(deployment.statusDescription)")
        }
        return lines
    }

    private mutating func tell(_ allocation: Allocation) -> [String] {
        guard let old = known[allocation.id] else {
            let turn = (turns[allocation.name] ?? 0) + 1
            turns[allocation.name] = turn
            names[allocation.id] = turn == 1 ? allocation.name : "\(allocation.name)#\(turn)"
            let place = "\(names[allocation.id] ?? "") is placed on \(allocation.nodeName)"
            return [place + (allocation.isCanary ? " as a canary" : "")]
        }
        let name = names[allocation.id] ?? allocation.name
        var lines: [String] = []
        if allocation.wish != old.wish, let wish = allocation.wish {
            lines.append("\(name) shall \(wish.rawValue)")
        }
        if allocation.desired != old.desired {
            lines.append("\(name) is to \(allocation.desired.rawValue): \(allocation.desiredDescription)")
        }
        lines += tellTasks(of: allocation, since: old, name)
        if allocation.client != old.client {
            let reason = allocation.clientDescription.isEmpty ? "" : ": \(allocation.clientDescription)"
            lines.append("\(name) is \(allocation.client.rawValue)\(reason)")
        }
        if let health = allocation.health, health.isHealthy != old.health?.isHealthy {
            lines.append("\(name) is \(health.isHealthy ? "healthy" : "unhealthy")")
        }
        return lines
    }

    private func tellTasks(of allocation: Allocation, since old: Allocation, _ name: String) -> [String] {
        var lines: [String] = []
        for (task, state) in allocation.tasks.sorted(by: { $0.key < $1.key }) {
            let before = old.tasks[task]?.events ?? []
            for event in state.events where !before.contains(event) && event.kind.isWorthTelling {
                let code = event.exitCode.map { ", exit code \($0)" } ?? ""
                let message = event.message.isEmpty ? "" : ": \(event.message)"
                lines.append("\(name) \(task): \(event.kind.rawValue)\(code)\(message)")
            }
        }
        return lines
    }
}

extension TaskEventKind {
    fileprivate var isWorthTelling: Bool { self != .received && self != .setup }
}

extension Duration {
    /// `1h02m03.5s`, to a tenth of a second: what a chronicle's lines begin with.
    var clockText: String {
        let tenths = nanoseconds / 100_000_000
        let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(two(hours)):\(two(minutes)):\(two(seconds)).\(tenths % 10)"
    }

    /// `90s`, `-3600s`: for what people set in seconds.
    var shortText: String { "\(nanoseconds / 1_000_000_000)s" }
}
