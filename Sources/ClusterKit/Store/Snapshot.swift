/// The whole state at one revision: an immutable value whose copies cost nothing and share what is equal.
public struct Snapshot: Sendable {
    /// The revision of the last batch applied.
    public private(set) var revision: Revision = .zero
    /// The leadership that wrote that batch.
    public private(set) var epoch: Epoch = .zero
    /// Jobs by identifier.
    public private(set) var jobs = Table<JobID, JobRecord>()
    /// Kept versions of jobs, the newest included.
    public private(set) var jobVersions = Table<JobVersion, JobRecord>()
    /// Nodes by identifier.
    public private(set) var nodes = Table<NodeID, Node>()
    /// Allocations by identifier.
    public private(set) var allocations = Table<AllocationID, Allocation>()
    /// Evaluations by identifier.
    public private(set) var evaluations = Table<EvaluationID, Evaluation>()
    /// Roll-outs by identifier.
    public private(set) var deployments = Table<DeploymentID, Deployment>()
    /// The roll-outs of each job.
    public private(set) var deploymentsByJob = RecordIndex<JobID, DeploymentID>()
    /// How counts were changed, by job.
    public private(set) var scaling = Table<JobID, ScalingHistory>()
    /// The kept versions of each job.
    public private(set) var versionsByJob = RecordIndex<JobID, JobVersion>()
    /// The allocations of each job.
    public private(set) var allocationsByJob = RecordIndex<JobID, AllocationID>()
    /// The allocations on each node.
    public private(set) var allocationsByNode = RecordIndex<NodeID, AllocationID>()
    /// The evaluations of each job.
    public private(set) var evaluationsByJob = RecordIndex<JobID, EvaluationID>()
    /// Those of them from which something may still come: few, however many are kept.
    private(set) var openEvaluationsByJob = RecordIndex<JobID, EvaluationID>()

    /// The jobs that each periodic or parameterized job made.
    public private(set) var childrenByJob = RecordIndex<JobID, JobID>()
    /// Up to which time each periodic job was begun.
    public private(set) var launches = Table<JobID, LaunchRecord>()
    /// Keys and their values.
    public private(set) var keys = KeyTable()
    /// Secrets, their data apart.
    public private(set) var secrets = Table<SecretPath, SecretRecord>()
    /// The sealed data of secrets.
    public private(set) var sealed = Table<SecretVersionID, SealedSecret>()
    /// The items of work of all queues.
    public private(set) var work = WorkTable()
    /// The rules of placement.
    public private(set) var schedulingRules = SchedulingRules()
    /// How long the leases of nodes may be, those included that are known no longer; zero where none is longer than
    /// among few nodes.
    public private(set) var longestLease = Duration.zero
    /// The services that run. It follows from allocations, jobs and nodes, and is not stored.
    public private(set) var catalog = ServiceCatalog()

    /// The state before the first change.
    public init() {}

    /// The state of a store that was read back: records as they were written, at `revision`. Its lists count as
    /// changed then.
    public init(revision: Revision, epoch: Epoch, records: some Sequence<Change>) {
        for change in records { apply(change, at: nil) }
        self.revision = revision
        self.epoch = epoch
        countListsAsChanged()
    }

    /// What was removed before is not known one by one, so every list counts as changed: whoever waits for a change
    /// of one looks at it once too often rather than missing a removal.
    private mutating func countListsAsChanged() {
        jobs.modifyRevision = revision
        jobVersions.modifyRevision = revision
        nodes.modifyRevision = revision
        allocations.modifyRevision = revision
        evaluations.modifyRevision = revision
        deployments.touchAll(at: revision)
        deploymentsByJob.touchAll(at: revision)
        scaling.touchAll(at: revision)
        versionsByJob.touchAll(at: revision)
        allocationsByJob.touchAll(at: revision)
        allocationsByNode.touchAll(at: revision)
        evaluationsByJob.touchAll(at: revision)
        childrenByJob.touchAll(at: revision)
        launches.touchAll(at: revision)
        keys.touchAll(at: revision)
        secrets.touchAll(at: revision)
        sealed.touchAll(at: revision)
        work.touchAll(at: revision)
        catalog.touchAll(at: revision)
    }

