/// All queues of work: who may have which item, until when, and who waits for one. Kept in step with the head of the
/// state, from which it can be made anew at any time; only the workers that wait and the ends of leases are known here
/// alone. A new leader gives every lease a full term again.
struct ClaimQueue: Sendable {
    /// An item that a worker who waits can have now.
    struct Offer: Sendable {
        let item: WorkItemKey
        let claim: ParkedClaims.Claim
    }

    private struct Queue: Sendable {
        var lines = WorkLines()
        var parked = ParkedClaims()
        var isIdle: Bool { lines.isEmpty && parked.isEmpty }
    }

    /// How many items that are over are forgotten in one batch.
    private static let mostForgotten = 256

    private var queues: [WorkQueueID: Queue] = [:]
    /// Items that no worker who waits has been asked about.
    private var arrivals: Set<WorkItemKey> = []
    /// Items that wait for their time.
    private var early = Deadlines<WorkItemKey>()
    private var leases = Deadlines<WorkItemKey>()
    /// The leases that `leases` is about.
    private var tokens: [WorkItemKey: UInt64] = [:]
    private var held: [AllocationID: Set<WorkItemKey>] = [:]
    private var holders: [WorkItemKey: AllocationID] = [:]
    /// Items whose worker's allocation is known to have ended.
    private var orphans: Set<WorkItemKey> = []
    private var finished = Deadlines<WorkItemKey>()
    private var patience = Deadlines<UInt64>()
    private var parked: [UInt64: WorkQueueID] = [:]
    /// Which workers have asked of late.
    private(set) var roll = WorkerRoll()

    init() {}

    /// The state of `head`.
    init(of head: Snapshot, at now: Now) {
        for item in head.work.sorted { note(item, in: head, at: now) }
    }

    /// The same with another state: whoever waits goes on waiting.
    func rebuilt(of head: Snapshot, at now: Now) -> ClaimQueue {
        var queue = ClaimQueue(of: head, at: now)
        for (id, known) in queues {
            for claim in known.parked.all { queue.queues[id, default: Queue()].parked.insert(claim) }
        }
        queue.patience = patience
        queue.parked = parked
        queue.roll = roll
        return queue
    }

