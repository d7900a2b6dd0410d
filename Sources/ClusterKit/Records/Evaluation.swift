/// Names an evaluation.
public typealias EvaluationID = Identifier<Evaluation>

/// How far an evaluation is.
public enum EvaluationStatus: String, StoredWord {
    /// To be looked at, now or at its time.
    case pending
    /// Waits for room.
    case blocked
    /// Looked at.
    case complete
    /// Could not be looked at.
    case failed
    /// No longer needed.
    case canceled
}

/// Why a job is looked at again, by Nomad's names.
public enum EvaluationTrigger: String, StoredWord {
    /// It was registered or changed.
    case jobRegister = "job-register"
    /// It was stopped.
    case jobDeregister = "job-deregister"
    /// Its count was changed.
    case jobScaling = "job-scaling"
    /// A node came, went or changed.
    case nodeUpdate = "node-update"
    /// An allocation failed.
    case allocationFailure = "alloc-failure"
    /// A failed allocation's wait is over.
    case failedFollowUp = "failed-follow-up"
    /// Someone stopped an allocation.
    case allocationStop = "alloc-stop"
    /// Work waits for room.
    case queuedAllocations = "queued-allocs"
    /// Someone asked.
    case evaluate = "job-eval"
    /// Its instances made room for more important work.
    case preemption
    /// The time of a periodic job has come.
    case periodicJob = "periodic-job"
    /// Its node is to be empty.
    case nodeDrain = "node-drain"
    /// A roll-out went on, or was given up.
    case deploymentWatcher = "deployment-watcher"
    /// The next nodes of a job that runs everywhere get its newest version.
    case rollingUpdate = "rolling-update"
    /// What it waited for has come.
    case dependency
    /// Something was heard again of what was unknown.
    case reconnect
    /// What was unknown is lost: its time is over.
    case disconnectTimeout = "max-disconnect-timeout"
}

/// Since when a group waits for room.
public struct WaitStart: Hashable, Sendable {
    /// The revision that made it wait: what its place in the queue follows from.
    public var revision: Revision
    /// The moment.
    public var time: WallTime

    /// States since when something waits.
    public init(revision: Revision, time: WallTime) { (self.revision, self.time) = (revision, time) }

    /// Since when all of `count` instances wait on average, of which `added` begin to at `now` and the others have
    /// since then.
    func averaged(with added: Int, from now: WaitStart, of count: Int) -> WaitStart {
        guard added > 0, added <= count else { return self }
        let (added, count) = (UInt64(added), UInt64(count))
        // Of a product of 128 bits, so that nothing overflows; not more than `distance`.
        func share(of distance: UInt64) -> UInt64 {
            count.dividingFullWidth(distance.multipliedFullWidth(by: added)).quotient
        }
        let revisions = share(of: now.revision.number - min(revision.number, now.revision.number))
        let wait = share(of: UInt64(max(0, (now.time - time).nanoseconds)))
        return WaitStart(
            revision: Revision(revision.number + revisions), time: time + .nanoseconds(Int64(wait)))
    }
}

/// A reason to look at a job again, and what came of it.
public struct Evaluation: Hashable, Sendable {
    /// The identifier.
    public var id: EvaluationID
    /// The job.
    public var job: JobID
    /// The job's kind.
    public var kind: JobKind
    /// The job's priority: higher ones are looked at first.
    public var priority: Int
    /// Why.
    public var trigger: EvaluationTrigger
    /// How far it is.
    public var status: EvaluationStatus
    /// Why it has that status.
    public var statusDescription: String = ""
    /// The node whose change caused it.
    public var node: NodeID?
    /// The moment before which it is not looked at.
    public var waitUntil: WallTime?
    /// The evaluation that led to this one.
    public var previous: EvaluationID?
    /// The evaluation that follows at a later time.
    public var next: EvaluationID?
    /// The evaluation that waits for room for what this one could not place.
    public var blocked: EvaluationID?
    /// Why groups could not be placed, by name.
    public var refusals: [String: Refusal] = [:]
    /// How many instances wait for room, by group.
    public var queued: [String: Int] = [:]
    /// The revision of the job that it looks at.
    public var jobModifyRevision: Revision = .zero
    /// The revision of the state that it was decided on.
    public var snapshotRevision: Revision = .zero
    /// When it was made.
    public var createTime: WallTime
    /// When it last changed.
    public var modifyTime: WallTime
    /// The revision that first held it.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero
    /// Since when groups wait that have not waited since it was made, by name.
    public var waitStarts: [String: WaitStart] = [:]

