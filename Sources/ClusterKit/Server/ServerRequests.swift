/// What a client gets for an accepted write: where to look for what comes of it.
public struct Receipt: Hashable, Sendable {
    /// The evaluation that the write caused; `nil` when it caused none.
    public var evaluation: EvaluationID?
    /// The revision that last changed the job's statement.
    public var jobModifyRevision: Revision
    /// The revision of the write: it and all before it are durable.
    public var revision: Revision
    /// What was accepted but deserves a second look.
    public var warnings: [String]
    /// The job that a launch or dispatch made; `nil` for other writes.
    public var job: JobID?

    /// Acknowledges a write.
    public init(
        evaluation: EvaluationID? = nil, jobModifyRevision: Revision = .zero, revision: Revision,
        warnings: [String] = []
    ) {
        self.evaluation = evaluation
        self.jobModifyRevision = jobModifyRevision
        self.revision = revision
        self.warnings = warnings
    }
}

/// What a reader waits for: an object or a list. A waiter is woken only by changes of what it named.
public enum Topic: Hashable, Sendable {
    /// The list of jobs.
    case jobs
    /// One job.
    case job(JobID)
    /// The kept versions of a job.
    case versionsOfJob(JobID)
    /// The list of all allocations.
    case allocations
    /// One allocation.
    case allocation(AllocationID)
    /// The allocations of a job.
    case allocationsOfJob(JobID)
    /// The allocations on a node.
    case allocationsOnNode(NodeID)
    /// The list of nodes.
    case nodes
    /// One node.
    case node(NodeID)
    /// The list of all evaluations.
    case evaluations
    /// One evaluation.
    case evaluation(EvaluationID)
    /// The evaluations of a job.
    case evaluationsOfJob(JobID)
    /// The jobs that a periodic or parameterized job made.
    case childrenOfJob(JobID)
    /// The list of all roll-outs.
    case deployments
    /// One roll-out.
    case deployment(DeploymentID)
    /// The roll-outs of a job.
    case deploymentsOfJob(JobID)
    /// How the counts of a job's groups were changed.
    case scaling(JobID)
    /// The names of all services and their tags.
    case services
    /// The instances of one service.
    case service(String)
    /// The rules of placement.
    case schedulingRules
    /// The list of keys.
    case keys
    /// The keys that begin with a prefix.
    case keysBelow(String)
    /// One key.
    case key(String)
    /// The list of secrets.
    case secrets
    /// One secret.
    case secret(SecretPath)
    /// The queues of work and what they hold.
    case queues
    /// The items of a queue.
    case queue(WorkQueueID)
    /// One item of work.
    case workItem(WorkItemKey)

    /// The revision that last changed it; at least 1, as clients take 0 for "none".
    public func revision(in snapshot: Snapshot) -> Revision {
        let found: Revision =
            switch self {
            case .jobs: snapshot.jobs.modifyRevision
            case .job(let id): snapshot.jobs[id]?.modifyRevision ?? snapshot.jobs.modifyRevision
            case .versionsOfJob(let id): snapshot.versionsByJob.modifyRevision(of: id)
            case .allocations: snapshot.allocations.modifyRevision
            case .allocation(let id): snapshot.allocations[id]?.modifyRevision ?? snapshot.allocations.modifyRevision
            case .allocationsOfJob(let id): snapshot.allocationsByJob.modifyRevision(of: id)
            case .allocationsOnNode(let id): snapshot.allocationsByNode.modifyRevision(of: id)
            case .nodes: snapshot.nodes.modifyRevision
            case .node(let id): snapshot.nodes[id]?.modifyRevision ?? snapshot.nodes.modifyRevision
            case .evaluations: snapshot.evaluations.modifyRevision
            case .evaluation(let id): snapshot.evaluations[id]?.modifyRevision ?? snapshot.evaluations.modifyRevision
            case .deployments: snapshot.deployments.modifyRevision
            case .deployment(let id): snapshot.deployments[id]?.modifyRevision ?? snapshot.deployments.modifyRevision
            case .deploymentsOfJob(let id): snapshot.deploymentsByJob.modifyRevision(of: id)
            case .evaluationsOfJob(let id): snapshot.evaluationsByJob.modifyRevision(of: id)
            case .childrenOfJob(let id): snapshot.childrenByJob.modifyRevision(of: id)
            case .scaling(let id): snapshot.scaling[id]?.modifyRevision ?? snapshot.scaling.modifyRevision
            case .services: snapshot.catalog.modifyRevision
            case .service(let name): snapshot.catalog.modifyRevision(of: name)
            case .schedulingRules: snapshot.schedulingRules.modifyRevision
            case .keys: snapshot.keys.modifyRevision
            case .keysBelow(let prefix): snapshot.keys.revision(below: prefix)
            case .key(let key): snapshot.keys.revision(of: key)
            case .secrets: snapshot.secrets.modifyRevision
            case .secret(let path): snapshot.secrets[path]?.modifyRevision ?? snapshot.secrets.removeRevision
            case .queues: snapshot.work.modifyRevision
            case .queue(let id): snapshot.work.modifyRevision(of: id)
            case .workItem(let key): snapshot.work.modifyRevision(of: key)
            }
        return max(found, Revision(1))
    }
}
