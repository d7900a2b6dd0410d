import ClusterClient

/// Understands what becomes of an evaluation: takes one look at the cluster after the other, and says what is new.
///
/// It asks nobody and waits for nothing, so that it can be told any story.
struct Monitor {
    /// Something to tell.
    enum News: Hashable {
        /// Stays on the screen.
        case note(String)
        /// An allocation moved on; where lines can be rewritten, the standing lines show it instead.
        case change(String)
    }

    /// What there is to say after a look.
    struct Report {
        var news: [News] = []
        /// How the allocations stand now, for a screen whose lines can be rewritten.
        var standing: [String] = []
        /// How it ended; `nil` as long as it goes on.
        var outcome: Ending?
        /// The evaluation to watch from now on: what is left waits there for other work.
        var next: String?

        /// What is told, a line each.
        var lines: [String] {
            news.map { news in
                switch news {
                case .note(let line), .change(let line): line
                }
            }
        }
    }

    let isVerbose: Bool
    private var evaluationStatus = ""
    private var seen: [String: String] = [:]
    /// The time of the newest event that was told, by allocation and task.
    private var eventsSeen: [String: [String: Int64]] = [:]
    /// What held up allocations at the last look, and what was told of that, by allocation and task.
    private var holdUps: [String: [String: String]] = [:]
    private var holdUpsTold: Set<[String]> = []
    /// What groups waited for at the last look; `nil` while nothing waits for other work.
    private var obstacles: [String]?
    /// The groups that waited for other work at first.
    private var held: [String] = []
    /// What was told last of an evaluation that waits for more than other work.
    private var told: (status: String, refusals: [String: RefusalWire]?)?
    /// How many looks brought nothing new of what failed.
    private var quietLooks = 0

    init(isVerbose: Bool = false) { self.isVerbose = isVerbose }

    /// Takes in the evaluation and the allocations that it placed.
    mutating func look(_ evaluation: EvaluationWire, _ allocations: [AllocationWire]) -> Report {
        var report = Report()
        if evaluationStatus.isEmpty {
            report.news.append(.note("==> Evaluation \"\(id(evaluation.id))\" of job \"\(evaluation.job)\""))
        }
        let ordered = allocations.sorted { ($0.name, $0.createIndex, $0.id) < ($1.name, $1.createIndex, $1.id) }
        for allocation in ordered { tell(allocation, in: &report) }
        if evaluation.status != evaluationStatus, !evaluationStatus.isEmpty || evaluation.isFinished {
            tellEnd(of: evaluation, in: &report)
        }
        evaluationStatus = evaluation.status
        report.standing = ordered.map(standing)
        if evaluation.status == "complete", evaluation.isHeldOnly, let blocked = evaluation.blocked, !blocked.isEmpty {
            obstacles = evaluation.obstacles
            held = (evaluation.refusals ?? [:]).keys.sorted()
            report.next = blocked
            return report
        }
        report.outcome = outcome(evaluation, ordered)
        if report.outcome != nil { report.news += closing(ordered) }
        return report
    }

    /// Takes in the evaluation that waits for other work, and all that was placed since the job was looked at first.
    mutating func lookWaiting(_ evaluation: EvaluationWire, _ allocations: [AllocationWire]) -> Report {
        var report = Report()
        let ordered = allocations.sorted { ($0.name, $0.createIndex, $0.id) < ($1.name, $1.createIndex, $1.id) }
        for allocation in ordered { tell(allocation, in: &report) }
        report.standing = ordered.map(standing)
        quietLooks = report.news.isEmpty ? quietLooks + 1 : 0
        if evaluation.status == "blocked", evaluation.isHeldOnly {
            if obstacles != evaluation.obstacles {
                report.news += evaluation.obstacles.map { .note("    Waits now: \($0)") }
                obstacles = evaluation.obstacles
            }
            // What failed for good and is placed nowhere else lets the others wait for ever.
            let isOver = Self.newest(ordered).contains { allocation in
                allocation.clientStatus == "failed" && (allocation.followUp ?? "").isEmpty
                    && evaluation.obstacles.contains("group \(allocation.group) is not healthy yet")
            }
            if isOver, quietLooks >= 3 { report.outcome = .failure }
        } else if evaluation.status != "complete" {
            if told?.status != evaluation.status || told?.refusals != evaluation.refusals {
                tellEnd(of: evaluation, in: &report)
                told = (evaluation.status, evaluation.refusals)
            }
            report.outcome = outcome(evaluation, ordered)
        } else if ordered.isEmpty {
            report.news.append(
                .note("==> It waits no longer, and nothing was placed; see: cluster job status \(evaluation.job)"))
            report.outcome = .notPlaced
        } else if let group = held.first(where: { group in !ordered.contains { $0.group == group } }) {
            // Somebody stopped the job, or gave it a version that no longer has the group.
            report.news.append(
                .note(
                    "==> It waits no longer, and nothing of group \"\(group)\" was placed; "
                        + "see: cluster job status \(evaluation.job)"))
            report.outcome = .notPlaced
        } else {
            if obstacles != nil { report.news.append(.note("==> What it waited for has come")) }
            obstacles = nil
            report.outcome = outcome(evaluation, ordered)
        }
        if report.outcome != nil { report.news += closing(ordered) }
        return report
    }