    /// Asks to look at `job`.
    public init(
        id: EvaluationID, job: JobID, kind: JobKind, priority: Int, trigger: EvaluationTrigger,
        status: EvaluationStatus = .pending, time: WallTime
    ) {
        self.id = id
        self.job = job
        self.kind = kind
        self.priority = priority
        self.trigger = trigger
        self.status = status
        createTime = time
        modifyTime = time
    }

    /// Whether something may still come of it: it is to be looked at, or waits for room.
    public var isOpen: Bool { status == .pending || status == .blocked }

    /// Since when a group waits for room, if it does.
    public func waitStart(of group: String) -> WaitStart { waitStarts[group] ?? waitStart }

    /// Since when groups wait of which nothing else is said: since it was made.
    var waitStart: WaitStart { WaitStart(revision: createRevision, time: createTime) }
}

extension Evaluation: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var evaluation = Evaluation(
                id: try fields.next(), job: try fields.next(), kind: try fields.next(), priority: try fields.next(),
                trigger: try fields.next(), status: try fields.next(), time: try fields.next())
            evaluation.modifyTime = try fields.next()
            evaluation.statusDescription = try fields.next()
            evaluation.node = try fields.next()
            evaluation.waitUntil = try fields.next()
            evaluation.previous = try fields.next()
            evaluation.next = try fields.next()
            evaluation.blocked = try fields.next()
            evaluation.refusals = try fields.next()
            evaluation.queued = try fields.next()
            evaluation.jobModifyRevision = try fields.next()
            evaluation.snapshotRevision = try fields.next()
            evaluation.createRevision = try fields.next()
            evaluation.modifyRevision = try fields.next()
            evaluation.waitStarts = try fields.next(or: [:])
            return evaluation
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(id)
            $0.put(job)
            $0.put(kind)
            $0.put(priority)
            $0.put(trigger)
            $0.put(status)
            $0.put(createTime)
            $0.put(modifyTime)
            $0.put(statusDescription)
            $0.put(node)
            $0.put(waitUntil)
            $0.put(previous)
            $0.put(next)
            $0.put(blocked)
            $0.put(refusals)
            $0.put(queued)
            $0.put(jobModifyRevision)
            $0.put(snapshotRevision)
            $0.put(createRevision)
            $0.put(modifyRevision)
            $0.put(waitStarts)
        }
    }
}

extension WaitStart: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            WaitStart(revision: try fields.next(), time: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(revision)
            $0.put(time)
        }
    }
}

/// Why no node took an instance: counts of nodes, by reason.
public struct Refusal: Hashable, Sendable {
    /// How many nodes were looked at.
    public var nodesEvaluated: Int = 0
    /// Nodes that take no work or are not meant, and those whose rules forbid it: constraint or rule → nodes.
    public var filtered: [String: Int] = [:]
    /// Nodes with too little room left: resource → nodes.
    public var exhausted: [String: Int] = [:]
    /// Nodes by datacenter that take work.
    public var nodesAvailable: [String: Int] = [:]
    /// What is asked and what is free at most, one line for each resource that is short: for people.
    public var shortages: [String] = []
    /// Further instances of the group that were refused for the same reasons.
    public var coalesced: Int = 0
    /// What new instances wait for before a node is looked for: other jobs, or other groups of the job. For people.
    public var awaits: [String] = []

    /// Nothing looked at yet.
    public init() {}

    /// Whether it was not even tried to place any.
    var isAtGate: Bool { !awaits.isEmpty && nodesEvaluated == 0 }
    /// How many nodes a rule forbids.
    public var nodesFiltered: Int { filtered.values.reduce(0, +) }
    /// How many nodes lack room.
    public var nodesExhausted: Int { exhausted.values.reduce(0, +) }
}

extension Refusal: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var refusal = Refusal()
            refusal.nodesEvaluated = try fields.next()
            refusal.filtered = try fields.next()
            refusal.exhausted = try fields.next()
            refusal.nodesAvailable = try fields.next()
            refusal.shortages = try fields.next()
            refusal.coalesced = try fields.next()
            refusal.awaits = try fields.next(or: [])
            return refusal
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(nodesEvaluated)
            $0.put(filtered)
            $0.put(exhausted)
            $0.put(nodesAvailable)
            $0.put(shortages)
            $0.put(coalesced)
            $0.put(awaits)
        }
    }
}
