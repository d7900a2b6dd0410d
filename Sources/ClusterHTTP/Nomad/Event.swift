import ClusterKit

/// Something that changed, as the event stream says it.
struct Event: Sendable {
    /// What changed; a removed record is known by its key alone.
    enum Payload: Sendable {
        case job(JobRecord, status: JobStatus)
        case evaluation(Evaluation)
        case allocation(Allocation, Snapshot)
        case node(Node)
        case deployment(Deployment, Snapshot)
        /// The check is the one whose health changed.
        case service(ServiceInstance, CheckStatus?)
        case removed
    }

    let topic: EventTopic
    /// What happened, by Nomad's names.
    let type: StaticString
    let key: String
    /// Empty for what lives in none.
    let namespace: String
    /// Further keys by which it may be asked for.
    let filterKeys: [String]
    let payload: Payload

    /// The event of a change of `revision`; `nil` for one that is nobody's business. `snapshot` may be newer.
    init?(_ change: Change, at revision: Revision, in snapshot: Snapshot) {
        switch change {
        case .putJob(var record):
            let id = record.job.id
            // What becomes of an older version, a name for instance, does not make it the job again.
            let isOlder = snapshot.versionsByJob.members(of: id).contains { version in
                version.version > record.version
                    && snapshot.jobVersions[version]?.jobModifyRevision ?? revision < revision
            }
            if isOlder { return nil }
            // A change carries the record as it was decided; the store stamps it while it applies the change.
            let stored = snapshot.jobVersions[JobVersion(id, record.version)]
            record.createRevision = stored?.createRevision ?? revision
            record.jobModifyRevision = min(stored?.jobModifyRevision ?? revision, revision)
            record.modifyRevision = revision
            self.init(record, in: snapshot)
        case .removeJob(let id):
            self.init(
                topic: .job, type: "JobDeregistered", key: id.id, namespace: id.namespace, filterKeys: [],
                payload: .removed)
        case .putNode(var node):
            node.createRevision = snapshot.nodes[node.id]?.createRevision ?? revision
            node.modifyRevision = revision
            self.init(node)
        case .removeNode(let id):
            self.init(
                topic: .node, type: "NodeDeregistration", key: id.description, namespace: "", filterKeys: [],
                payload: .removed)
        case .putAllocation(var allocation):
            allocation.createRevision = snapshot.allocations[allocation.id]?.createRevision ?? revision
            allocation.modifyRevision = revision
            self.init(allocation, in: snapshot)
        case .putEvaluation(var evaluation):
            evaluation.createRevision = snapshot.evaluations[evaluation.id]?.createRevision ?? revision
            evaluation.modifyRevision = revision
            self.init(evaluation.shown(in: snapshot))
        case .putDeployment(var deployment):
            deployment.createRevision = snapshot.deployments[deployment.id]?.createRevision ?? revision
            deployment.modifyRevision = revision
            self.init(deployment, in: snapshot)
        case .removeJobVersion, .removeAllocation, .removeEvaluation, .removeDeployment, .putScalingEvents: return nil
        case .putKey, .removeKey, .putSecret, .removeSecret, .putSealed, .removeSealed, .putSchedulingRules: return nil
        case .putWorkItem, .removeWorkItem, .putLaunch, .removeLaunch, .putLongestLease: return nil
        }
    }

    private init(
        topic: EventTopic, type: StaticString, key: String, namespace: String, filterKeys: [String], payload: Payload
    ) {
        self.topic = topic
        self.type = type
        self.key = key
        self.namespace = namespace
        self.filterKeys = filterKeys
        self.payload = payload
    }

    /// Something that happened to an instance of a service, and to one of its checks where it is about that.
    init(_ type: StaticString, _ instance: ServiceInstance, _ check: CheckStatus? = nil) {
        self.init(
            topic: .service, type: type, key: instance.id.description, namespace: instance.namespace,
            filterKeys: [instance.job.id, instance.name, instance.allocation.description],
            payload: .service(instance, check))
    }

    private init(_ record: JobRecord, in snapshot: Snapshot) {
        let id = record.job.id
        self.init(
            topic: .job, type: record.stopped ? "JobDeregistered" : "JobRegistered", key: id.id,
            namespace: id.namespace, filterKeys: [],
            payload: .job(record, status: JobStatus(of: id, in: snapshot)))
    }

    private init(_ evaluation: Evaluation) {
        self.init(
            topic: .evaluation, type: "EvaluationUpdated", key: evaluation.id.description,
            namespace: evaluation.job.namespace, filterKeys: [evaluation.job.id], payload: .evaluation(evaluation))
    }

    private init(_ allocation: Allocation, in snapshot: Snapshot) {
        let isNew = allocation.createRevision == allocation.modifyRevision
        self.init(
            topic: .allocation, type: isNew ? "AllocationCreated" : "AllocationUpdated",
            key: allocation.id.description, namespace: allocation.job.namespace, filterKeys: [allocation.job.id],
            payload: .allocation(allocation, snapshot))
    }

    private init(_ deployment: Deployment, in snapshot: Snapshot) {
        self.init(
            topic: .deployment, type: "DeploymentStatusUpdate", key: deployment.id.description,
            namespace: deployment.job.namespace, filterKeys: [deployment.job.id],
            payload: .deployment(deployment, snapshot))
    }

    private init(_ node: Node) {
        let isNew = node.createRevision == node.modifyRevision
        self.init(
            topic: .node, type: isNew ? "NodeRegistration" : "NodeEvent", key: node.id.description, namespace: "",
            filterKeys: [], payload: .node(node))
    }

    /// What was last changed after `revision`, by the revision that did.
    static func all(in snapshot: Snapshot, after revision: Revision) -> [(Revision, [Event])] {
        var found: [Revision: [Event]] = [:]
        for record in snapshot.jobs.sorted where record.modifyRevision > revision {
            found[record.modifyRevision, default: []].append(Event(record, in: snapshot))
        }
        for node in snapshot.nodes.sorted where node.modifyRevision > revision {
            found[node.modifyRevision, default: []].append(Event(node))
        }
        for evaluation in snapshot.evaluations.sorted where evaluation.modifyRevision > revision {
            found[evaluation.modifyRevision, default: []].append(Event(evaluation))
        }
        for allocation in snapshot.allocations.sorted where allocation.modifyRevision > revision {
            found[allocation.modifyRevision, default: []].append(Event(allocation, in: snapshot))
        }
        for deployment in snapshot.deployments.sorted where deployment.modifyRevision > revision {
            found[deployment.modifyRevision, default: []].append(Event(deployment, in: snapshot))
        }
        for instance in snapshot.catalog.names.flatMap(snapshot.catalog.instances)
        where instance.modifyRevision > revision {
            found[instance.modifyRevision, default: []].append(Event("ServiceRegistration", instance))
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// What events are about.
enum EventTopic: String, CaseIterable, Sendable {
    case job = "Job"
    case evaluation = "Evaluation"
    case allocation = "Allocation"
    case node = "Node"
    case deployment = "Deployment"
    case service = "Service"
}
