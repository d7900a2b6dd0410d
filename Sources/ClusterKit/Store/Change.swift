/// One change of state: the closed list of what a batch may hold. Every change states the whole new record.
///
/// Large records are kept on the heap: a batch holds thousands of changes, most of them of allocations.
public enum Change: Hashable, Sendable {
    /// A job as it is from now on; its version is kept beside the older ones.
    indirect case putJob(JobRecord)
    /// A job and all its versions are gone.
    indirect case removeJob(JobID)
    /// An old version is no longer needed.
    indirect case removeJobVersion(JobVersion)
    /// A node as it is from now on.
    indirect case putNode(Node)
    /// A node is gone.
    case removeNode(NodeID)
    /// An allocation as it is from now on.
    case putAllocation(Allocation)
    /// An allocation is forgotten.
    case removeAllocation(AllocationID)
    /// An evaluation as it is from now on.
    indirect case putEvaluation(Evaluation)
    /// An evaluation is forgotten.
    case removeEvaluation(EvaluationID)
    /// A key and its value as they are from now on.
    indirect case putKey(KeyRecord)
    /// A key is gone.
    indirect case removeKey(String)
    /// What is known of a secret from now on, its data apart.
    indirect case putSecret(SecretRecord)
    /// A secret is gone with all its data.
    indirect case removeSecret(SecretPath)
    /// The sealed data of one version.
    indirect case putSealed(SealedSecret)
    /// The data of one version is gone for good.
    indirect case removeSealed(SecretVersionID)
    /// The rules of placement from now on.
    indirect case putSchedulingRules(SchedulingRules)
    /// A roll-out as it is from now on.
    indirect case putDeployment(Deployment)
    /// A roll-out is forgotten.
    case removeDeployment(DeploymentID)
    /// An item of work as it is from now on.
    indirect case putWorkItem(WorkItem)
    /// An item of work is gone.
    indirect case removeWorkItem(WorkItemKey)
    /// Up to which time the work of a periodic job was begun.
    indirect case putLaunch(LaunchRecord)
    /// It is no longer known when a periodic job began.
    indirect case removeLaunch(JobID)
    /// How the counts of a job's groups were changed, as it is from now on. It goes with the job.
    indirect case putScalingEvents(ScalingHistory)
    /// How long the leases of nodes may be from now on.
    case putLongestLease(Duration)
}

/// Changes that become true together: one revision, all or nothing.
public struct ChangeBatch: Hashable, Sendable {
    /// The revision that the batch makes; one more than that of the batch before.
    public var revision: Revision
    /// The leadership that wrote it.
    public var epoch: Epoch
    /// When it was decided.
    public var time: WallTime
    /// The changes, in order.
    public var changes: [Change]

    /// Groups changes.
    public init(revision: Revision, epoch: Epoch, time: WallTime, changes: [Change]) {
        self.revision = revision
        self.epoch = epoch
        self.time = time
        self.changes = changes
    }
}

extension ChangeBatch: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            ChangeBatch(
                revision: try fields.next(), epoch: try fields.next(), time: try fields.next(),
                changes: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(revision)
            $0.put(epoch)
            $0.put(time)
            $0.put(changes)
        }
    }
}

extension Change: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .putJob(try reader.next())
        case 1: self = .removeJob(try reader.next())
        case 2: self = .removeJobVersion(try reader.next())
        case 3: self = .putNode(try reader.next())
        case 4: self = .removeNode(try reader.next())
        case 5: self = .putAllocation(try reader.next())
        case 6: self = .removeAllocation(try reader.next())
        case 7: self = .putEvaluation(try reader.next())
        case 8: self = .removeEvaluation(try reader.next())
        case 9: self = .putKey(try reader.next())
        case 10: self = .removeKey(try reader.next())
        case 11: self = .putSecret(try reader.next())
        case 12: self = .removeSecret(try reader.next())
        case 13: self = .putSealed(try reader.next())
        case 14: self = .removeSealed(try reader.next())
        case 15: self = .putSchedulingRules(try reader.next())
        case 16: self = .putDeployment(try reader.next())
        case 17: self = .removeDeployment(try reader.next())
        case 18: self = .putLaunch(try reader.next())
        case 19: self = .removeLaunch(try reader.next())
        case 22: self = .putWorkItem(try reader.next())
        case 23: self = .removeWorkItem(try reader.next())
        case 20: self = .putScalingEvents(try reader.next())
        case 24: self = .putLongestLease(try reader.next())
        case let other: throw RecordError("expected a change, found kind \(other); a newer program wrote it")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .putJob(let record): writer.tagged(0, record)
        case .removeJob(let id): writer.tagged(1, id)
        case .removeJobVersion(let version): writer.tagged(2, version)
        case .putNode(let node): writer.tagged(3, node)
        case .removeNode(let id): writer.tagged(4, id)
        case .putAllocation(let allocation): writer.tagged(5, allocation)
        case .removeAllocation(let id): writer.tagged(6, id)
        case .putEvaluation(let evaluation): writer.tagged(7, evaluation)
        case .removeEvaluation(let id): writer.tagged(8, id)
        case .putKey(let record): writer.tagged(9, record)
        case .removeKey(let key): writer.tagged(10, key)
        case .putSecret(let record): writer.tagged(11, record)
        case .removeSecret(let path): writer.tagged(12, path)
        case .putSealed(let sealed): writer.tagged(13, sealed)
        case .removeSealed(let id): writer.tagged(14, id)
        case .putSchedulingRules(let rules): writer.tagged(15, rules)
        case .putDeployment(let deployment): writer.tagged(16, deployment)
        case .removeDeployment(let id): writer.tagged(17, id)
        case .putWorkItem(let item): writer.tagged(22, item)
        case .removeWorkItem(let key): writer.tagged(23, key)
        case .putLaunch(let launch): writer.tagged(18, launch)
        case .removeLaunch(let id): writer.tagged(19, id)
        case .putScalingEvents(let history): writer.tagged(20, history)
        case .putLongestLease(let lease): writer.tagged(24, lease)
        }
    }
}

extension RecordWriter {
    fileprivate mutating func tagged(_ tag: UInt64, _ value: some Stored) {
        varint(tag)
        put(value)
    }
}
