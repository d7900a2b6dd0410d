/// How far an item of work is.
public enum WorkItemState: String, StoredWord {
    /// Waits for a worker, or for its time.
    case waiting
    /// A worker has it.
    case leased
    /// It is done.
    case complete
    /// It was given up.
    case failed
}

/// How the last lease of an item ended.
public enum WorkOutcome: String, StoredWord {
    /// The worker did it.
    case completed
    /// The worker gave it back untried.
    case released
    /// The worker tried in vain.
    case failed
    /// Nothing was heard of the worker for the length of its lease.
    case expired
    /// The allocation in which the worker ran has ended.
    case allocationEnded = "allocation-ended"
}

/// That a worker has an item.
public struct WorkLease: Hashable, Sendable {
    /// The worker, by the name that it goes by.
    public var worker: String
    /// The allocation in which it runs, whose end gives the item back at once; `nil` when it runs in none.
    public var allocation: AllocationID?
    /// How long the lease lasts without being renewed.
    public var duration: Duration
    /// When the worker got the item.
    public var start: WallTime

    /// Gives an item to `worker`.
    public init(worker: String, allocation: AllocationID? = nil, duration: Duration, start: WallTime) {
        self.worker = worker
        self.allocation = allocation
        self.duration = duration
        self.start = start
    }
}

/// A piece of work in a queue, which one worker at a time may have.
public struct WorkItem: Hashable, Sendable {
    /// The queue and the name in it.
    public var key: WorkItemKey
    /// Items of higher priority are taken first: 1 to 100.
    public var priority: Int
    /// What a worker must state of itself to get it.
    public var constraints: [Constraint]
    /// What is to be done, in words that the workers understand.
    public var payload: [UInt8]
    /// How many attempts may fail before it is given up.
    public var maxAttempts: Int
    /// How long it is kept once it is done or given up.
    public var retention: Duration

    /// How far it is.
    public var state: WorkItemState = .waiting
    /// The moment before which no worker gets it.
    public var readyTime: WallTime?
    /// How many attempts have failed.
    public var attempts = 0
    /// The number of the newest lease, 0 before the first. It grows with each: whatever a worker writes elsewhere can
    /// be fenced by it.
    public var token: UInt64 = 0
    /// Who has it, while someone has.
    public var lease: WorkLease?
    /// How the newest lease ended; `nil` before the first end.
    public var outcome: WorkOutcome?
    /// Why, in the worker's words or the server's.
    public var message = ""
    /// How much is done, from 0 to 1, by the worker that has it or had it last.
    public var progress: Double = 0
    /// What is being done, in the worker's words.
    public var progressText = ""
    /// What came of it, for whoever put it.
    public var result: [UInt8] = []
    /// When it was put.
    public var createTime: WallTime
    /// When it last changed.
    public var modifyTime: WallTime
    /// The revision that first held it: its age.
    public var createRevision: Revision = .zero
    /// The revision that last changed it.
    public var modifyRevision: Revision = .zero

    /// Makes an item that waits.
    public init(
        key: WorkItemKey, priority: Int = 50, constraints: [Constraint] = [], payload: [UInt8] = [],
        maxAttempts: Int = 3, retention: Duration = .seconds(86_400), time: WallTime
    ) {
        self.key = key
        self.priority = priority
        self.constraints = constraints
        self.payload = payload
        self.maxAttempts = maxAttempts
        self.retention = retention
        createTime = time
        modifyTime = time
    }

    /// Whether nothing more happens to it.
    public var isOver: Bool { state == .complete || state == .failed }
}

extension WorkLease: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            WorkLease(
                worker: try fields.next(), allocation: try fields.next(), duration: try fields.next(),
                start: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(worker)
            $0.put(allocation)
            $0.put(duration)
            $0.put(start)
        }
    }
}

extension WorkItem: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var item = WorkItem(
                key: try fields.next(), priority: try fields.next(), constraints: try fields.next(),
                payload: Array(try fields.blob()), maxAttempts: try fields.next(), retention: try fields.next(),
                time: try fields.next())
            item.modifyTime = try fields.next()
            item.state = try fields.next()
            item.readyTime = try fields.next()
            item.attempts = try fields.next()
            item.token = try fields.next()
            item.lease = try fields.next()
            item.outcome = try fields.next()
            item.message = try fields.next()
            item.progress = try fields.next()
            item.progressText = try fields.next()
            item.result = Array(try fields.blob())
            item.createRevision = try fields.next()
            item.modifyRevision = try fields.next()
            return item
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(key)
            $0.put(priority)
            $0.put(constraints)
            $0.blob(payload)
            $0.put(maxAttempts)
            $0.put(retention)
            $0.put(createTime)
            $0.put(modifyTime)
            $0.put(state)
            $0.put(readyTime)
            $0.put(attempts)
            $0.put(token)
            $0.put(lease)
            $0.put(outcome)
            $0.put(message)
            $0.put(progress)
            $0.put(progressText)
            $0.blob(result)
            $0.put(createRevision)
            $0.put(modifyRevision)
        }
    }
}
