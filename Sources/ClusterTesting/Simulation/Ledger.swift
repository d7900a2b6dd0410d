import ClusterKit

/// What the world itself knows for sure: which writes were acknowledged, and which tasks failed.
struct Ledger {
    private var acknowledged: [(evaluation: EvaluationID, revision: Revision, kind: String)] = []
    private var forgotten: Set<EvaluationID> = []
    private var failedAllocations: Set<AllocationID> = []
    private var endedAllocations: Set<AllocationID> = []
    private var endedRuns: Set<TaskRun> = []
    private var starts: [TaskRun: Int] = [:]

    /// A user was told that a write is safe.
    mutating func acknowledge(_ receipt: Receipt, kind: String) {
        guard let evaluation = receipt.evaluation else { return }
        acknowledged.append((evaluation, receipt.revision, kind))
    }

    /// An evaluation was let go of on purpose.
    mutating func forget(_ id: EvaluationID) { forgotten.insert(id) }

    /// Whether the write of `receipt` is there.
    func check(_ receipt: Receipt, in truth: Snapshot, into report: inout WorldReport) {
        guard let evaluation = receipt.evaluation, truth.evaluations[evaluation] == nil,
            !forgotten.contains(evaluation)
        else { return }
        report.violations.append(
            Violation(rule: "acknowledged is durable", detail: "revision \(receipt.revision) is not stored"))
    }

    /// Whether all acknowledged writes are there still.
    func check(_ truth: Snapshot, into report: inout WorldReport) {
        for write in acknowledged
        where truth.evaluations[write.evaluation] == nil && !forgotten.contains(write.evaluation) {
            report.violations.append(
                Violation(
                    rule: "no acknowledged write is lost", detail: "\(write.kind) of revision \(write.revision) is gone"
                ))
            return
        }
    }

    /// A task ended by itself or was lost.
    mutating func ended(_ run: TaskRun, wellBehaved: Bool) {
        endedAllocations.insert(run.allocation)
        endedRuns.insert(run)
        if !wellBehaved { failedAllocations.insert(run.allocation) }
    }

    /// Counts the starts of a run.
    mutating func started(_ run: TaskRun) -> Int {
        starts[run, default: 0] += 1
        return starts[run, default: 0]
    }

    /// Whether a run has ended, or one of another task of its allocation: with that the others may end.
    func endsAllocation(of run: TaskRun) -> Bool {
        guard endedAllocations.contains(run.allocation) else { return false }
        return endedRuns.contains(run)
            || endedRuns.contains { $0.allocation == run.allocation && $0.task != run.task }
    }

    /// Whether a task of the allocation has ended without being told to, or failed.
    func hasEnded(_ allocation: AllocationID) -> Bool {
        endedAllocations.contains(allocation) || failedAllocations.contains(allocation)
    }
}