    /// Makes the changes of `batch` true. The batch must be the next one; a store that hands out another is broken,
    /// and `false` says so without changing anything.
    @discardableResult
    public mutating func apply(_ batch: ChangeBatch) -> Bool {
        guard batch.revision == revision.next, batch.epoch >= epoch else { return false }
        for change in batch.changes { apply(change, at: batch.revision) }
        revision = batch.revision
        epoch = batch.epoch
        return true
    }

    /// The job that an allocation runs, at its version.
    public func job(of allocation: Allocation) -> Job? {
        jobVersions[JobVersion(allocation.job, allocation.jobVersion)]?.job
    }

    /// The allocations of a job, in the order of their identifiers.
    public func allocations(of job: JobID) -> [Allocation] {
        allocationsByJob.members(of: job).compactMap { allocations[$0] }
    }

    /// The allocations on a node, in the order of their identifiers.
    public func allocations(on node: NodeID) -> [Allocation] {
        allocationsByNode.members(of: node).compactMap { allocations[$0] }
    }

    /// The jobs that a periodic or parameterized job made, in the order of their identifiers.
    public func children(of job: JobID) -> [JobRecord] {
        childrenByJob.members(of: job).compactMap { jobs[$0] }
    }

    /// The evaluations of a job, in the order of their identifiers.
    public func evaluations(of job: JobID) -> [Evaluation] {
        evaluationsByJob.members(of: job).compactMap { evaluations[$0] }
    }

    /// The evaluations of a job that are to be looked at or wait for room, in the order of their identifiers.
    public func openEvaluations(of job: JobID) -> [Evaluation] {
        openEvaluationsByJob.members(of: job).compactMap { evaluations[$0] }
    }

    /// The roll-outs of a job, the oldest first.
    public func deployments(of job: JobID) -> [Deployment] {
        deploymentsByJob.members(of: job).compactMap { deployments[$0] }
            .sorted { ($0.createRevision, $0.id) < ($1.createRevision, $1.id) }
    }

    /// `stamp` is nil while records are read back: they carry their revisions already.
    private mutating func apply(_ change: Change, at stamp: Revision?) {
        switch change {
        case .putJob(let record): put(record, at: stamp)
        case .removeJob(let id): removeJob(id, at: stamp ?? revision)
        case .removeJobVersion(let version): removeVersion(version, at: stamp ?? revision)
        case .putNode(var node):
            if let stamp {
                node.createRevision = nodes[node.id]?.createRevision ?? stamp
                node.modifyRevision = stamp
            }
            put(node)
        case .removeNode(let id):
            nodes.remove(id, at: stamp ?? revision)
            catalog.remove(id, at: stamp ?? revision)
        case .putAllocation(let allocation): put(allocation, at: stamp)
        case .removeAllocation(let id):
            guard let old = allocations[id] else { return }
            allocations.remove(id, at: stamp ?? revision)
            allocationsByJob.remove(id, of: old.job, at: stamp ?? revision)
            allocationsByNode.remove(id, of: old.node, at: stamp ?? revision)
            catalog.replace([], of: id, at: stamp ?? revision)
        case .putEvaluation(let evaluation): put(evaluation, at: stamp)
        case .removeEvaluation(let id):
            guard let old = evaluations[id] else { return }
            evaluations.remove(id, at: stamp ?? revision)
            evaluationsByJob.remove(id, of: old.job, at: stamp ?? revision)
            openEvaluationsByJob.remove(id, of: old.job, at: stamp ?? revision)
        case .putDeployment(let deployment): put(deployment, at: stamp)
        case .removeDeployment(let id):
            guard let old = deployments[id] else { return }
            deployments.remove(id, at: stamp ?? revision)
            deploymentsByJob.remove(id, of: old.job, at: stamp ?? revision)
        case .putScalingEvents(var history):
            if let stamp { history.modifyRevision = stamp }
            scaling.put(history, for: history.job, at: max(scaling.modifyRevision, history.modifyRevision))
        default: applyKept(change, at: stamp)
        }
    }

