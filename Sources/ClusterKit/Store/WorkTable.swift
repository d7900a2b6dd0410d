import HashTreeCollections

/// How many items of a queue there are in each state, and how large they are.
public struct WorkCounts: Hashable, Sendable {
    /// Items that wait for a worker, or for their time.
    public internal(set) var waiting = 0
    /// Items that a worker has.
    public internal(set) var leased = 0
    /// Items that are done, as long as they are kept.
    public internal(set) var complete = 0
    /// Items that were given up, as long as they are kept.
    public internal(set) var failed = 0
    /// The bytes of all payloads and results.
    public internal(set) var bytes = 0

    /// All items.
    public var total: Int { waiting + leased + complete + failed }

    fileprivate mutating func add(_ item: WorkItem, times sign: Int) {
        switch item.state {
        case .waiting: waiting += sign
        case .leased: leased += sign
        case .complete: complete += sign
        case .failed: failed += sign
        }
        bytes += sign * (item.payload.count + item.result.count)
    }
}

/// The items of all queues. A queue is there as long as it has an item.
public struct WorkTable: Sendable {
    private var items = Table<WorkItemKey, WorkItem>()
    private var byQueue = RecordIndex<WorkQueueID, WorkItemKey>()
    private var counts: TreeDictionary<WorkQueueID, WorkCounts> = [:]

    init() {}

    /// One item.
    public subscript(key: WorkItemKey) -> WorkItem? { items[key] }

    /// The revision that last changed an item of any queue.
    public var modifyRevision: Revision { items.modifyRevision }

    /// The revision that last changed an item of `queue` or took one away, or a later one.
    public func modifyRevision(of queue: WorkQueueID) -> Revision { byQueue.modifyRevision(of: queue) }

    /// The revision that last changed an item, or a later one once it is gone.
    public func modifyRevision(of item: WorkItemKey) -> Revision {
        items[item]?.modifyRevision ?? items.removeRevision
    }

    /// The queues that have items, in order.
    public var queues: [WorkQueueID] { counts.keys.sorted() }

    /// What there is in a queue; `nil` when it has no items.
    public func counts(of queue: WorkQueueID) -> WorkCounts? { counts[queue] }

    /// The names of the items of a queue, in order.
    public func keys(in queue: WorkQueueID) -> [WorkItemKey] { byQueue.members(of: queue) }

    /// The items of a queue as they are taken: higher priority first, then the older.
    public func items(in queue: WorkQueueID) -> [WorkItem] {
        byQueue.members(of: queue).compactMap { items[$0] }.sorted {
            (-$0.priority, $0.createRevision, $0.key.id) < (-$1.priority, $1.createRevision, $1.key.id)
        }
    }

    /// All items, in the order of queues and names.
    public var sorted: [WorkItem] { items.sorted }

    /// `stamp` is nil while records are read back.
    mutating func put(_ item: WorkItem, at stamp: Revision?) {
        var item = item
        let old = items[item.key]
        if let stamp {
            item.createRevision = old?.createRevision ?? stamp
            item.modifyRevision = stamp
        }
        let queue = item.key.queue
        items.put(item, for: item.key, at: max(items.modifyRevision, item.modifyRevision))
        byQueue.touch(item.key, of: queue, at: item.modifyRevision)
        if let old { counts[queue, default: WorkCounts()].add(old, times: -1) }
        counts[queue, default: WorkCounts()].add(item, times: 1)
    }

    mutating func remove(_ key: WorkItemKey, at revision: Revision) {
        guard let old = items[key] else { return }
        items.remove(key, at: revision)
        byQueue.remove(key, of: key.queue, at: revision)
        counts[key.queue]?.add(old, times: -1)
        if counts[key.queue]?.total == 0 { counts[key.queue] = nil }
    }

    mutating func touchAll(at revision: Revision) {
        items.touchAll(at: revision)
        byQueue.touchAll(at: revision)
    }
}
