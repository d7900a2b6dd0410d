import ClusterClient
import ClusterKit

/// Queues of work: ours, Nomad has nothing like them.
///
/// The one parameter of a path is a queue, or `QUEUE/item/ID`: an item's name may hold a `/`, a queue's may not.
extension APIServer {
    /// Room for a payload whose every byte is escaped, and what stands around it.
    private static let longestItem = 8 * WorkLimits.payloadBytes

    static var queueRoutes: [APIRoute] {
        [
            APIRoute(.queues, .filtered, answer: queues),
            APIRoute(.queueItems, .readJobs, answer: queueItems),
            APIRoute(.queue, .readJobs) { request in
                request.itemKey == nil ? try await queueStatus(request) : try await item(request)
            },
            APIRoute(.removeQueue, .writeJobs, answer: remove),
            APIRoute(.putWork, .writeJobs, bodyLimit: longestItem, answer: put),
            APIRoute(.claimWork, .writeJobs, answer: claim),
            APIRoute(.renewWork, .writeJobs) { request in
                lease(try await request.queue.renew(request.ticket(JSONBody(request.body))))
            },
            APIRoute(.reportWork, .writeJobs) { request in
                let body = try JSONBody(request.body)
                guard let share = try body.decimal("Progress") else {
                    throw ClusterError(.invalid, "Progress must say how much is done, from 0 to 1")
                }
                let ticket = try request.ticket(body)
                return lease(try await request.queue.report(share, try body.text("Text") ?? "", of: ticket))
            },
            APIRoute(.releaseWork, .writeJobs) { request in
                let body = try JSONBody(request.body)
                let reason = try body.text("Message") ?? "the worker gave it back"
                return item(try await request.queue.giveBack(request.ticket(body), .released(reason)))
            },
            APIRoute(.failWork, .writeJobs) { request in
                let body = try JSONBody(request.body)
                let wish = WorkReturn.failed(
                    try body.text("Message") ?? "the worker tried in vain", delay: try body.timeSpan("Delay") ?? .zero,
                    isFinal: try body.flag("Final"))
                return item(try await request.queue.giveBack(request.ticket(body), wish))
            },
            APIRoute(.completeWork, .writeJobs, bodyLimit: longestItem) { request in
                let body = try JSONBody(request.body)
                let (result, message) = (body.bytes("Result"), try body.text("Message") ?? "")
                return item(
                    try await request.queue.complete(request.ticket(body), result: result, message: message))
            },
        ]
    }

    // MARK: Reading

