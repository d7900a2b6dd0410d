import ClusterKit

/// A worker of a queue, as its own program sees it: it believes what it was told, and in nothing after its lease.
struct SimulatedWorker {
    let name: String
    let attributes: [String: String]
    let lease: Duration
    /// Tells the program from those that died before it.
    var life = 0
    /// The call under way; calls are told apart by it.
    var call: UInt64?
    var held: HeldItem?
    /// What it had once: it comes back with that now and then, and must be refused.
    var stale: WorkTicket?
}

/// An item of work and how long a worker may believe that it has it.
struct HeldItem {
    let ticket: WorkTicket
    /// The lease counted from when the worker last asked for it, which is no later than the servers count it.
    var until: Uptime
    /// When the work is done.
    let end: Uptime
    /// Whether the lease goes on only as long as an allocation does.
    let isBound: Bool
}

/// A call of a worker on its way.
struct WorkerCall {
    let worker: Int
    let life: Int
    let number: UInt64
    let kind: String
    let ticket: WorkTicket?
    let isBound: Bool
    let sent: Uptime
}

/// Queues of work, whoever puts items into them, and the workers that claim them.
extension World {
    static let workers = 12
    private static let queue = WorkQueueID("builds")

    func beginWorkers() {
        for number in 0..<Self.workers {
            workers.append(
                SimulatedWorker(
                    name: "worker-\(number)", attributes: ["os": number % 3 == 0 ? "mac" : "linux"],
                    lease: .seconds(10 + entropy.below(15))))
            later(.milliseconds(10_000 + entropy.below(20_000)), .workerActs(number, life: 0))
        }
    }

    /// A worker does the next thing, unless it waits for an answer.
    func workerActs(_ number: Int, _ life: Int) {
        guard workers[number].life == life else { return }
        // Whoever has an item is heard of several times within its lease.
        let pause = isSettling || workers[number].held != nil ? 4500 : 15_000
        later(.milliseconds(500 + entropy.below(pause)), .workerActs(number, life: life))
        guard workers[number].call == nil else { return }
        if let held = workers[number].held, held.until <= now { lose(held.ticket, number) }
        guard let held = workers[number].held else { return actIdle(number) }
        if !isSettling, entropy.below(25) == 0 { return die(number) }
        if held.end <= now { return finish(held, number) }
        if entropy.below(3) == 0 {
            let share = Double(entropy.below(100)) / 100
            ask(.progress(held.ticket, share, "at work"), "report progress", held.ticket, of: number)
        } else {
            ask(.renew(held.ticket), "renew", held.ticket, of: number)
        }
    }

    private func actIdle(_ number: Int) {
        guard !isSettling else { return }
        switch entropy.below(10) {
        case 0, 1, 2, 3: putItem(by: number)
        case 4 where workers[number].stale != nil: return comeLate(number)
        default:
            let isBound = entropy.below(4) == 0
            let node = agents[entropy.below(agents.count)].node.id
            let running = isBound ? truth.allocations(on: node).filter { $0.client == .running } : []
            let allocation = running.isEmpty ? nil : running[entropy.below(running.count)].id
            let statement = WorkerStatement(
                workers[number].name, attributes: workers[number].attributes, allocation: allocation,
                lease: workers[number].lease)
            let wait = Duration.seconds(entropy.below(4))
            ask(.claim(Self.queue, statement, wait: wait), "claim", nil, of: number, isBound: allocation != nil)
        }
    }

    private func putItem(by number: Int) {
        // Names come again, as after an answer that did not come.
        var order = WorkOrder(
            id: "item-\(entropy.below(200))", priority: entropy.below(4) * 20, maxAttempts: 1 + entropy.below(3),
            retention: .seconds(60 + entropy.below(300)))
        if entropy.below(3) == 0 { order.constraints = [Constraint("${os}", .equal, "linux")] }
        ask(.put(order, in: Self.queue), "put item", nil, of: number)
    }

    /// It believes no longer in what it gives back, and may come with it later.
    private func finish(_ held: HeldItem, _ number: Int) {
        lose(held.ticket, number)
        switch entropy.below(6) {
        case 0:
            let wish = WorkReturn.failed("it broke", delay: .seconds(entropy.below(20)), isFinal: entropy.below(4) == 0)
            ask(.giveBack(held.ticket, wish), "fail item", held.ticket, of: number)
        case 1: ask(.giveBack(held.ticket, .released("not now")), "release", held.ticket, of: number)
        default: ask(.complete(held.ticket, result: [], message: ""), "complete", held.ticket, of: number)
        }
    }

    /// It says something of an item that it had long ago.
    private func comeLate(_ number: Int) {
        guard let ticket = workers[number].stale else { return }
        let requests: [WorkRequest] = [
            .complete(ticket, result: [], message: "late"), .renew(ticket), .giveBack(ticket, .released("late")),
        ]
        ask(requests[entropy.below(requests.count)], "come late", ticket, of: number)
    }

