/// An item of work that a worker has, and for how long.
public struct WorkClaim: Hashable, Sendable {
    /// The item.
    public let item: WorkItem
    /// How long it is the worker's unless the worker is heard of again. It counts from when the server gave the item
    /// away, some time between question and answer: count it from before you asked, and renew first after a wait.
    public let lease: Duration

    /// What shows that the worker has it. Its token is larger than that of every claim before: whatever the work
    /// writes elsewhere can be fenced by it.
    public var ticket: WorkTicket { WorkTicket(item.key, token: item.token) }
}

/// A queue of work: some put items into it, others claim them, one at a time, under a lease that they renew.
///
/// ```swift
/// let queue = server.workQueue("pull-requests")
/// try await queue.put(WorkOrder(id: "O2#123", attributes: ["os": "macos"]))
///
/// let worker = WorkerStatement("builder-7", attributes: ["os": "macos"])
/// while let claim = try await queue.claim(as: worker, wait: .seconds(60)) {
///     try await queue.complete(claim.ticket, result: check(claim.item))
/// }
/// ```
///
/// A queue is there as long as it has items. Of those that a worker may have, it gets the one with the highest
/// priority and, among equals, the oldest.
public struct WorkQueue: Sendable {
    let server: Server
    let caller: Caller
    /// Which queue this is.
    public let id: WorkQueueID

    // MARK: Putting

    /// Puts an item. One that is there already under its name stays as it is.
    ///
    /// - Returns: the item as it is now, and whether it is new.
    /// - Throws: `.invalid` for an order that makes no sense, `.tooLarge` for a payload beyond `WorkLimits` and for a
    ///   queue that is full.
    @discardableResult
    public func put(_ order: WorkOrder) async throws -> (item: WorkItem, isNew: Bool) {
        guard case .item(let item, let isNew, _) = try await write(.put(order, in: id)) else { throw Self.strange }
        return (item, isNew)
    }

    /// Forgets an item; a worker that has it is told when it is next heard of.
    ///
    /// - Throws: `.notFound` when there is none of that name.
    public func remove(_ item: String) async throws { _ = try await write(.remove(WorkItemKey(item, in: id))) }

    /// Forgets all items, and gives how many there were.
    ///
    /// - Throws: `.notFound` when there are none.
    @discardableResult
    public func removeAll() async throws -> Int {
        guard case .removed(let count) = try await write(.removeQueue(id)) else { throw Self.strange }
        return count
    }

    // MARK: Working

    /// Claims an item. When there is none that the worker may have, waits for one.
    ///
    /// - Returns: `nil` when none came in time.
    /// - Throws: `.invalid` for a worker that states nonsense, or an allocation that has ended.
    public func claim(as worker: WorkerStatement, wait: Duration = .zero) async throws -> WorkClaim? {
        try server.authorize(caller, to: .writeJobs(namespace: id.namespace))
        let claim: WorkClaim? =
            switch try await server.sendWithdrawing(.claim(id, worker, wait: wait)) {
            case .item(let item, _, let lease): WorkClaim(item: item, lease: lease)
            default: nil
            }
        guard let claim, Task.isCancelled else { return claim }
        // Nobody is there to take it any more: it goes back untouched.
        _ = try await write(.giveBack(claim.ticket, .released("the claim was withdrawn")))
        throw CancellationError()
    }

    /// Keeps an item for another term, and gives how long that is: counted from before this was called, it is over no
    /// later here than at the server. Any other error than these says nothing of the lease.
    ///
    /// - Throws: `.conflict` when the lease is over, `.notFound` when the item was removed: stop working on it.
    @discardableResult
    public func renew(_ ticket: WorkTicket) async throws -> Duration { try await lease(.renew(check(ticket))) }

    /// Tells how far an item is, from 0 to 1, and keeps it for another term.
    ///
    /// - Throws: as `renew`, and `.invalid` for a share outside of 0...1.
    @discardableResult
    public func report(_ share: Double, _ text: String = "", of ticket: WorkTicket) async throws -> Duration {
        try await lease(.progress(check(ticket), share, text))
    }

    /// Gives an item back that was not done.
    ///
    /// - Returns: the item, which waits again or has failed for good.
    /// - Throws: as `renew`, and `.storeRefused` and `.unavailable` while it cannot be written. Saying the same again
    ///   is fine.
    @discardableResult
    public func giveBack(_ ticket: WorkTicket, _ wish: WorkReturn) async throws -> WorkItem {
        try await item(.giveBack(check(ticket), wish))
    }