    /// Takes in allocations while a deployment is watched: what goes wrong with them, and what they wait for.
    mutating func troubles(of allocations: [AllocationWire]) -> [String] {
        var report = Report()
        for allocation in allocations.sorted(by: { ($0.name, $0.createIndex, $0.id) < ($1.name, $1.createIndex, $1.id) }
        ) {
            tellTroubles(of: allocation, in: &report)
            tellHoldUps(of: allocation, in: &report)
        }
        return report.lines
    }

    // MARK: What is new

    private mutating func tell(_ allocation: AllocationWire, in report: inout Report) {
        let name = "    Allocation \"\(id(allocation.id))\""
        switch seen[allocation.id] {
        case nil:
            report.news.append(
                .change("\(name) created: node \"\(nodeName(allocation))\", group \"\(allocation.group)\""))
            if let others = allocation.preempted, !others.isEmpty {
                let ids = others.map(id).joined(separator: ", ")
                let words =
                    others.count == 1
                    ? "1 instance of another job, which ends" : "\(others.count) instances of other jobs, which end"
                report.news.append(.note("\(name) takes the room of \(words) for it: \(ids)"))
            }
            if allocation.clientStatus != "pending" {
                report.news.append(.change("\(name) status: \"\(allocation.clientStatus)\"\(reason(allocation))"))
            }
        case let old? where old != allocation.clientStatus:
            report.news.append(
                .change("\(name) status: \"\(old)\" -> \"\(allocation.clientStatus)\"\(reason(allocation))"))
        default: break
        }
        seen[allocation.id] = allocation.clientStatus
        tellTroubles(of: allocation, in: &report)
        tellHoldUps(of: allocation, in: &report)
    }

    /// What an allocation waits for that has not moved since the last look, which is some seconds ago; each once.
    private mutating func tellHoldUps(of allocation: AllocationWire, in report: inout Report) {
        let old = holdUps[allocation.id] ?? [:]
        var current: [String: String] = [:]
        for (task, state) in (allocation.tasks ?? [:]).sorted(by: { $0.key < $1.key }) where state.state == "pending" {
            guard allocation.desiredStatus == "run", let event = state.events?.last else { continue }
            guard !Self.troubles.contains(event.type), !Self.preparations.contains(event.type) else { continue }
            current[task] = AllocationText.line(event.message)
            guard old[task] == current[task], holdUpsTold.insert([allocation.id, task, event.message]).inserted else {
                continue
            }
            report.news.append(
                .change("    Allocation \"\(id(allocation.id))\" waits, task \"\(task)\": \(current[task] ?? "")"))
        }
        holdUps[allocation.id] = current
    }

    /// What happens to every task before it starts, and is no reason to wait.
    private static let preparations: Set = ["Received", "Task Setup"]

    /// What goes wrong while a task starts, each once.
    private mutating func tellTroubles(of allocation: AllocationWire, in report: inout Report) {
        for (task, state) in (allocation.tasks ?? [:]).sorted(by: { $0.key < $1.key }) {
            let last = eventsSeen[allocation.id]?[task] ?? 0
            for event in state.events ?? [] where event.time > last {
                eventsSeen[allocation.id, default: [:]][task] = event.time
                guard Self.troubles.contains(event.type) || event.exitCode != 0 else { continue }
                let message = AllocationText.whole(event.message)
                report.news.append(
                    .note("    Task \"\(task)\" of \"\(id(allocation.id))\": \(event.type): \(message)"))
            }
        }
    }

