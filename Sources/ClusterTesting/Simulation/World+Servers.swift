import ClusterKit

/// A server process of the simulated world.
struct SimulatedServer {
    var core: ServerCore
    var entropy: Entropy
    /// Counts what outlives nothing: events for an earlier life are not delivered.
    let life: Int
    var isAlive = true
    var isPaused = false
    /// What arrives while the process stands still.
    var inbox: [ServerCore.Event] = []
    /// What this process believes to be durable.
    var durable = Snapshot()
    var clock = SimulatedClock()
    /// What routes and names in this process.
    var edge = SimulatedEdge()
    var wakeAt: Uptime?
    /// Agents' calls that wait for a reply of the core.
    var calls: [UInt64: AgentCall] = [:]
    /// Agents that wait for news.
    var polls: [AgentCall] = []
    /// Users that wait for a reply of the core.
    var users: [UInt64: (user: Int, attempt: Int, kind: String)] = [:]
    /// Workers that wait for a reply of the core.
    var workers: [UInt64: WorkerCall] = [:]
    var nextRequest: UInt64 = 0
    /// Requests of the script that wait for a reply.
    var asked: Set<UInt64> = []
    /// What the core had decided, and what of that was durable, when it heard of a request that waits for a reply.
    var heard: [UInt64: (decided: Revision, durable: Revision)] = [:]
    /// Whether another server has the lead.
    var isSucceeded = false
    /// When that one wrote first: whoever follows the store learns of it then.
    var surpassed: Uptime?
    /// Whether it has written anything.
    var hasWritten = false

    init(core: ServerCore, entropy: Entropy, life: Int) {
        self.core = core
        self.entropy = entropy
        self.life = life
    }

    mutating func hear(_ event: ServerCore.Event, at now: Now, into effects: inout [ServerCore.Effect]) {
        core.handle(event, at: now, using: &entropy, into: &effects)
    }

    mutating func wake(at now: Now, into effects: inout [ServerCore.Effect]) {
        core.wake(at: now, using: &entropy, into: &effects)
    }

    /// How long it is until the server is to be woken. Mutating, so that it is looked at in place and not copied.
    mutating func delay(from now: Now) -> Duration? { core.nextWake.delay(from: now) }
}

extension World {
    /// The newest server that runs: the one that agents and users find.
    var reachableServer: Int? { servers.indices.last { servers[$0].isAlive } }

    func startServer() {
        let number = servers.count
        var configuration = options.server
        configuration.name = "server-\(number)"
        let server = SimulatedServer(
            core: ServerCore(configuration: configuration, scheduler: options.scheduler), entropy: entropy.split(),
            life: number)
        servers.append(server)
        // A server's uptime is what leases are measured by: machines run by up to 1 % faster or slower than it.
        if !options.isCalm { servers[number].clock.skew = SimulatedClock.drawn(using: &entropy).skew }
        disturbed = max(disturbed, now)
        for older in servers.indices.dropLast() { servers[older].isSucceeded = true }
        let (epoch, head) = store.lead()
        ledger.check(truth, into: &report)
        servers[number].durable = head
        servers[number].edge.take(.resync(head))
        if number > 0 { note("a server leads again") }
        tell("server \(number) starts to lead with epoch \(epoch) at revision \(head.revision)")
        tellServer(number, number, .led(epoch, head))
    }

    func tellServer(_ number: Int, _ life: Int, _ event: ServerCore.Event) {
        guard servers[number].isAlive else { return }
        guard !servers[number].isPaused else { return servers[number].inbox.append(event) }
        mark(1, UInt64(number))
        if case .request(let id, _) = event {
            servers[number].heard[id] = (servers[number].core.head.revision, servers[number].durable.revision)
        }
        var effects: [ServerCore.Effect] = []
        servers[number].hear(event, at: clocks(ofServer: number), into: &effects)
        perform(effects, of: number)
    }