    /// What is kept for clients, keys, secrets and items of work, and what belongs to the whole cluster.
    private mutating func applyKept(_ change: Change, at stamp: Revision?) {
        switch change {
        case .putLaunch(var launch):
            if let stamp { launch.modifyRevision = stamp }
            launches.put(launch, for: launch.job, at: max(launches.modifyRevision, launch.modifyRevision))
        case .removeLaunch(let id): launches.remove(id, at: stamp ?? revision)
        case .putKey(var record):
            if let stamp {
                record.createRevision = keys[record.key]?.createRevision ?? stamp
                record.modifyRevision = stamp
            }
            keys.put(record)
        case .removeKey(let key): keys.remove(key, at: stamp ?? revision)
        case .putSecret(var record):
            if let stamp {
                record.createRevision = secrets[record.path]?.createRevision ?? stamp
                record.modifyRevision = stamp
            }
            secrets.put(record, for: record.path, at: max(secrets.modifyRevision, record.modifyRevision))
        case .removeSecret(let path):
            for version in secrets[path]?.versions ?? [] {
                sealed.remove(SecretVersionID(path, version.number), at: stamp ?? revision)
            }
            secrets.remove(path, at: stamp ?? revision)
        case .putSealed(let secret): sealed.put(secret, for: secret.id, at: stamp ?? revision)
        case .removeSealed(let id): sealed.remove(id, at: stamp ?? revision)
        case .putSchedulingRules(var rules):
            if let stamp {
                let created = schedulingRules.createRevision
                rules.createRevision = created == .zero ? stamp : created
                rules.modifyRevision = stamp
            }
            schedulingRules = rules
        case .putLongestLease(let lease): longestLease = lease
        case .putWorkItem(let item): work.put(item, at: stamp)
        case .removeWorkItem(let key): work.remove(key, at: stamp ?? revision)
        default: break
        }
    }

    private mutating func put(_ node: Node) {
        let old = nodes[node.id]
        nodes.put(node, for: node.id, at: max(nodes.modifyRevision, node.modifyRevision))
        catalog.put(node)
        guard let old, !old.serves(like: node) else { return }
        for allocation in allocations(on: node.id) { register(allocation, at: node.modifyRevision) }
    }

    /// Brings the catalog in line with an allocation.
    private mutating func register(_ allocation: Allocation, at revision: Revision) {
        let instances = instances(of: allocation)
        #if MUTANTS
            if Sabotage.active == .keepsDead, instances.isEmpty { return }
        #endif
        catalog.replace(instances, of: allocation.id, at: revision)
    }

    private mutating func removeVersion(_ version: JobVersion, at revision: Revision) {
        // The newest version is the job itself and goes with it.
        guard jobs[version.job]?.version != version.version else { return }
        jobVersions.remove(version, at: revision)
        versionsByJob.remove(version, of: version.job, at: revision)
    }

    private mutating func put(_ record: JobRecord, at stamp: Revision?) {
        var record = record
        let id = record.job.id
        let old = jobs[id]
        let version = JobVersion(id, record.version)
        // What becomes of an older version, a name for instance, does not make it the newest again; and read back in
        // any order, the newest version is the job.
        let isOlder = old.map { $0.version > record.version } ?? false
        if let stamp {
            let before = isOlder ? jobVersions[version] : old
            record.createRevision = old?.createRevision ?? stamp
            record.modifyRevision = stamp
            let changed =
                before?.version != record.version || before?.stopped != record.stopped || before?.job != record.job
            record.jobModifyRevision = changed ? stamp : before?.jobModifyRevision ?? stamp
        }
        jobVersions.put(record, for: version, at: max(jobVersions.modifyRevision, record.modifyRevision))
        versionsByJob.touch(version, of: id, at: record.modifyRevision)
        if let parent = record.job.origin?.parent { childrenByJob.touch(id, of: parent, at: record.modifyRevision) }
        if isOlder { return }
        jobs.put(record, for: id, at: max(jobs.modifyRevision, record.modifyRevision))
    }