    private static let troubles: Set = [
        "Driver Failure", "Setup Failure", "Failed Validation", "Not Restarting", "Restarting",
    ]

    private func tellEnd(of evaluation: EvaluationWire, in report: inout Report) {
        let head = "==> Evaluation \"\(id(evaluation.id))\" finished with status \"\(evaluation.status)\""
        guard let refusals = evaluation.refusals, !refusals.isEmpty else {
            let why = evaluation.statusDescription.map { $0.isEmpty ? "" : ": " + $0 } ?? ""
            report.news.append(
                .note(evaluation.isFinished ? head + why : "    Evaluation is \(evaluation.status)\(why)"))
            return
        }
        let isHeld = evaluation.isHeldOnly
        report.news.append(
            .note(head + (isHeld ? "; the rest waits for other work:" : " but not everything could be placed:")))
        let lines = RefusalText.text(refusals).split(separator: "\n", omittingEmptySubsequences: false)
        report.news += lines.map { .note($0.isEmpty ? "" : "    " + $0) }
        if isHeld {
            return report.news.append(.note("    It is placed once that has come; Ctrl-C ends only the watch"))
        }
        if let blocked = evaluation.blocked, !blocked.isEmpty {
            let isShort = refusals.values.contains { $0.nodesExhausted > 0 || $0.shortages?.isEmpty == false }
            let what = isShort ? "room for the rest" : "nodes that may take the rest"
            report.news.append(
                .note(
                    "    Evaluation \"\(id(blocked))\" waits for \(what), which starts by itself then; "
                        + "see: cluster job why \(evaluation.job)"))
            guard evaluation.type == "service" else { return }
            report.news.append(
                .note(
                    "    Should its roll-out fail before, for no progress within progress_deadline say, only another "
                        + "version of the job places the rest"))
        }
    }

    // MARK: How it stands

    private func standing(_ allocation: AllocationWire) -> String {
        let holdUp = holdUps[allocation.id]?.min { $0.key < $1.key }.map { " (\($0.key): \($0.value))" }
        return "    \(id(allocation.id))  \(allocation.name)  on \(nodeName(allocation))  \(allocation.clientStatus)"
            + (holdUp ?? reason(allocation))
    }

    private func outcome(_ evaluation: EvaluationWire, _ allocations: [AllocationWire]) -> Ending? {
        switch evaluation.status {
        case "complete", "blocked": break
        case "failed", "canceled", "cancelled": return .failure
        default: return nil
        }
        // The rest goes on while the job is said not to fit; there is nothing more to wait for.
        let isStarting = allocations.contains { $0.clientStatus == "pending" && $0.desiredStatus == "run" }
        if isStarting { return nil }
        if evaluation.refusals?.isEmpty == false || evaluation.status == "blocked" { return .notPlaced }
        // That the work of a batch job fails is its result, not a trouble of starting it.
        let isWork = ["batch", "sysbatch"].contains(evaluation.type)
        let hasFailed = allocations.contains { $0.hasFailed && !(isWork && $0.hasStarted) }
        return hasFailed ? .failure : .success
    }

    private func closing(_ allocations: [AllocationWire]) -> [News] {
        let failed = allocations.filter { $0.clientStatus == "failed" }
        guard let first = failed.first(where: \.hasStarted) ?? failed.first else { return [] }
        // What never ran wrote nothing.
        let logs = first.hasStarted ? ", cluster alloc logs -stderr \(id(first.id))" : ""
        return [
            .note(
                "==> \(failed.count) of \(allocations.count) allocations failed; "
                    + "see: cluster alloc status \(id(first.id))\(logs)")
        ]
    }