    private static func queues(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.queues)
        let snapshot = try await watch.snapshot(for: request)
        let queues = snapshot.work.queues.filter { request.shows($0.namespace) }
        return .read(at: watch.revision(in: snapshot)) { writer in
            writer.array(queues) { writer, queue in
                writer.object { $0.queue(queue, snapshot.work.counts(of: queue)) }
            }
        }
    }

    private static func queueStatus(_ request: APIRequest) async throws -> APIAnswer {
        let watch = Watch(.queue(request.queueID))
        let snapshot = try await watch.snapshot(for: request)
        let report = try await request.queue.report()
        return .read(at: watch.revision(in: snapshot)) { writer in
            writer.object { writer in
                writer.queue(report.queue, report.counts)
                writer.name("Workers")
                writer.array(report.workers) { $0.worker($1) }
            }
        }
    }

    private static func queueItems(_ request: APIRequest) async throws -> APIAnswer {
        try request.refuseFilter()
        let watch = Watch(.queue(request.queueID))
        let snapshot = try await watch.snapshot(for: request)
        let items = snapshot.work.items(in: request.queueID)
        let report = items.isEmpty ? nil : try await request.queue.report()
        let now = request.server.now
        var known: [[Constraint]: String] = [:]
        return .read(at: watch.revision(in: snapshot), capacity: 512 * items.count) { writer in
            writer.array(items) { writer, item in
                let reason = report?.reason(for: item, at: now, remembering: &known) ?? ""
                writer.item(item, reason: reason, isWhole: false)
            }
        }
    }

    private static func item(_ request: APIRequest) async throws -> APIAnswer {
        let key = try request.item()
        let watch = Watch(.workItem(key))
        let snapshot = try await watch.snapshot(for: request)
        let revision = watch.revision(in: snapshot)
        guard let item = snapshot.work[key] else { return .missing("there is no item \(key)", at: revision) }
        let report = try? await request.queue.report()
        let reason = report?.reason(for: item, at: request.server.now) ?? ""
        return .read(at: revision) { $0.item(item, reason: reason) }
    }

    // MARK: Writing

    private static func remove(_ request: APIRequest) async throws -> APIAnswer {
        var count = 1
        if let key = request.itemKey {
            try await request.queue.remove(key.id)
        } else {
            count = try await request.queue.removeAll()
        }
        return .json { writer in writer.object { $0.field("Removed", count) } }
    }

    private static func put(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        var order = WorkOrder(
            id: try body.text("ID"), payload: body.bytes("Payload"),
            priority: try body.number("Priority", in: Int.min...Int.max) ?? 50,
            attributes: try body.texts("Attributes") ?? [:], constraints: try body.constraints("Constraints"),
            maxAttempts: try body.number("MaxAttempts", in: Int.min...Int.max) ?? 3,
            retention: try body.timeSpan("Retention") ?? .seconds(86_400))
        if let time = try body.number("ReadyTime", in: 0...Int.max), time > 0 {
            order.readyTime = WallTime(nanoseconds: Int64(time))
        }
        if let delay = try body.timeSpan("Delay") { order.readyTime = request.server.now + delay }
        let (item, isNew) = try await request.queue.put(order)
        return .json(index: item.modifyRevision) { writer in
            writer.object {
                $0.field("Created", isNew)
                $0.name("Item")
                $0.item(item)
            }
        }
    }

    private static func claim(_ request: APIRequest) async throws -> APIAnswer {
        let body = try JSONBody(request.body)
        var allocation: AllocationID?
        if let text = try body.text("AllocID"), !text.isEmpty {
            guard let id = AllocationID(text) else {
                throw ClusterError(.invalid, "AllocID must be the whole identifier of an allocation")
            }
            allocation = id
        }
        let worker = WorkerStatement(
            try body.text("Worker") ?? "", attributes: try body.texts("Attributes") ?? [:], allocation: allocation,
            lease: try body.timeSpan("Lease") ?? .seconds(60))
        let wait = min(try request.query.span("wait") ?? .zero, Watch.longest)
        guard let claim = try await request.queue.claim(as: worker, wait: wait) else {
            return APIAnswer(status: 204, content: .bytes([], type: "application/json"))
        }
        return .json(index: claim.item.modifyRevision) { writer in
            writer.object {
                $0.field("LeaseSeconds", claim.lease.fractionalSeconds)
                $0.name("Item")
                $0.item(claim.item)
            }
        }
    }

    private static func lease(_ lease: Duration) -> APIAnswer {
        .json { writer in writer.object { $0.field("LeaseSeconds", lease.fractionalSeconds) } }
    }

    private static func item(_ item: WorkItem) -> APIAnswer { .json(index: item.modifyRevision) { $0.item(item) } }
}

extension APIRequest {
    /// The item in the path; `nil` where only a queue is named.
    fileprivate var itemKey: WorkItemKey? {
        let parts = argument.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "item", !parts[2].isEmpty else { return nil }
        return WorkItemKey(String(parts[2]), in: WorkQueueID(String(parts[0]), namespace: namespace))
    }

    fileprivate func item() throws(ClusterError) -> WorkItemKey {
        if let itemKey { return itemKey }
        throw ClusterError(.invalid, "the path must name an item, as in /v1/queue/QUEUE/item/ID; it is \(argument)")
    }

    fileprivate var queueID: WorkQueueID { itemKey?.queue ?? WorkQueueID(argument, namespace: namespace) }

    fileprivate var queue: WorkQueue { server.workQueue(queueID, as: caller) }

    /// What the body shows of a lease.
    fileprivate func ticket(_ body: JSONBody) throws(ClusterError) -> WorkTicket {
        guard let token = try body.number("Token", in: 1...Int.max) else {
            throw ClusterError(.invalid, "Token must be the number that came with the item when it was claimed")
        }
        return WorkTicket(try item(), token: UInt64(token))
    }
}
