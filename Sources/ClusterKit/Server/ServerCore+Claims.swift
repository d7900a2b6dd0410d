extension ServerCore {
    /// Does what a request asks of the queues of work and answers it: now, when it is durable, or when an item comes.
    mutating func serve(
        _ request: WorkRequest, _ id: RequestID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) {
        let before = head.revision
        guard let answer = try answer(request, id, at: now, using: &entropy, into: &effects) else { return }
        switch (request, answer) {
        case (.workers, _), (_, .nothing): effects.append(.reply(id, .success(.work(answer))))
        // An item stays with its worker also while the store is slow.
        case (.renew, _): vouch(id, .work(answer), at: now, into: &effects)
        default: confirm(id, .work(answer), since: before, at: now, into: &effects)
        }
    }

    /// `nil` when the answer comes later.
    private mutating func answer(
        _ request: WorkRequest, _ id: RequestID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply? {
        switch request {
        case .put(let order, let queue): try put(order, in: queue, at: now, using: &entropy, into: &effects)
        case .claim(let queue, let worker, let wait):
            try claim(from: queue, worker, wait: wait, id, at: now, into: &effects)
        case .renew(let ticket): try renew(ticket, at: now)
        case .progress(let ticket, let share, let text):
            try report(share, text, of: ticket, at: now, into: &effects)
        case .giveBack(let ticket, let wish): try giveBack(ticket, wish, at: now, into: &effects)
        case .complete(let ticket, let result, let message):
            try complete(ticket, result, message, at: now, into: &effects)
        case .remove(let key): try remove(key, at: now, into: &effects)
        case .removeQueue(let queue): try removeQueue(queue, at: now, into: &effects)
        case .workers(let queue): .workers(workers(of: queue, at: now))
        }
    }

    // MARK: - Items

    private mutating func put(
        _ order: WorkOrder, in queue: WorkQueueID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        try order.check(for: queue)
        let id = order.id ?? entropy.identifier(of: WorkItem.self).description
        let key = WorkItemKey(id, in: queue)
        if let known = head.work[key] { return .item(known, isNew: false, lease: .zero) }
        let counts = head.work.counts(of: queue)
        let (items, bytes) = (counts?.total ?? 0, counts?.bytes ?? 0)
        guard items < WorkLimits.items, bytes + order.payload.count <= WorkLimits.queueBytes else {
            throw ClusterError(
                .tooLarge,
                "queue \(queue) is full: it holds \(items) items with \(bytes) bytes, at most \(WorkLimits.items) with "
                    + "\(WorkLimits.queueBytes); remove what is no longer needed")
        }
        var item = WorkItem(
            key: key, priority: order.priority, constraints: order.constraints, payload: order.payload,
            maxAttempts: order.maxAttempts, retention: order.retention, time: now.wall)
        item.readyTime = order.readyTime.flatMap { now.wall < $0 ? $0 : nil }
        try write([.putWorkItem(item)], at: now, into: &effects)
        return .item(head.work[key] ?? item, isNew: true, lease: .zero)
    }

    private mutating func remove(
        _ key: WorkItemKey, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        _ = try item(key)
        try write([.removeWorkItem(key)], at: now, into: &effects)
        return .removed(1)
    }

    private mutating func removeQueue(
        _ queue: WorkQueueID, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        let keys = head.work.keys(in: queue)
        guard !keys.isEmpty else { throw ClusterError(.notFound, WorkQueue.absence(of: queue)) }
        try write(keys.map(Change.removeWorkItem), at: now, into: &effects)
        return .removed(keys.count)
    }

    private func item(_ key: WorkItemKey) throws(ClusterError) -> WorkItem {
        guard let item = head.work[key] else {
            throw ClusterError(.notFound, "there is no item \(key); it was removed, or was over for long enough")
        }
        return item
    }

    private mutating func write(
        _ changes: [Change], at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) {
        guard commit(changes, at: now, into: &effects) else {
            throw ClusterError(.internal, "the change could not be made; see the server's log")
        }
    }

    // MARK: - Claims

    private mutating func claim(
        from queue: WorkQueueID, _ worker: WorkerStatement, wait: Duration, _ id: RequestID, at now: Now,
        into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply? {
        if let mistake = queue.mistake { throw ClusterError(.invalid, mistake) }
        try worker.check()
        if let allocation = worker.allocation {
            guard let known = head.allocations[allocation], !known.isTerminal else {
                throw ClusterError(
                    .invalid,
                    "allocation \(allocation.short), in which worker \(worker.name) says that it runs, is not there or "
                        + "has ended; leave it out for a worker that runs elsewhere")
            }
        }
        // Whoever waits already comes first for what has just come.
        settleClaims(at: now, into: &effects)
        // A lease must not begin long before the store has taken it.
        if !isPaused, let key = claims.first(in: queue, for: worker, at: now), let item = head.work[key] {
            try write([.putWorkItem(taken(item, by: worker, at: now))], at: now, into: &effects)
            return .item(try self.item(key), isNew: false, lease: worker.lease)
        }
        guard wait > .zero else { return .nothing }
        claims.park(.init(request: id, worker: worker), in: queue, until: now.uptime + wait)
        return nil
    }

    /// The revision that the lease begins with is its number: none before was as high.
    private func taken(_ item: WorkItem, by worker: WorkerStatement, at now: Now) -> WorkItem {
        item.taken(by: worker, token: head.revision.next.number, at: now.wall)
    }

    /// The caller of a claim no longer waits for its answer.
    mutating func withdraw(_ id: RequestID, into effects: inout [Effect]) {
        if claims.withdraw(id) { effects.append(.reply(id, .success(.work(.nothing)))) }
    }

    /// Does what has come due for items of work, and gives those that came to workers that wait.
    mutating func settleClaims(at now: Now, into effects: inout [Effect]) {
        guard !isPaused else { return }
        // Whatever comes first after a standstill of the server: it was no worker's fault. Once, for the alarm that was
        // slept through is taken out next.
        if let due = claims.nextExpiry, now.uptime - due > Self.tolerance {
            claims.extendLeases(by: now.uptime - due + configuration.heartbeatGrace)
        }
        let due = claims.due(in: head, at: now)
        if !due.isEmpty { commit(due, at: now, into: &effects) }
        let offers = claims.offers().compactMap { offer in
            head.work[offer.item].map { (offer.claim, taken($0, by: offer.claim.worker, at: now)) }
        }
        if !offers.isEmpty { commit(offers.map { .putWorkItem($1) }, at: now, into: &effects) }
        for (claim, item) in offers {
            let stored = head.work[item.key] ?? item
            reply(claim.request, .work(.item(stored, isNew: false, lease: claim.worker.lease)), into: &effects)
        }
    }

    /// Answers those who have waited for an item as long as they would.
    mutating func endWaits(at now: Now, into effects: inout [Effect]) {
        for id in claims.impatient(at: now.uptime) { effects.append(.reply(id, .success(.work(.nothing)))) }
    }

    // MARK: - Leases

    /// The item that a ticket is for, as long as nobody else had it since.
    private func leased(_ ticket: WorkTicket) throws(ClusterError) -> WorkItem {
        let item = try item(ticket.item)
        #if MUTANTS
            if Sabotage.active == .tokenBlindQueue, item.state == .leased { return item }
        #endif
        guard item.token == ticket.token, item.state == .leased else {
            let ending = item.outcome.map { " (\($0.rawValue): \(item.message))" } ?? ""
            let reason =
                item.token == ticket.token
                ? "that lease is over\(ending)" : "the newest lease has token \(item.token)"
            throw ClusterError(
                .conflict,
                "item \(ticket.item) is no longer yours under token \(ticket.token): \(reason); stop working on it")
        }
        return item
    }

    private mutating func renew(_ ticket: WorkTicket, at now: Now) throws(ClusterError) -> WorkReply {
        let item = try leased(ticket)
        guard let lease = item.lease, let end = claims.renew(item.key, for: lease.duration, at: now.uptime) else {
            throw ClusterError(
                .conflict, "the lease of item \(ticket.item) under token \(ticket.token) is over; stop working on it")
        }
        return .item(item, isNew: false, lease: end - now.uptime)
    }

    private mutating func report(
        _ share: Double, _ text: String, of ticket: WorkTicket, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        guard (0...1).contains(share) else {
            throw ClusterError(.invalid, "progress of item \(ticket.item) must lie in 0...1, is \(share)")
        }
        try check(text, of: ticket)
        let reply = try renew(ticket, at: now)
        guard case .item(var item, _, let lease) = reply, item.progress != share || item.progressText != text else {
            return reply
        }
        item.progress = share
        item.progressText = text
        item.modifyTime = now.wall
        try write([.putWorkItem(item)], at: now, into: &effects)
        return .item(try self.item(item.key), isNew: false, lease: lease)
    }

    private mutating func giveBack(
        _ ticket: WorkTicket, _ wish: WorkReturn, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        switch wish {
        case .released(let reason): try check(reason, of: ticket)
        case .failed(let reason, let delay, _):
            try check(reason, of: ticket)
            guard (.zero...JobLimits.duration).contains(delay) else {
                throw ClusterError(
                    .invalid, "delay of item \(ticket.item) must not be negative, nor longer than ten years")
            }
        }
        if let known = repeated(ticket, wish.outcome) { return known }
        let item = try leased(ticket).returned(wish, at: now.wall)
        try write([.putWorkItem(item)], at: now, into: &effects)
        return .item(try self.item(item.key), isNew: false, lease: .zero)
    }

    private mutating func complete(
        _ ticket: WorkTicket, _ result: [UInt8], _ message: String, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> WorkReply {
        guard result.count <= WorkLimits.payloadBytes else {
            throw ClusterError(
                .tooLarge,
                "the result of item \(ticket.item) has \(result.count) bytes; at most \(WorkLimits.payloadBytes) are "
                    + "taken: put the rest elsewhere and name its place")
        }
        guard String(validating: result, as: UTF8.self) != nil else {
            throw ClusterError(.invalid, "the result of item \(ticket.item) must be text in UTF-8")
        }
        try check(message, of: ticket)
        if let known = repeated(ticket, .completed) { return known }
        let item = try leased(ticket).completed(result, message, at: now.wall)
        try write([.putWorkItem(item)], at: now, into: &effects)
        return .item(try self.item(item.key), isNew: false, lease: .zero)
    }

    private func check(_ text: String, of ticket: WorkTicket) throws(ClusterError) {
        guard text.utf8.count <= WorkLimits.textBytes else {
            throw ClusterError(
                .tooLarge,
                "the message on item \(ticket.item) has \(text.utf8.count) bytes; at most \(WorkLimits.textBytes) are "
                    + "taken")
        }
    }

    /// The answer to a request that was done before and comes again, because its answer was lost.
    private func repeated(_ ticket: WorkTicket, _ outcome: WorkOutcome) -> WorkReply? {
        guard let item = head.work[ticket.item], item.token == ticket.token, item.state != .leased,
            item.outcome == outcome
        else { return nil }
        return .item(item, isNew: false, lease: .zero)
    }

    private func workers(of queue: WorkQueueID, at now: Now) -> [SeenWorker] {
        let waiting = claims.waiting(in: queue)
        let names = Set(waiting.map(\.name))
        let present = Dictionary(
            waiting.map { ($0.name, SeenWorker(worker: $0, time: now.wall, isWaiting: true)) },
            uniquingKeysWith: { first, _ in first })
        let gone = claims.roll.workers(of: queue, at: now.uptime).filter { !names.contains($0.worker.name) }
        return (gone + present.values).sorted { $0.worker.name < $1.worker.name }
    }
}

extension WorkReturn {
    /// How a lease ends that ends so.
    fileprivate var outcome: WorkOutcome {
        switch self {
        case .released: .released
        case .failed: .failed
        }
    }
}
