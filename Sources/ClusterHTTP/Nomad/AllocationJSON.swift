import ClusterKit

extension AnswerWriter {
    /// An allocation as lists show it.
    mutating func allocationStub(_ allocation: Allocation, in snapshot: Snapshot, _ parts: AllocationParts) {
        object { writer in
            writer.allocationHead(allocation)
            writer.field("JobType", (snapshot.job(of: allocation)?.kind ?? .service).rawValue)
            writer.field("JobVersion", allocation.jobVersion)
            if parts.contains(.resources) { writer.allocatedResources(allocation, in: snapshot) }
            if parts.contains(.tasks) {
                writer.taskStates(of: allocation)
            } else {
                writer.field("TaskStates", null: ())
            }
        }
    }

    /// An allocation with everything that is known of it.
    mutating func allocation(_ allocation: Allocation, in snapshot: Snapshot, withJob: Bool) {
        object { writer in
            writer.allocationHead(allocation)
            writer.field("PreviousAllocation", allocation.previous)
            writer.field("DeploymentID", allocation.deployment)
            writer.field("AllocModifyIndex", allocation.createRevision)
            writer.name("Job")
            let record = snapshot.jobVersions[JobVersion(allocation.job, allocation.jobVersion)]
            if withJob, let record { writer.job(record, in: snapshot) } else { writer.null() }
            writer.allocatedResources(allocation, in: snapshot)
            writer.olderResources(allocation, in: snapshot)
            writer.placementMetrics(allocation, in: snapshot)
            writer.literal(#""NetworkStatus":null"#)
            writer.taskStates(of: allocation)
        }
    }

    /// What lists and the single allocation have in common.
    private mutating func allocationHead(_ allocation: Allocation) {
        field("ID", allocation.id)
        field("EvalID", allocation.evaluation)
        field("Name", allocation.name)
        field("Namespace", allocation.job.namespace)
        field("NodeID", allocation.node)
        field("NodeName", allocation.nodeName)
        field("JobID", allocation.job.id)
        field("TaskGroup", allocation.group)
        field("DesiredStatus", allocation.desired.rawValue)
        field("DesiredDescription", allocation.desiredDescription)
        transition(of: allocation)
        field("ClientStatus", allocation.client.rawValue)
        field("ClientDescription", allocation.clientDescription)
        // Ours: Nomad does not tell whose fault a failure is.
        if let cause = allocation.cause { field("FailureCause", cause.rawValue) }
        // Ours as well: what is wanted of it beyond that it runs, and whether it may act on changed templates.
        if let wish = allocation.wish { field("Wish", wish.rawValue) }
        if let turn = allocation.reload {
            field("ReloadPhase", turn.phase.rawValue)
            field("ReloadSince", turn.since)
        }
        deploymentStatus(allocation)
        field("FollowupEvalID", allocation.followUp)
        field("NextAllocation", allocation.next)
        rescheduleTracker(allocation.reschedules)
        name("PreemptedAllocations")
        // The one that it replaces was not preempted for it.
        arrayOrNull(allocation.preempted.filter { $0 != allocation.previous }) { $0.string($1.description) }
        field("PreemptedByAllocation", allocation.preemptedBy)
        field("CreateIndex", allocation.createRevision)
        field("ModifyIndex", allocation.modifyRevision)
        work(allocation.work)
        field("CreateTime", allocation.createTime)
        field("ModifyTime", allocation.modifyTime)
    }

    private mutating func transition(of allocation: Allocation) {
        switch allocation.wish {
        case .replace where allocation.isTerminal:
            literal(#""DesiredTransition":{"Migrate":null,"Reschedule":null,"ForceReschedule":true}"#)
        case .migrate, .forceMigrate, .replace:
            literal(#""DesiredTransition":{"Migrate":true,"Reschedule":null,"ForceReschedule":null}"#)
        case .retire, nil: literal(#""DesiredTransition":{"Migrate":null,"Reschedule":null,"ForceReschedule":null}"#)
        }
    }

    private mutating func rescheduleTracker(_ events: [RescheduleEvent]) {
        name("RescheduleTracker")
        guard !events.isEmpty else { return null() }
        object {
            $0.name("Events")
            $0.array(events) { writer, event in
                writer.object {
                    $0.field("RescheduleTime", event.time)
                    $0.field("PrevAllocID", event.previous)
                    $0.field("PrevNodeID", event.node)
                    $0.field("Delay", event.delay.nanoseconds)
                }
            }
        }
    }

    /// Why it was placed there, as far as it was kept.
    private mutating func placementMetrics(_ allocation: Allocation, in snapshot: Snapshot) {
        name("Metrics")
        object { writer in
            writer.literal(#""NodesEvaluated":1,"NodesFiltered":0,"NodesAvailable":{},"ClassFiltered":null"#)
            writer.literal(#""ConstraintFiltered":null,"NodesExhausted":0,"ClassExhausted":null"#)
            writer.literal(#""DimensionExhausted":null,"QuotaExhausted":null,"Scores":null"#)
            writer.literal(#""AllocationTime":0,"CoalescedFailures":0"#)
            writer.name("ScoreMetaData")
            writer.array([allocation]) { writer, allocation in
                writer.object {
                    $0.field("NodeID", allocation.node)
                    $0.literal(#""Scores":{}"#)
                    $0.field("NormScore", allocation.score)
                }
            }
        }
    }
}

/// What a list of allocations says beyond the least.
struct AllocationParts: OptionSet {
    let rawValue: Int
    /// What each allocation holds.
    static let resources = AllocationParts(rawValue: 1)
    /// What is known of its tasks.
    static let tasks = AllocationParts(rawValue: 2)
}