    /// Tells that an item is done, and what came of it.
    ///
    /// - Throws: as `renew`, `.tooLarge` for a result beyond `WorkLimits`, and `.storeRefused` and `.unavailable` while
    ///   it cannot be written: renew then, and say it again. Saying the same again is fine.
    @discardableResult
    public func complete(_ ticket: WorkTicket, result: [UInt8] = [], message: String = "") async throws -> WorkItem {
        try await item(.complete(check(ticket), result: result, message: message))
    }

    // MARK: Looking

    /// The items by the newest durable state, as they are taken.
    public var items: [WorkItem] { server.snapshot.work.items(in: id) }

    /// What there is, and who asked for it of late.
    ///
    /// - Throws: `.notFound` when the queue has no items and nobody asked for any.
    public func report() async throws -> WorkQueueReport {
        try server.authorize(caller, to: .readJobs(namespace: id.namespace))
        guard case .work(.workers(let workers)) = try await server.send(.work(.workers(of: id))) else {
            throw Self.strange
        }
        let counts = server.snapshot.work.counts(of: id)
        guard counts != nil || !workers.isEmpty else { throw ClusterError(.notFound, Self.absence(of: id)) }
        return WorkQueueReport(queue: id, counts: counts ?? WorkCounts(), workers: workers)
    }

    static func absence(of queue: WorkQueueID) -> String {
        "queue \(queue) has no items; a queue begins with its first, and is gone with its last"
    }

    // MARK: -

    private static let strange = ClusterError(.internal, "a wish about a queue of work was answered strangely")

    private func check(_ ticket: WorkTicket) throws(ClusterError) -> WorkTicket {
        guard ticket.item.queue != id else { return ticket }
        throw ClusterError(.invalid, "item \(ticket.item) is not of queue \(id)")
    }

    private func write(_ request: WorkRequest) async throws -> WorkReply {
        try server.authorize(caller, to: .writeJobs(namespace: id.namespace))
        guard case .work(let reply) = try await server.send(.work(request)) else { throw Self.strange }
        return reply
    }

    private func item(_ request: WorkRequest) async throws -> WorkItem {
        guard case .item(let item, _, _) = try await write(request) else { throw Self.strange }
        return item
    }

    private func lease(_ request: WorkRequest) async throws -> Duration {
        guard case .item(_, _, let lease) = try await write(request) else { throw Self.strange }
        return lease
    }
}

/// A queue at a glance.
public struct WorkQueueReport: Hashable, Sendable {
    /// The queue.
    public let queue: WorkQueueID
    /// How many items there are in each state.
    public let counts: WorkCounts
    /// The workers that wait, and those that asked within the last ten minutes.
    public let workers: [SeenWorker]

    /// Why an item waits, in words; `nil` when it does not. `now` decides whether its time has come.
    public func reason(for item: WorkItem, at now: WallTime) -> String? {
        var known: [[Constraint]: String] = [:]
        return reason(for: item, at: now, remembering: &known)
    }

    /// The same for one item of many. What workers lack depends on its constraints alone: it is found once for all
    /// items that state the same, and kept in `known`.
    package func reason(
        for item: WorkItem, at now: WallTime, remembering known: inout [[Constraint]: String]
    ) -> String? {
        guard item.state == .waiting else { return nil }
        if item.wait(at: now) > .zero {
            return item.attempts > 0 ? "waits for its time after a failed attempt" : "waits for its time"
        }
        if let reason = known[item.constraints] { return reason }
        let found = reason(under: item.constraints)
        known[item.constraints] = found
        return found
    }

    private func reason(under constraints: [Constraint]) -> String {
        // Who asked is not stored.
        guard !workers.isEmpty else {
            return "no worker has asked for items of this queue in the last 10 minutes, or since the server was started"
        }
        let demand = WorkDemand(constraints)
        let failures = workers.compactMap { demand.failure(on: $0.worker.attributes)?.description }
        guard failures.count == workers.count else { return "waits for its turn" }
        let counts = Dictionary(failures.map { ($0, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
        let reasons = counts.map { "\($0.value) not \"\($0.key)\"" }.joined(separator: ", ")
        return "none of the \(workers.count) workers that asked may have it: \(reasons)"
    }
}

extension Server {
    /// A queue of work, in the name of `caller`.
    public func workQueue(_ id: WorkQueueID, as caller: Caller = .anonymous) -> WorkQueue {
        WorkQueue(server: self, caller: caller, id: id)
    }

    /// The server's wall clock.
    package var now: WallTime { time.now().wall }

    /// A queue of work of the default namespace.
    public func workQueue(_ name: String) -> WorkQueue { workQueue(WorkQueueID(name)) }
}
