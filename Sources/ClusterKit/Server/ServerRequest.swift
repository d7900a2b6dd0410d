/// What clients and agents want of a server that changes something.
package enum ServerRequest: Sendable {
    /// Run this job, or run it like this from now on. With a revision, only if the job's statement has not changed
    /// since; zero means that there must be none. The note says who wants it, and why.
    indirect case register(
        Job, source: JobSource?, ifUnchangedSince: Revision?, note: ChangeNote? = nil, keepingCounts: Bool = false)
    /// Run the job as an older version states it. With a version, only if that is the newest.
    case revert(JobID, to: Int, ifVersion: Int?, note: ChangeNote?)
    /// Note whether a version is what a failed roll-out may return to.
    case setStability(JobID, version: Int, isStable: Bool)
    /// Give a version a name, which keeps it; `nil` takes the name away.
    case tag(JobID, version: Int, VersionTag?)
    /// Take a name away from whichever version has it.
    case untag(JobID, name: String)
    /// Change how a roll-out goes on.
    case orderDeployment(DeploymentID, DeploymentOrder)
    /// Run nothing of the job; with `purge`, forget it.
    case stop(JobID, purge: Bool)
    /// Run this many instances of a group.
    case scale(JobID, ScalingRequest)
    /// Let an instance finish its present work and end; its group wants one less from now on.
    case retire(AllocationID)
    /// A task tells how its work stands.
    indirect case setWork(AllocationID, WorkStatus)
    /// Forget a node.
    case purgeNode(NodeID)
    /// Look again at the jobs that a node concerns.
    case evaluateNode(NodeID)
    /// Begin the work of a periodic job now.
    case force(JobID)
    /// Begin the work of a parameterized job with what the order gives.
    indirect case dispatch(JobID, DispatchOrder)
    /// Look at the job again, and if need be place what failed anew at once.
    case evaluate(JobID, replacingFailed: Bool = false)
    /// End one allocation; another takes its place.
    case stopAllocation(AllocationID)
    /// Place new work on the node, or none.
    case setEligibility(NodeID, NodeEligibility)
    /// Move away what runs on the node, which takes no new work from now on.
    case drain(NodeID, DrainLimit, ignoringSystemJobs: Bool, reason: String)
    /// Move nothing away any more, and take new work again where asked.
    case endDrain(NodeID, makingEligible: Bool)
    /// Place new work by these rules. With a revision, only if that was the last to change them; zero means that
    /// nobody has.
    indirect case setSchedulingRules(SchedulingRules, ifUnchangedSince: Revision?)
    /// An agent is there.
    indirect case registerNode(Node)
    /// An agent is still there.
    case heartbeat(NodeID)
    /// An agent tells what became of allocations.
    case report(NodeID, [AllocationReport])
    /// Write keys and secrets, if all of this still holds.
    case keep([Change], [Precondition])
    /// Do something with a queue of work.
    indirect case work(WorkRequest)
    /// Let go of all that has ended and that nothing leads to, whatever its age.
    case collect
}

/// What comes back.
package enum ServerReply: Sendable {
    /// A write of a client is durable.
    case receipt(Receipt)
    /// An agent is known.
    case registration(Registration)
    /// A report is durable.
    case done
    /// What came of a wish about a queue of work.
    case work(WorkReply)
}