    // MARK: What there is

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: Now) {
        switch change {
        case .putWorkItem(let item):
            if let stored = head.work[item.key] { note(stored, in: head, at: now) }
        case .removeWorkItem(let key):
            forget(key)
            endLease(of: key)
        case .putAllocation(let allocation) where allocation.client.hasEnded: orphan(allocation.id)
        case .removeAllocation(let id): orphan(id)
        default: break
        }
    }

    private mutating func note(_ item: WorkItem, in head: Snapshot, at now: Now) {
        let key = item.key
        forget(key)
        if item.state != .leased { endLease(of: key) }
        switch item.state {
        case .waiting:
            let wait = item.wait(at: now.wall)
            if wait > .zero { early.set(key, to: now.uptime + wait) } else { stand(item) }
        case .leased: hold(item, in: head, at: now)
        case .complete, .failed: finished.set(key, to: now.uptime + item.remainder(at: now.wall))
        }
    }

    private mutating func stand(_ item: WorkItem) {
        queues[item.key.queue, default: Queue()].lines.insert(item)
        arrivals.insert(item.key)
    }

    private mutating func hold(_ item: WorkItem, in head: Snapshot, at now: Now) {
        guard let lease = item.lease, tokens[item.key] != item.token else { return }
        endLease(of: item.key)
        tokens[item.key] = item.token
        leases.set(item.key, to: now.uptime + lease.duration)
        #if MUTANTS
            if Sabotage.active == .hastyLeases { leases.set(item.key, to: now.uptime + lease.duration / 3) }
            if Sabotage.active == .endlessLeases { leases.clear(item.key) }
        #endif
        guard let allocation = lease.allocation else { return }
        holders[item.key] = allocation
        held[allocation, default: []].insert(item.key)
        if head.allocations.part(of: allocation, \.client.hasEnded) ?? true { orphans.insert(item.key) }
    }

    private mutating func forget(_ key: WorkItemKey) {
        queues[key.queue]?.lines.remove(key.id)
        drop(key.queue)
        arrivals.remove(key)
        early.clear(key)
        finished.clear(key)
    }

    private mutating func endLease(of key: WorkItemKey) {
        leases.clear(key)
        tokens[key] = nil
        orphans.remove(key)
        guard let allocation = holders.removeValue(forKey: key) else { return }
        held[allocation]?.remove(key)
        if held[allocation]?.isEmpty == true { held[allocation] = nil }
    }

    private mutating func orphan(_ allocation: AllocationID) {
        if let keys = held[allocation] { orphans.formUnion(keys) }
    }

    private mutating func drop(_ id: WorkQueueID) {
        if queues[id]?.isIdle == true { queues[id] = nil }
    }

    // MARK: Claims

    /// The first item of `queue` that a worker may have now.
    mutating func first(in queue: WorkQueueID, for worker: WorkerStatement, at now: Now) -> WorkItemKey? {
        roll.note(worker, in: queue, at: now)
        return queues[queue]?.lines.first(for: worker.attributes).map { WorkItemKey($0, in: queue) }
    }

    /// Lets a worker wait until an item comes, or until `end`.
    mutating func park(_ claim: ParkedClaims.Claim, in queue: WorkQueueID, until end: Uptime) {
        queues[queue, default: Queue()].parked.insert(claim)
        parked[claim.request] = queue
        patience.set(claim.request, to: end)
    }

    /// Takes back the claim of a worker that waits. Gives whether it still did.
    mutating func withdraw(_ request: UInt64) -> Bool {
        patience.clear(request)
        guard let queue = parked.removeValue(forKey: request) else { return false }
        let claim = queues[queue]?.parked.remove(request)
        drop(queue)
        return claim != nil
    }

    /// Those who have waited as long as they would.
    mutating func impatient(at now: Uptime) -> [UInt64] { patience.due(at: now).filter { withdraw($0) } }

    /// What came for those who wait, the most urgent item first. Each item is offered once.
    mutating func offers() -> [Offer] {
        guard !arrivals.isEmpty else { return [] }
        defer { arrivals = [] }
        guard !parked.isEmpty else { return [] }
        let turns = arrivals.compactMap { key in queues[key.queue]?.lines.turn(of: key.id).map { (key, $0) } }
        var offers: [Offer] = []
        for (key, _) in turns.sorted(by: { ($0.0.queue, $0.1) < ($1.0.queue, $1.1) }) {
            guard let queue = queues[key.queue], let demand = queue.lines.demand(of: key.id),
                let claim = queue.parked.first(meeting: demand), withdraw(claim.request)
            else { continue }
            offers.append(Offer(item: key, claim: claim))
        }
        return offers
    }

    /// The workers that wait at `queue`.
    func waiting(in queue: WorkQueueID) -> [WorkerStatement] { queues[queue]?.parked.all.map(\.worker) ?? [] }

    // MARK: Time

    /// The worker of `key` was heard of. Gives by when it must be again, or `nil` when the lease is over already.
    mutating func renew(_ key: WorkItemKey, for duration: Duration, at now: Uptime) -> Uptime? {
        guard tokens[key] != nil, let end = leases[key] else { return nil }
        leases.set(key, to: max(end, now + duration))
        return leases[key]
    }

    /// The moment at which `due` or `impatient` may have something to do.
    var nextWake: Uptime? { [early.next, leases.next, finished.next, patience.next].compactMap { $0 }.min() }

    /// When the next lease may end.
    var nextExpiry: Uptime? { leases.next }

    /// A server that stood still itself has heard of nobody: that is no worker's fault.
    mutating func extendLeases(by delay: Duration) { leases.delayAll(by: delay) }

    /// What has to change now: leases that are over give their items back, what is over for long enough is forgotten.
    mutating func due(in head: Snapshot, at now: Now) -> [Change] {
        for key in early.due(at: now.uptime) {
            if let item = head.work[key], item.state == .waiting { stand(item) }
        }
        var changes: [Change] = []
        for key in orphans.sorted() {
            guard let item = head.work[key], let lease = item.lease else { continue }
            changes.append(.putWorkItem(Self.orphaned(item, lease, in: head, at: now.wall)))
        }
        for key in leases.due(at: now.uptime) where !orphans.contains(key) {
            guard let item = head.work[key], let lease = item.lease else { continue }
            let reason = "nothing was heard of \(lease.worker) for \(lease.duration.compactText)"
            let wasLost = lease.allocation.flatMap { head.allocations[$0] }?.client == .lost
            changes.append(.putWorkItem(item.ended(.expired, reason, counts: !wasLost, at: now.wall)))
        }
        orphans = []
        for key in finished.due(at: now.uptime, limit: Self.mostForgotten) { changes.append(.removeWorkItem(key)) }
        return changes
    }

    /// A worker that was told to go has done nothing wrong: that is no attempt.
    private static func orphaned(
        _ item: WorkItem, _ lease: WorkLease, in head: Snapshot, at now: WallTime
    ) -> WorkItem {
        let allocation = lease.allocation.flatMap { head.allocations[$0] }
        let wasStopped = allocation.map { $0.desired != .run } ?? true
        let name = allocation?.name ?? lease.allocation?.short ?? ""
        let reason = "allocation \(name), in which \(lease.worker) ran, has ended"
        return item.ended(.allocationEnded, reason, counts: !wasStopped, at: now)
    }
}

extension ClientStatus {
    /// Whether nothing of it runs, by the word of its agent. What was on a node that is lost may run on there, and its
    /// worker renew its lease.
    fileprivate var hasEnded: Bool { self == .complete || self == .failed }
}