    private mutating func removeJob(_ id: JobID, at revision: Revision) {
        if let parent = jobs[id]?.job.origin?.parent { childrenByJob.remove(id, of: parent, at: revision) }
        launches.remove(id, at: revision)
        jobs.remove(id, at: revision)
        scaling.remove(id, at: revision)
        for version in versionsByJob.members(of: id) { jobVersions.remove(version, at: revision) }
        versionsByJob.forget(id, at: revision)
    }

    private mutating func put(_ allocation: Allocation, at stamp: Revision?) {
        var allocation = allocation
        let (id, job, node) = (allocation.id, allocation.job, allocation.node)
        if let stamp { allocation.stamp(stamp, createdAt: allocations[id]?.createRevision ?? stamp) }
        let revision = allocation.modifyRevision
        allocations.put(allocation, for: id, at: max(allocations.modifyRevision, revision))
        allocationsByJob.touch(id, of: job, at: revision)
        allocationsByNode.touch(id, of: node, at: revision)
        register(allocation, at: revision)
    }

    private mutating func put(_ evaluation: Evaluation, at stamp: Revision?) {
        var evaluation = evaluation
        if let stamp {
            evaluation.createRevision = evaluations[evaluation.id]?.createRevision ?? stamp
            evaluation.modifyRevision = stamp
        }
        let (id, job) = (evaluation.id, evaluation.job)
        let revision = evaluation.modifyRevision
        evaluations.put(evaluation, for: id, at: max(evaluations.modifyRevision, revision))
        evaluationsByJob.touch(id, of: job, at: revision)
        if evaluation.isOpen {
            openEvaluationsByJob.touch(id, of: job, at: revision)
        } else {
            openEvaluationsByJob.remove(id, of: job, at: revision)
        }
    }

    private mutating func put(_ deployment: Deployment, at stamp: Revision?) {
        var deployment = deployment
        if let stamp {
            deployment.createRevision = deployments[deployment.id]?.createRevision ?? stamp
            deployment.modifyRevision = stamp
        }
        let revision = deployment.modifyRevision
        deployments.put(deployment, for: deployment.id, at: max(deployments.modifyRevision, revision))
        deploymentsByJob.touch(deployment.id, of: deployment.job, at: revision)
    }

    /// Every record as the change that puts it there, in a fixed order: what a stored snapshot consists of.
    /// Jobs come as all their kept versions, oldest first.
    public func records(_ body: (Change) throws -> Void) rethrows {
        for record in jobVersions.sorted { try body(.putJob(record)) }
        for node in nodes.sorted { try body(.putNode(node)) }
        // What was placed together stands together in the trees, and is read back fastest in that order.
        for allocation in allocations.sorted(by: \.treeOrder) { try body(.putAllocation(allocation)) }
        for evaluation in evaluations.sorted { try body(.putEvaluation(evaluation)) }
        for deployment in deployments.sorted { try body(.putDeployment(deployment)) }
        for history in scaling.sorted { try body(.putScalingEvents(history)) }
        for key in keys.sorted { try body(.putKey(key)) }
        for secret in secrets.sorted { try body(.putSecret(secret)) }
        for secret in sealed.sorted { try body(.putSealed(secret)) }
        for item in work.sorted { try body(.putWorkItem(item)) }
        for launch in launches.sorted { try body(.putLaunch(launch)) }
        if schedulingRules.modifyRevision > .zero { try body(.putSchedulingRules(schedulingRules)) }
        if longestLease > .zero { try body(.putLongestLease(longestLease)) }
    }
}
