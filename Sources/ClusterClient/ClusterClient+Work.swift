public import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Queues of work.
extension ClusterClient {
    /// The queues that hold items.
    public func queues(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[WorkQueueWire]> {
        try await workAnswer(.queues, "", options.query)
    }

    /// A queue and who asked for its items. Throws `.notFound` when it has none and nobody asked.
    public func queue(_ id: WorkQueueID) async throws -> Answer<WorkQueueWire> {
        try await workAnswer(.queue, id.name, [("namespace", id.namespace)])
    }

    /// The items of a queue as they are taken, without payloads and results.
    public func items(of queue: WorkQueueID) async throws -> Answer<[WorkItemWire]> {
        try await workAnswer(.queueItems, queue.name, [("namespace", queue.namespace)])
    }

    /// One item. Throws `.notFound` when there is none.
    public func item(_ key: WorkItemKey) async throws -> Answer<WorkItemWire> {
        try await workAnswer(.queue, Self.path(key), [("namespace", key.queue.namespace)])
    }

    /// Puts an item; one that is there already stays as it is. Throws `.invalid` for an order that makes no sense.
    public func put(_ order: WorkOrder, delay: Duration = .zero, in queue: WorkQueueID) async throws -> PutWorkWire {
        var body = JSONWriter(capacity: order.payload.count + 256)
        body.object { writer in
            if let id = order.id { writer.field("ID", id) }
            writer.field("Priority", order.priority)
            writer.field("Payload", String(decoding: order.payload, as: UTF8.self))
            writer.field("MaxAttempts", order.maxAttempts)
            writer.field("Retention", Self.span(order.retention))
            if let time = order.readyTime {
                writer.key("ReadyTime")
                writer.integer(time.nanoseconds)
            }
            if delay > .zero { writer.field("Delay", Self.span(delay)) }
            writer.list("Constraints", order.constraints) { writer, constraint in
                writer.object {
                    $0.field("LTarget", constraint.attribute)
                    $0.field("Operand", constraint.comparison.rawValue)
                    $0.field("RTarget", constraint.value)
                }
            }
        }
        return try await write(.putWork, queue.name, queue, body.bytes)
    }

    /// Claims an item, waiting for one if need be; `nil` when none came. Its lease began before the answer: renew it
    /// before anything is done under it, or count it from before this was called.
    public func claim(
        from queue: WorkQueueID, as worker: WorkerStatement, wait: Duration = .zero
    ) async throws -> WorkClaimWire? {
        var body = JSONWriter(capacity: 256)
        body.object { writer in
            writer.field("Worker", worker.name)
            writer.field("Attributes", worker.attributes)
            if let allocation = worker.allocation { writer.field("AllocID", allocation.description) }
            writer.field("Lease", Self.span(worker.lease))
        }
        let query = [("namespace", queue.namespace), ("wait", Self.span(wait))]
        let answer = try await send(
            OutgoingRequest(
                endpoint: .claimWork, argument: queue.name, query: query.map { (name: $0.0, value: $0.1) },
                body: body.bytes, wait: max(wait, .seconds(1))))
        return answer.body.isEmpty ? nil : try decode(answer.body, from: .claimWork)
    }

    /// Keeps an item for another term, and gives how long that is, counted from before this was called. Throws
    /// `.conflict` when it belongs to the worker no longer, `.notFound` when it was removed.
    @discardableResult
    public func renew(_ ticket: WorkTicket) async throws -> Duration {
        let answer: LeaseWire = try await write(ticket, .renewWork)
        return .nanoseconds(Int64(min(max(0, answer.leaseSeconds), 1e9) * 1e9))
    }

    /// Tells how far an item is, from 0 to 1, and keeps it for another term.
    public func report(_ share: Double, _ text: String, of ticket: WorkTicket) async throws {
        let _: LeaseWire = try await write(ticket, .reportWork) {
            $0.key("Progress")
            $0.number(share)
            $0.field("Text", text)
        }
    }

    /// Gives an item back that was not done.
    @discardableResult
    public func giveBack(_ ticket: WorkTicket, _ wish: WorkReturn) async throws -> WorkItemWire {
        switch wish {
        case .released(let reason): try await write(ticket, .releaseWork) { $0.field("Message", reason) }
        case .failed(let reason, let delay, let isFinal):
            try await write(ticket, .failWork) {
                $0.field("Message", reason)
                $0.field("Delay", Self.span(delay))
                $0.field("Final", isFinal)
            }
        }
    }

    /// Tells that an item is done, and what came of it. Throws `.unavailable` and `.storeRefused` while no server can
    /// take it in; saying the same again is fine.
    @discardableResult
    public func complete(_ ticket: WorkTicket, result: String = "", message: String = "") async throws -> WorkItemWire {
        try await write(ticket, .completeWork) {
            $0.field("Result", result)
            $0.field("Message", message)
        }
    }

    /// Forgets an item. Throws `.notFound` when there is none.
    public func remove(_ key: WorkItemKey) async throws {
        let query = [(name: "namespace", value: key.queue.namespace)]
        _ = try await send(OutgoingRequest(endpoint: .removeQueue, argument: Self.path(key), query: query))
    }

    /// Forgets all items of a queue and gives how many there were. Throws `.notFound` when there are none.
    public func removeAll(of queue: WorkQueueID) async throws -> Int {
        let query = [(name: "namespace", value: queue.namespace)]
        let answer = try await send(OutgoingRequest(endpoint: .removeQueue, argument: queue.name, query: query))
        let removed: RemovedWire = try decode(answer.body, from: .removeQueue)
        return removed.count
    }

    // MARK: -

    private static func path(_ key: WorkItemKey) -> String { "\(key.queue.name)/item/\(key.id)" }

    private static func span(_ duration: Duration) -> String { "\(duration.nanoseconds / 1_000_000)ms" }

    private func workAnswer<Value: Decodable & Sendable>(
        _ endpoint: Endpoint, _ argument: String, _ query: [(name: String, value: String)]
    ) async throws -> Answer<Value> {
        let answer = try await send(OutgoingRequest(endpoint: endpoint, argument: argument, query: query))
        return Answer(
            value: try decode(answer.body, from: endpoint), index: answer.index, nextToken: nil, body: answer.body)
    }

    private func write<Value: Decodable>(
        _ ticket: WorkTicket, _ endpoint: Endpoint, _ members: (inout JSONWriter) -> Void = { _ in }
    ) async throws -> Value {
        var body = JSONWriter(capacity: 128)
        body.object { writer in
            writer.key("Token")
            writer.integer(ticket.token)
            members(&writer)
        }
        return try await write(endpoint, Self.path(ticket.item), ticket.item.queue, body.bytes)
    }

    private func write<Value: Decodable>(
        _ endpoint: Endpoint, _ argument: String, _ queue: WorkQueueID, _ body: [UInt8]
    ) async throws -> Value {
        let query = [(name: "namespace", value: queue.namespace)]
        let request = OutgoingRequest(endpoint: endpoint, argument: argument, query: query, body: body)
        return try decode(try await send(request).body, from: endpoint)
    }
}

private struct LeaseWire: Decodable {
    var leaseSeconds: Double

    enum CodingKeys: String, CodingKey {
        case leaseSeconds = "LeaseSeconds"
    }
}

private struct RemovedWire: Decodable {
    var count: Int

    enum CodingKeys: String, CodingKey {
        case count = "Removed"
    }
}