    func wakeServer(_ number: Int, _ life: Int) {
        guard servers[number].isAlive, !servers[number].isPaused, servers[number].wakeAt == now else { return }
        servers[number].wakeAt = nil
        mark(2, UInt64(number))
        var effects: [ServerCore.Effect] = []
        servers[number].wake(at: clocks(ofServer: number), into: &effects)
        perform(effects, of: number)
    }

    private func perform(_ effects: [ServerCore.Effect], of number: Int) {
        for effect in effects {
            switch effect {
            case .append(let group, let head):
                let delay = Duration.microseconds(300 + entropy.below(8000))
                later(network.storeDelay + delay, .written(number, life: number, group, head))
            case .reply(let id, let result): reply(id, result, from: number)
            case .keep: break
            case .note(let text), .warning(let text): tell("server \(number): \(text)")
            // Nobody reads files here: every zone that nothing is said of is universal time.
            case .readZone(let name):
                let rules = options.zones[name].flatMap { TimeZoneRules(posix: $0) } ?? .utc
                tellServer(number, number, .zone(name, .success(rules)))
            case .alarm(let text): violate("no broken invariant", text)
            case .halt(let text):
                tell("server \(number) halts: \(text)")
                servers[number].isAlive = false
                if reachableServer == nil { later(.milliseconds(500 + entropy.below(2000)), .serverStarts) }
            }
        }
        schedule(number)
    }

    /// Wakes the server when its core wants it, on whichever clock comes first.
    func schedule(_ number: Int) {
        guard let delay = servers[number].delay(from: clocks(ofServer: number)) else { return }
        let time = now + delay
        if let known = servers[number].wakeAt, known <= time, known >= now { return }
        servers[number].wakeAt = time
        queue.put(.serverWake(number, life: number), at: time)
    }

    func finishWrite(_ number: Int, _ life: Int, _ group: [ChangeBatch], _ head: Snapshot) {
        // A group that is on its way when its writer dies reaches the disk or not.
        if !servers[number].isAlive, entropy.below(2) == 0 { return }
        switch write(group, head, by: number) {
        case .success:
            guard servers[number].isAlive else { return }
            servers[number].durable = head
            if let last = group.last { servers[number].edge.take(.batch(last, head)) }
            tellOffers(of: number)
            tellServer(number, life, .appended)
            wakePolls(of: number)
            lookAtTemplates()
        case .failure(let failure): tellServer(number, life, .appendFailed(failure))
        }
    }

    /// The group reaches the disk, or does not, and whoever wrote it learns that, or does not.
    private func write(_ group: [ChangeBatch], _ head: Snapshot, by number: Int) -> Result<Void, AppendFailure> {
        guard !network.isDiskFull else { return .failure(.refused("the disk is full")) }
        let doubt = servers[number].isAlive ? network.takeDoubt() : nil
        if doubt == .unwritten {
            report.faults["write of unknown fate, not done", default: 0] += 1
            return .failure(.unknown("the disk does not answer"))
        }
        let result = store.write(group, head: head)
        guard case .success = result else { return result }
        checker.foresee(group)
        for (place, batch) in group.enumerated() { noteDurable(batch, isLast: place == group.count - 1, by: number) }
        guard doubt == .written else { return result }
        report.faults["write of unknown fate, done", default: 0] += 1
        return .failure(.unknown("the disk does not answer"))
    }

    /// Tells what clients are offered from now on, and what no more.
    private func tellOffers(of number: Int) {
        guard options.keepsChronicle else { return }
        chronicle.add(servers[number].edge.view.catalog, at: now - Uptime(nanoseconds: 0))
    }

    /// Whoever led before learns from the store that another has written.
    private func tellSurpassed(by number: Int) {
        guard !servers[number].hasWritten else { return }
        servers[number].hasWritten = true
        for older in 0..<number where servers[older].isAlive && servers[older].surpassed == nil {
            servers[older].surpassed = now
            if !servers[older].isPaused { tellSoon(older, .superseded) }
        }
    }

    private func tellSoon(_ number: Int, _ event: ServerCore.Event) {
        later(.milliseconds(1 + entropy.below(500)), .serverHears(number, life: number, event))
    }

