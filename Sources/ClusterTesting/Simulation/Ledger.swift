import ClusterKit

/// What the world itself knows for sure: which writes were acknowledged.
struct Ledger {
    private var acknowledged: [(evaluation: EvaluationID, revision: Revision, kind: String)] = []
    private var forgotten: Set<EvaluationID> = []
    /// Items of work that someone was told are kept, and that nobody has removed since.
    private var items: Set<WorkItemKey> = []
    /// When items were removed last, by the revision that did it.
    private var removals: [WorkItemKey: Revision] = [:]
    /// Allocations whose end the servers have confirmed to their agents.
    private var ends: Set<AllocationID> = []

    /// A user was told that a write is safe.
    mutating func acknowledge(_ receipt: Receipt, kind: String) {
        guard let evaluation = receipt.evaluation else { return }
        acknowledged.append((evaluation, receipt.revision, kind))
    }

    /// An agent was told that what it reported is safe.
    mutating func acknowledge(_ reports: [AllocationReport], in truth: Snapshot, into report: inout WorldReport) {
        for end in reports where end.client.isTerminal {
            // One that counts from what a lost disk remembers is passed over; its agent tells again once it knows.
            if let known = truth.allocations[end.id], known.reportSerial > end.serial { continue }
            ends.insert(end.id)
            check(end.id, in: truth, into: &report)
        }
    }

    /// A worker was told that an item is kept.
    mutating func acknowledge(_ item: WorkItem, in truth: Snapshot, into report: inout WorldReport) {
        guard truth.work[item.key] == nil else {
            items.insert(item.key)
            return
        }
        // One that is over may be removed with the next revision, before its answer is on its way.
        guard removals[item.key].map({ $0 <= item.modifyRevision }) ?? true else { return }
        report.violations.append(
            Violation(rule: "acknowledged is durable", detail: "item \(item.key) is not stored"))
    }

    /// What became durable lets go of some of it on purpose.
    mutating func note(_ change: Change, of revision: Revision) {
        switch change {
        case .removeEvaluation(let id): forgotten.insert(id)
        case .removeWorkItem(let key):
            items.remove(key)
            removals[key] = revision
        default: break
        }
    }

    /// Whether the write of `receipt` is there.
    func check(_ receipt: Receipt, in truth: Snapshot, into report: inout WorldReport) {
        let isMissing = receipt.evaluation.map { truth.evaluations[$0] == nil && !forgotten.contains($0) } ?? false
        guard isMissing || receipt.revision > truth.revision else { return }
        report.violations.append(
            Violation(rule: "acknowledged is durable", detail: "revision \(receipt.revision) is not stored"))
    }

    /// Whether all acknowledged writes are there still.
    func check(_ truth: Snapshot, into report: inout WorldReport) {
        for write in acknowledged
        where truth.evaluations[write.evaluation] == nil && !forgotten.contains(write.evaluation) {
            return report.violations.append(
                Violation(
                    rule: "no acknowledged write is lost", detail: "\(write.kind) of revision \(write.revision) is gone"
                ))
        }
        if let item = items.sorted().first(where: { truth.work[$0] == nil }) {
            return report.violations.append(
                Violation(rule: "no acknowledged write is lost", detail: "item \(item) is gone"))
        }
        for id in ends.sorted() { check(id, in: truth, into: &report) }
    }

    /// Whether an end that was confirmed is known. What is removed has ended.
    private func check(_ end: AllocationID, in truth: Snapshot, into report: inout WorldReport) {
        guard let allocation = truth.allocations[end], !allocation.client.isTerminal else { return }
        report.violations.append(
            Violation(
                rule: "no acknowledged write is lost",
                detail: "the end of \(allocation.name) \(end.short) was confirmed, and it is \(allocation.client)"))
    }
}