    /// What to say of a job of which nothing was placed, and how that ends; `all` are its allocations, and `index` is
    /// the revision from which on the change has taken effect. `leaving` are those that were to end before it: their
    /// ends may be told only after it. `rollout` is that of the job's newest version.
    static func nothingBegun(
        _ all: [AllocationWire], of job: String, type: String = "service", since index: UInt64 = .max,
        leaving: Set<String> = [], rollout: DeploymentWire? = nil
    ) -> (line: String, outcome: Ending) {
        if let line = shortfall(of: all, after: rollout) { return (line, .failure) }
        let ending = all.count {
            $0.desiredStatus == "stop" && $0.modifyIndex >= index && !leaving.contains($0.id)
        }
        if ending > 0 {
            let stays = all.count { $0.desiredStatus == "run" && !$0.isOver }
            let ends = ending == 1 ? "1 instance ends" : "\(ending) instances end"
            let others = stays == 1 ? "1 stays" : "\(stays) stay"
            return ("==> Nothing had to be placed: \(ends), \(others), as the job wants it", .success)
        }
        let newest = newest(all)
        let counts = Dictionary(grouping: newest, by: \.clientStatus).mapValues(\.count)
        guard !counts.isEmpty else { return ("==> Nothing was begun: there is nothing to place", .success) }
        let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        // What a service no longer wants has ended too, and does not run again.
        let isWork = ["batch", "sysbatch"].contains(type)
        let ended = (isWork ? ["complete", "failed", "lost"] : ["failed", "lost"]).contains { counts[$0] != nil }
        let advice = ended ? "; what has ended runs again once the job changes, or after: cluster job stop \(job)" : ""
        let isBroken = newest.contains { $0.hasFailed && !$0.hasStarted }
        return (
            "==> Nothing was begun: the instances are there as the job wants them (\(words))\(advice)",
            isBroken ? .failure : .success
        )
    }

    /// What to say where fewer instances are there than are wanted because the roll-out failed.
    private static func shortfall(of all: [AllocationWire], after rollout: DeploymentWire?) -> String? {
        guard let rollout, rollout.status == "failed", let groups = rollout.groups else { return nil }
        let wanted = groups.values.reduce(0) { $0 + $1.desired }
        let there = all.count { groups[$0.group] != nil && $0.desiredStatus == "run" && !$0.isOver }
        guard there < wanted else { return nil }
        return "==> Nothing was begun: \(there) of \(wanted) instances are there, and the rest is not placed, for the "
            + "roll-out of version \(rollout.version) failed: \(rollout.statusDescription)\n"
            + "    Another version places it: change the job, or its count with cluster job scale; "
            + "see: cluster job why \(rollout.job)"
    }

    /// Of each name the allocation that came last: what was replaced counts no more.
    private static func newest(_ all: [AllocationWire]) -> [AllocationWire] {
        var newest: [String: AllocationWire] = [:]
        for allocation in all where allocation.createIndex >= newest[allocation.name]?.createIndex ?? 0 {
            newest[allocation.name] = allocation
        }
        return newest.sorted { $0.key < $1.key }.map(\.value)
    }

    private func reason(_ allocation: AllocationWire) -> String {
        guard allocation.clientStatus != "running", let text = allocation.clientDescription, !text.isEmpty else {
            return ""
        }
        return " (\(text))"
    }

    private func nodeName(_ allocation: AllocationWire) -> String {
        allocation.nodeName.isEmpty ? id(allocation.node) : allocation.nodeName
    }

    private func id(_ id: String) -> String { AllocationTable.shown(id, isVerbose) }
}

extension EvaluationWire {
    /// Whether nothing more comes of it by itself.
    var isFinished: Bool { !["pending", ""].contains(status) }

    /// Whether all that was not placed waits for other work, and for nothing else.
    var isHeldOnly: Bool {
        guard let refusals, !refusals.isEmpty else { return false }
        return refusals.values.allSatisfy(\.isHeld)
    }

    /// What groups wait for, each once.
    var obstacles: [String] { Array(Set((refusals ?? [:]).values.flatMap { $0.awaits ?? [] })).sorted() }
}

extension RefusalWire {
    /// Whether it was not even tried to place any: they wait for other work.
    var isHeld: Bool { awaits?.isEmpty == false && nodesEvaluated == 0 }
}

extension AllocationWire {
    /// Whether a task of it ever ran.
    var hasStarted: Bool { (tasks ?? [:]).values.contains { !TimeText.point($0.startedAt).isEmpty } }

    /// Whether it ended otherwise than it should.
    var hasFailed: Bool { clientStatus == "failed" || clientStatus == "lost" }
}