    private func die(_ number: Int) {
        report.operations["worker dies", default: 0] += 1
        tell("worker \(number) dies")
        workers[number].life += 1
        workers[number].call = nil
        workers[number].held = nil
        workers[number].stale = nil
        let life = workers[number].life
        later(.milliseconds(1000 + entropy.below(60_000)), .workerActs(number, life: life))
    }

    private func lose(_ ticket: WorkTicket, _ number: Int) {
        workers[number].held = nil
        workers[number].stale = ticket
    }

    // MARK: - Calls

    private func ask(
        _ request: WorkRequest, _ kind: String, _ ticket: WorkTicket?, of number: Int, isBound: Bool = false
    ) {
        mark(11, UInt64(number))
        nextCall += 1
        workers[number].call = nextCall
        let call = WorkerCall(
            worker: number, life: workers[number].life, number: nextCall, kind: kind, ticket: ticket, isBound: isBound,
            sent: now)
        guard let server = reachableServer else {
            return later(.seconds(2), .workerGivesUp(call, server: nil, request: 0))
        }
        servers[server].nextRequest += 1
        let id = servers[server].nextRequest
        servers[server].workers[id] = call
        later(.seconds(8), .workerGivesUp(call, server: server, request: id))
        guard !isLost else { return }
        later(transit(), .serverHears(server, life: server, .request(id, .work(request))))
        guard isRepeated else { return }
        servers[server].nextRequest += 1
        let again = servers[server].nextRequest
        servers[server].workers[again] = call
        later(transit(), .serverHears(server, life: server, .request(again, .work(request))))
    }

    /// No answer came: whoever hangs up is given nothing any more.
    func workerGivesUp(_ call: WorkerCall, _ server: Int?, _ request: UInt64) {
        guard workers[call.worker].life == call.life, workers[call.worker].call == call.number else { return }
        workers[call.worker].call = nil
        guard let server, call.kind == "claim" else { return }
        later(transit(), .serverHears(server, life: server, .withdrawn(request)))
    }

    /// A server answers a worker: nobody is heard under a token that is not the newest of its item.
    func answer(_ call: WorkerCall, _ result: Result<ServerReply, ClusterError>) {
        count(result, of: call.kind)
        if call.kind == "put item", case .success(.work(.item(let item, _, _))) = result {
            ledger.acknowledge(item, in: truth, into: &report)
        }
        if case .success(.work(.item(let item, _, _))) = result, let ticket = call.ticket, item.token != ticket.token {
            violate(
                "a stale token is refused",
                "\(call.kind) of \(ticket.item) under \(ticket.token) was taken for \(item.token)")
        }
        if !isLost { later(transit(), .workerHears(call, result)) }
    }

    func workerHears(_ call: WorkerCall, _ result: Result<ServerReply, ClusterError>) {
        let number = call.worker
        guard workers[number].life == call.life, workers[number].call == call.number else { return }
        workers[number].call = nil
        switch (result, call.kind) {
        case (.success(.work(.item(let item, _, _))), "claim"):
            let ticket = WorkTicket(item.key, token: item.token)
            report.outcomes["claimed", default: 0] += 1
            workers[number].held = HeldItem(
                ticket: ticket, until: call.sent + workers[number].lease,
                end: now + .milliseconds(entropy.below(60_000)), isBound: call.isBound)
        case (.success, "renew"), (.success, "report progress"):
            let end = call.sent + workers[number].lease
            workers[number].held?.until = end
        case (.failure(let error), _) where error.code == .conflict || error.code == .notFound:
            if call.kind == "come late" { report.outcomes["refused late", default: 0] += 1 }
            if let ticket = workers[number].held?.ticket, ticket == call.ticket { lose(ticket, number) }
        default: break
        }
    }

    // MARK: - What must hold

    /// An item is given to a worker: nobody else believes, with reason, that it has it.
    func checkLease(of item: WorkItem) {
        if item.outcome == .expired, item.state != .leased { report.outcomes["lease expired", default: 0] += 1 }
        guard item.state == .leased else { return }
        for worker in workers {
            guard let held = worker.held, held.ticket.item == item.key, held.ticket.token != item.token,
                now < held.until, !held.isBound
            else { continue }
            violate(
                "an item has one worker at a time",
                "\(item.key) went to \(item.lease?.worker ?? "") while \(worker.name) has it for \(held.until - now)")
        }
    }

    /// Once the cluster rests, what dead workers held has gone back, and what living ones held is done.
    func checkLeasesAtRest() {
        for item in truth.work.sorted where item.state == .leased {
            violate("what nobody works on goes back", "\(item.key) is leased to \(item.lease?.worker ?? "")")
        }
    }
}
