import ClusterKit

/// What became true in a simulated cluster, in words: one line for each change that a person would tell.
///
/// Instances go by their names, with `#2` and so on for the second and later ones of a name; identifiers appear
/// nowhere, so that two seeds which lead to the same course give the same text.
struct Chronicle {
    private(set) var lines: [String] = []
    private var known: [AllocationID: Allocation] = [:]
    private var names: [AllocationID: String] = [:]
    /// The same, and those of roll-outs, by how messages begin their identifiers.
    private var shortNames: [String: String] = [:]
    private var turns: [String: Int] = [:]
    private var nodes: [NodeID: Node] = [:]
    private var jobs: [JobID: JobRecord] = [:]
    private var deployments: [DeploymentID: Deployment] = [:]
    private var evaluations: [EvaluationID: JobID] = [:]
    /// What clients are offered, and as of which change of the catalog.
    private var offered: Set<Offer> = []
    private var catalogRevision = Revision.zero

    /// An instance that is offered under the name of a service.
    private struct Offer: Hashable {
        let service: String
        let allocation: AllocationID
    }

    /// What an instance goes by.
    func name(of id: AllocationID) -> String { names[id] ?? id.short }

    /// Adds a line.
    mutating func add(_ line: String, at time: Duration) { lines.append("\(time.clockText)  \(named(line))") }

    /// What messages call by the beginning of an identifier goes by its name.
    private func named(_ line: String) -> String {
        guard line.contains("allocation ") || line.contains("deployment ") else { return line }
        var words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        for place in words.indices.dropFirst()
        where words[place - 1] == "allocation" || words[place - 1] == "deployment" {
            let word = words[place]
            let short = word.last == ":" ? String(word.dropLast()) : word
            guard let name = shortNames[short] else { continue }
            words[place] = word == short ? name : name + ":"
        }
        return words.joined(separator: " ")
    }

    /// Adds what `batch` made true.
    mutating func add(_ batch: ChangeBatch, leadingTo truth: Snapshot, at time: Duration) {
        for change in batch.changes {
            for line in tell(change, in: truth) { add(line, at: time) }
        }
        for (job, count) in forgotten(by: batch).sorted(by: { $0.key < $1.key }) {
            let what = count == 1 ? "an evaluation of job \(job) is" : "\(count) evaluations of job \(job) are"
            add("\(what) forgotten", at: time)
        }
    }

    /// Adds who is offered to clients from now on, and who no more.
    mutating func add(_ catalog: ServiceCatalog, at time: Duration) {
        guard catalog.modifyRevision != catalogRevision else { return }
        catalogRevision = catalog.modifyRevision
        var newest: Set<Offer> = []
        for service in catalog.names {
            for instance in catalog.offered(service) {
                newest.insert(Offer(service: service, allocation: instance.allocation))
            }
        }
        let lines =
            newest.subtracting(offered).map { "\(name(of: $0.allocation)) is offered as \($0.service)" }
            + offered.subtracting(newest).map { "\(name(of: $0.allocation)) is no longer offered as \($0.service)" }
        for line in lines.sorted() { add(line, at: time) }
        offered = newest
    }

    /// How many evaluations of each job are let go of.
    private mutating func forgotten(by batch: ChangeBatch) -> [JobID: Int] {
        var counts: [JobID: Int] = [:]
        for case .removeEvaluation(let id) in batch.changes {
            if let job = evaluations.removeValue(forKey: id) { counts[job, default: 0] += 1 }
        }
        return counts
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
            shortNames[deployment.id.short] = "of \(deployment.job) version \(deployment.jobVersion)"
            return tell(deployment)
        case .putKey(let record): return ["key \(record.key) says \(record.value.shownText)"]
        case .removeDeployment(let id):
            return deployments.removeValue(forKey: id).map { ["\($0.title) is forgotten"] } ?? []
        case .putEvaluation(let evaluation):
            evaluations[evaluation.id] = evaluation.job
            guard evaluation.status == .blocked, !evaluation.queued.isEmpty else { return [] }
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
        let name = deployment.title
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
            let name = turn == 1 ? allocation.name : "\(allocation.name)#\(turn)"
            names[allocation.id] = name
            shortNames[allocation.id.short] = name
            let place = "\(name) is placed on \(allocation.nodeName)"
            return [place + (allocation.isCanary ? " as a canary" : "")]
        }
        let name = names[allocation.id] ?? allocation.name
        var lines: [String] = []
        if allocation.jobVersion != old.jobVersion {
            lines.append("\(name) goes on as version \(allocation.jobVersion)")
        }
        if allocation.wish != old.wish, let wish = allocation.wish, allocation.desired == .run {
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

    /// What happened to the tasks, in the order in which it did.
    private func tellTasks(of allocation: Allocation, since old: Allocation, _ name: String) -> [String] {
        var told: [(time: WallTime, task: String, place: Int, line: String)] = []
        for (task, state) in allocation.tasks {
            let before = old.tasks[task]?.events ?? []
            for (place, event) in state.events.enumerated()
            where !before.contains(event) && event.kind.isWorthTelling {
                let code = event.exitCode.map { ", exit code \($0)" } ?? ""
                let message = event.message.isEmpty ? "" : ": \(event.message)"
                told.append((event.time, task, place, "\(name) \(task): \(event.kind.rawValue)\(code)\(message)"))
            }
        }
        return told.sorted { ($0.time, $0.task, $0.place) < ($1.time, $1.task, $1.place) }.map(\.line)
    }
}

extension Deployment {
    fileprivate var title: String { "deployment of \(job) version \(jobVersion)" }
}

extension InquiryAnswer {
    /// What whoever asked is told.
    var words: String {
        switch self {
        case .logs: "a part of a log"
        case .notFound(let words), .failed(let words), .invalid(let words): words
        case .done: "done"
        }
    }
}

extension TaskEventKind {
    fileprivate var isWorthTelling: Bool { self != .received && self != .setup }
}

extension Collection<UInt8> {
    /// A text in quotes, on one line.
    var shownText: String { String(reflecting: String(decoding: self, as: UTF8.self)) }
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
