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
        var outcome: ExitStatus?
    }

    let isVerbose: Bool
    private var evaluationStatus = ""
    private var seen: [String: String] = [:]
    private var eventsSeen: [String: Int64] = [:]

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
        report.outcome = outcome(evaluation, ordered)
        if let outcome = report.outcome { report.news += closing(outcome, ordered) }
        return report
    }

    // MARK: What is new

    private mutating func tell(_ allocation: AllocationWire, in report: inout Report) {
        let name = "    Allocation \"\(id(allocation.id))\""
        switch seen[allocation.id] {
        case nil:
            report.news.append(
                .change("\(name) created: node \"\(nodeName(allocation))\", group \"\(allocation.group)\""))
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
    }

    /// What goes wrong while a task starts, each once.
    private mutating func tellTroubles(of allocation: AllocationWire, in report: inout Report) {
        let last = eventsSeen[allocation.id] ?? 0
        for (task, state) in (allocation.tasks ?? [:]).sorted(by: { $0.key < $1.key }) {
            for event in state.events ?? [] where event.time > last {
                eventsSeen[allocation.id] = max(eventsSeen[allocation.id] ?? 0, event.time)
                guard Self.troubles.contains(event.type) || event.exitCode != 0 else { continue }
                report.news.append(
                    .note("    Task \"\(task)\" of \"\(id(allocation.id))\": \(event.type): \(event.message)"))
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
        report.news.append(.note(head + " but not everything could be placed:"))
        let lines = RefusalText.text(refusals).split(separator: "\n", omittingEmptySubsequences: false)
        report.news += lines.map { .note($0.isEmpty ? "" : "    " + $0) }
        if let blocked = evaluation.blocked, !blocked.isEmpty {
            report.news.append(.note("    Evaluation \"\(id(blocked))\" waits for room for the rest"))
        }
    }

    // MARK: How it stands

    private func standing(_ allocation: AllocationWire) -> String {
        "    \(id(allocation.id))  \(allocation.name)  on \(nodeName(allocation))  \(allocation.clientStatus)"
            + reason(allocation)
    }

    private func outcome(_ evaluation: EvaluationWire, _ allocations: [AllocationWire]) -> ExitStatus? {
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
        let hasFailed = allocations.contains { $0.clientStatus == "failed" || $0.clientStatus == "lost" }
        return hasFailed && evaluation.type != "batch" ? .failure : .success
    }

    private func closing(_ outcome: ExitStatus, _ allocations: [AllocationWire]) -> [News] {
        let failed = allocations.filter { $0.clientStatus == "failed" }
        guard let first = failed.first else { return [] }
        return [
            .note(
                "==> \(failed.count) of \(allocations.count) allocations failed; "
                    + "see: cluster alloc status \(id(first.id)), cluster alloc logs -stderr \(id(first.id))")
        ]
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
}
