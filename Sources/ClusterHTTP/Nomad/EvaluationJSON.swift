import ClusterKit

extension AnswerWriter {
    /// An evaluation, in lists and alone.
    mutating func evaluation(_ evaluation: Evaluation) {
        object {
            $0.field("ID", evaluation.id)
            $0.field("Namespace", evaluation.job.namespace)
            $0.field("Priority", evaluation.priority)
            $0.field("Type", evaluation.kind.rawValue)
            $0.field("TriggeredBy", evaluation.trigger.rawValue)
            $0.field("JobID", evaluation.job.id)
            $0.field("JobModifyIndex", evaluation.jobModifyRevision)
            $0.field("NodeID", evaluation.node)
            $0.literal(#""NodeModifyIndex":0,"DeploymentID":"""#)
            $0.field("Status", evaluation.status.rawValue)
            $0.field("StatusDescription", evaluation.statusDescription)
            $0.field("Wait", 0)
            $0.field("WaitUntil", timestamp: evaluation.waitUntil)
            $0.field("NextEval", evaluation.next)
            $0.field("PreviousEval", evaluation.previous)
            $0.field("BlockedEval", evaluation.blocked)
            $0.field("FailedTGAllocs", byName: evaluation.refusals) { $0.refusal($1) }
            $0.literal(#""ClassEligibility":null,"QuotaLimitReached":"","EscapedComputedClass":false"#)
            $0.field("QueuedAllocations", evaluation.queued)
            $0.field("SnapshotIndex", evaluation.snapshotRevision)
            $0.field("CreateIndex", evaluation.createRevision)
            $0.field("ModifyIndex", evaluation.modifyRevision)
            $0.field("CreateTime", evaluation.createTime)
            $0.field("ModifyTime", evaluation.modifyTime)
        }
    }

    mutating func refusal(_ refusal: Refusal) {
        object {
            $0.field("NodesEvaluated", refusal.nodesEvaluated)
            $0.field("NodesFiltered", refusal.nodesFiltered)
            $0.field("NodesAvailable", refusal.nodesAvailable)
            $0.literal(#""ClassFiltered":null"#)
            $0.field("ConstraintFiltered", refusal.filtered)
            $0.field("NodesExhausted", refusal.nodesExhausted)
            $0.literal(#""ClassExhausted":null"#)
            $0.field("DimensionExhausted", refusal.exhausted)
            $0.literal(#""QuotaExhausted":null,"Scores":null,"ScoreMetaData":null,"AllocationTime":0"#)
            $0.field("CoalescedFailures", refusal.coalesced)
            $0.field("Shortages", refusal.shortages)
            if !refusal.awaits.isEmpty { $0.field("Awaits", refusal.awaits) }
        }
    }
}