    private func noteDurable(_ batch: ChangeBatch, isLast: Bool, by number: Int) {
        mark(3, batch.revision.number, batch.digest)
        tellSurpassed(by: number)
        for change in batch.changes {
            count(change)
            ledger.note(change, of: batch.revision)
            if case .putNode(let node) = change, node.status == .down {
                // As the clock of the newest server would have read it.
                let offset = clocks.wall - clocks(ofServer: number).wall
                checkLoss(of: node, decidedAt: batch.time + offset)
            }
            if case .putWorkItem(let item) = change { checkLease(of: item) }
        }
        checker.check(batch, leadingTo: truth, at: clocks, into: &report)
        turns.check(batch, in: truth, into: &report)
        workChecker.check(batch, workers, into: &report)
        checkGangs(batch)
        checkStep(batch, isLast: isLast)
        if options.keepsChronicle {
            chronicle.add(batch, leadingTo: truth, at: now - Uptime(nanoseconds: 0))
        }
        if let violation = report.violations.first { tell("VIOLATION \(violation)") }
    }

    private func reply(_ id: UInt64, _ result: Result<ServerReply, ClusterError>, from number: Int) {
        checkStanding(of: result, to: id, from: number)
        if let call = servers[number].calls.removeValue(forKey: id) {
            if case .heartbeat = call.question, case .success = result { agents[call.agent].lastHeard = (number, now) }
            if case .report(let reports) = call.question, case .success = result {
                ledger.acknowledge(reports, in: truth, into: &report)
            }
            send(call.answer(to: result), for: call, from: number)
        } else if let (user, attempt, kind) = servers[number].users.removeValue(forKey: id) {
            count(result, of: kind)
            if case .success(.receipt(let receipt)) = result {
                ledger.acknowledge(receipt, kind: kind)
                ledger.check(receipt, in: truth, into: &report)
            }
            if !isLost { later(transit(), .userHears(user, attempt: attempt)) }
        } else if let call = servers[number].workers.removeValue(forKey: id) {
            answer(call, result)
        } else if servers[number].asked.remove(id) != nil, case .failure(let error) = result {
            refuse("refused: \(error.message)")
        }
    }

    /// A server that leads no more says nothing unless it has written since it was asked; of leases, that grow old by
    /// themselves from when they were asked for, unless a write was under way then, or the other has only just begun.
    private func checkStanding(of result: Result<ServerReply, ClusterError>, to id: UInt64, from number: Int) {
        guard let heard = servers[number].heard.removeValue(forKey: id), servers[number].isSucceeded,
            case .success(let answer) = result, servers[number].durable.revision <= heard.decided
        else { return }
        let isNew = servers[number].surpassed.map { now - $0 <= options.server.heartbeatGrace } ?? true
        let isFresh = isNew || servers[number].durable.revision > heard.durable
        switch answer {
        // Nothing was granted, and nothing was to be done.
        case .work(.nothing), .work(.workers): return
        case .registration where isFresh: return
        case .work(.item(_, isNew: false, let lease)) where isFresh && lease > .zero: return
        default: violate("an old leader vouches for nothing", "server \(number): \(answer)")
        }
    }

    // MARK: - Faults

    func crashServer(_ number: Int) {
        servers[number].isAlive = false
        servers[number].polls = []
        disturbed = max(disturbed, now)
        store.crash()
    }

    func resumeServer(_ number: Int) {
        guard servers[number].isAlive else { return }
        servers[number].isPaused = false
        if servers[number].surpassed != nil { tellSoon(number, .superseded) }
        // A server that stood still gives nodes as much longer as it may have missed of them, and its grace.
        disturbed = max(disturbed, now + .seconds(30 + 10))
        let inbox = servers[number].inbox
        servers[number].inbox = []
        for event in inbox { tellServer(number, number, event) }
        for call in servers[number].polls { endPoll(number, number, call) }
        servers[number].wakeAt = nil
        if servers[number].isAlive { schedule(number) }
    }
}
