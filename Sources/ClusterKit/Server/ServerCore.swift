/// The server's logic as a value: requests, reports and results of the store go in; batches to append and replies
/// come out.
///
/// It owns the head of the state, which is ahead of what is durable by the batches that are being written. A reply
/// leaves only when everything it rests on is durable.
package struct ServerCore: Core {
    /// Names a request until its reply.
    package typealias RequestID = UInt64

    /// What the core is told. Here as in the other messages, what is large lies apart, so that the rest is quick to
    /// hand on.
    package enum Event: Sendable {
        /// The store gave the lead.
        indirect case led(Epoch, Snapshot)
        /// Someone wants something.
        case request(RequestID, ServerRequest)
        /// The group that was being written is durable.
        case appended
        /// Another server has taken the lead.
        case superseded
        /// The group that was being written is not.
        case appendFailed(AppendFailure)
        /// Whoever made this request no longer waits for its answer.
        case withdrawn(RequestID)
        /// The rules of a time zone were read, or there are none.
        case zone(String, Result<TimeZoneRules, ClusterError>)
    }

    /// What the core asks for.
    package enum Effect: Sendable {
        /// Write these batches; the snapshot is the state after them.
        indirect case append([ChangeBatch], head: Snapshot)
        /// Answer a request.
        case reply(RequestID, Result<ServerReply, ClusterError>)
        /// These nodes are kept from now on.
        case keep(KeptNodes)
        /// Read the rules of a time zone.
        case readZone(String)
        /// Tell the operator.
        case note(String)
        /// Tell the operator what to look after.
        case warning(String)
        /// A promise between parts of the program is broken; the change was not made.
        case alarm(String)
        /// Stop: another server leads, or it is unknown what the store holds.
        case halt(String)
    }

    /// By how much a wake may be late before it counts as a standstill of the server.
    static let tolerance = Duration.seconds(1)

    private enum Phase {
        case waiting, leading, halted
    }

    let configuration: ServerConfiguration
    /// Whether nodes have to be heard of.
    let takesSilenceForLoss: Bool
    private let scheduler: any Scheduler

    private(set) var epoch: Epoch = .zero
    /// The state that decisions are made on.
    package private(set) var head = Snapshot()
    /// The state that is safe: what `head` falls back to when the store refuses.
    private(set) var durable = Snapshot()
    /// When this server looks next at whether it stood still.
    var nextPulse = Uptime(nanoseconds: 0)
    /// What has to become durable before this server vouches for anything: it stood still, and another may lead by now.
    var doubt: Revision?
    var session: any SchedulingSession
    private var phase = Phase.waiting
    /// What was asked before the store gave the lead; answered in order as soon as it has.
    private var early: [(RequestID, ServerRequest)] = []

    var agenda = Agenda()
    var watch = HeartbeatWatch()
    var silence = SilenceWatch()
    /// Which nodes fail what others pass.
    var conduct = NodeConduct()
    var claims = ClaimQueue()
    var gates = GateWatch()
    var collection = CollectionRound()
    var drainer = Drainer()
    var rollouts = RolloutWatch()
    var reloads = ReloadTurns()
    var tidying = TidyingRound()
    var timetable = Timetable()
    private var outbox = Outbox()
    /// Work that waits for room, the nodes whose room it is offered, and those that are kept for the first in line.
    var queue: WaitingQueue
    var openings = Openings()
    var kept = KeptNodes()
    /// Whether others are kept than were told of.
    var isKeptNew = false
    /// For which of those that are placed together room is kept.
    var gangTurns = GangTurns()
    /// Nodes that have more to give than when they were offered last.
    var freed: Set<NodeID> = []
    /// Nodes whose room or description changed since it was decided which are kept.
    var touched: Set<NodeID> = []
    /// Jobs that have an instance on every node, so that they are found when a node comes.
    var everywhere: Set<JobID> = []
    /// How many nodes take work, as of the revision that last changed a node.
    var takers: (count: Int, revision: Revision) = (0, .zero)
    /// How many times a job was looked at.
    private(set) var plans = 0
    private var pausedUntil: Uptime?
    /// How often the store refused since it last took a write.
    private var refusals = StoreRefusals()
    /// When a lease was granted last that was as long as those of which the store knows.
    var longLeases = Uptime(nanoseconds: 0)
    /// The longest that was granted since.
    var lesserLease = Duration.zero

    /// Whether scheduling waits, as the store refused a write.
    var isPaused: Bool { pausedUntil != nil }

    /// A server that does not lead yet. Where nobody plays the agents' heartbeats, silence must not count as a loss.
    package init(configuration: ServerConfiguration, scheduler: any Scheduler, takesSilenceForLoss: Bool = true) {
        self.configuration = configuration
        self.takesSilenceForLoss = takesSilenceForLoss
        self.scheduler = CheckedScheduler.of(scheduler)
        session = self.scheduler.session(on: Snapshot())
        queue = WaitingQueue(patience: configuration.reservationDelay)
    }

    package var nextWake: WakeTime {
        guard phase == .leading else { return WakeTime() }
        let pulse = takesSilenceForLoss ? nextPulse : nil
        if let pausedUntil {
            return WakeTime(uptime: [pausedUntil, watch.nextDeadline, pulse].lazy.compactMap { $0 }.min())
        }
        let duties = [
            agenda.nextDelayed, queue.nextRipening, collection.nextWake(durable: durable.revision), claims.nextWake,
            drainer.nextWake, rollouts.nextWake, reloads.nextWake, gangTurns.nextChange, silence.nextWake,
            tidying.next, watch.nextDeadline, pulse,
        ]
        return WakeTime(uptime: duties.lazy.compactMap { $0 }.min(), wall: timetable.nextWake)
    }

    package mutating func handle(
        _ event: consuming Event, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) {
        if phase == .leading { noteStandstill(at: now, into: &effects) }
        switch consume event {
        case .led(let epoch, let snapshot):
            self.epoch = epoch
            phase = .leading
            durable = snapshot
            restart(at: now, using: &entropy)
            beginPulse(at: now)
            tidying = TidyingRound(of: head.schedulingRules, at: now.uptime)
            // An empty batch makes the new epoch known to agents, and shows at once whether the store takes writes.
            commit([], evenIfEmpty: true, at: now, into: &effects)
            for (id, request) in early { answer(request, id, at: now, using: &entropy, into: &effects) }
            early = []
            effects.append(.note("leads since revision \(snapshot.revision) with epoch \(epoch)"))
        case .request(let id, let request):
            switch phase {
            case .waiting: early.append((id, request))
            case .leading: answer(request, id, at: now, using: &entropy, into: &effects)
            case .halted:
                effects.append(.reply(id, .failure(ClusterError(.unavailable, "the server has stopped; ask another"))))
            }
        case .appended:
            if let head = outbox.confirm(into: &effects) { durable = head }
            if let doubt, doubt <= durable.revision { self.doubt = nil }
            if let text = refusals.end() { effects.append(.note(text)) }
        case .withdrawn(let id):
            let isEarly = early.contains { $0.0 == id }
            early.removeAll { $0.0 == id }
            if isEarly { effects.append(.reply(id, .success(.work(.nothing)))) }
            withdraw(id, into: &effects)
        case .appendFailed(.refused(let reason)):
            retreat(because: reason, at: now, using: &entropy, into: &effects)
        case .superseded, .appendFailed(.fenced):
            halt("another server leads this store; this one has stopped writing", into: &effects)
        case .appendFailed(.unknown(let reason)):
            halt("it is unknown whether the last changes were stored: \(reason)", into: &effects)
        case .zone(let name, let zone): take(name, zone, at: now, into: &effects)
        }
        advance(at: now, using: &entropy, into: &effects)
    }

    package mutating func wake(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        guard phase == .leading else { return }
        noteStandstill(at: now, into: &effects)
        // A server that stood still itself has heard of nobody: that is no node's fault.
        if let due = watch.nextDeadline, now.uptime - due > Self.tolerance {
            watch.extendAll(by: now.uptime - due + configuration.heartbeatGrace)
        }
        #if MUTANTS
            // In the simulated world both clocks begin together, until someone sets one of them.
            let isWall = Sabotage.active == .wallClockHeartbeats
            let wall = Uptime(nanoseconds: now.wall.nanoseconds - 1_790_000_000_000_000_000)
            // A clock that is set back must not have the server wake again and again for what is not due.
            let due = isWall ? max(wall, now.uptime) : now.uptime
        #else
            let due = now.uptime
        #endif
        for node in watch.expired(at: due) { loseNode(node, at: now, using: &entropy, into: &effects) }
        if let pausedUntil, pausedUntil <= now.uptime {
            self.pausedUntil = nil
            // Whether the store takes writes again is found out also when nobody asks for one.
            commit([], evenIfEmpty: true, at: now, into: &effects)
        }
        advance(at: now, using: &entropy, into: &effects)
    }

    /// Takes a node for lost for good: whoever waits for what ran there waits no longer.
    mutating func lose(_ node: NodeID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        loseNode(node, at: now, using: &entropy, into: &effects)
        advance(at: now, using: &entropy, into: &effects)
        silence.endWait(for: node, at: now.uptime)
        advance(at: now, using: &entropy, into: &effects)
    }

    /// Takes in nodes that join at one moment: whoever waits looks at all of them together, and so does each job that
    /// runs everywhere. `goesOn` is asked now and then; once it says no, nothing more is done.
    mutating func join(
        _ nodes: [Node], at now: Now, using entropy: inout Entropy, into effects: inout [Effect],
        while goesOn: () -> Bool
    ) {
        for (number, node) in nodes.enumerated() {
            if number.isMultiple(of: 1_000), !goesOn() { return }
            if let news = described(node, at: now) { commit([.putNode(news)], at: now, into: &effects) }
            _ = grant(node.id, at: now, into: &effects)
        }
        guard let last = nodes.last, goesOn() else { return }
        // All that come are there: this look waits for no others.
        commit(looksEverywhere(because: last.id, after: .zero, at: now, using: &entropy), at: now, into: &effects)
        advance(at: now, using: &entropy, into: &effects)
    }

    /// Looks at whatever is due and hands the store what has gathered.
    private mutating func advance(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        guard phase == .leading else { return }
        endWaits(at: now, into: &effects)
        if pausedUntil == nil {
            agenda.promote(at: now.uptime)
            giveUpSilent(at: now, using: &entropy, into: &effects)
            keepSchedules(at: now, using: &entropy, into: &effects)
            tidy(at: now, using: &entropy, into: &effects)
            repeat {
                watchRollouts(at: now, using: &entropy, into: &effects)
                openGates(at: now, using: &entropy, into: &effects)
                evaluate(at: now, using: &entropy, into: &effects)
            } while gates.isChanged || drain(at: now, using: &entropy, into: &effects)
            giveReloadTurns(at: now, into: &effects)
            settleClaims(at: now, into: &effects)
            collect(at: now, into: &effects)
        }
        if isKeptNew { effects.append(.keep(kept)) }
        isKeptNew = false
        // A store that has just refused is asked again when it is time, with all that has gathered.
        if pausedUntil == nil, let group = outbox.take(head: head) { effects.append(.append(group, head: head)) }
    }

    /// Looks at a job, or at one group of it that waits.
    mutating func plan(
        _ evaluation: Evaluation, group: String?, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) {
        plans += 1
        let reconciler = Reconciler { JobChange.needsReplacement(group: $2, from: $0, to: $1) }
        let plan = Planner(keptJobVersions: configuration.keptJobVersions, reconciler: reconciler).plan(
            evaluation, group: group, on: head, session: &session, epoch: epoch, withheld: withheld(from: evaluation),
            at: now.wall, using: &entropy)
        if commit(plan.changes, at: now, into: &effects) { return }
        // What was not written holds no room.
        let reserved = plan.changes.compactMap { change -> AllocationID? in
            guard case .putAllocation(let allocation) = change else { return nil }
            return head.allocations[allocation.id] == nil ? allocation.id : nil
        }
        session.release(reserved)
    }

    // MARK: - Writing

    /// Makes changes true in the head and queues them for the store. Gives whether they were made.
    @discardableResult
    mutating func commit(
        _ changes: [Change], evenIfEmpty: Bool = false, at now: Now, into effects: inout [Effect]
    ) -> Bool {
        guard evenIfEmpty || !changes.isEmpty else { return true }
        let batch = ChangeBatch(revision: head.revision.next, epoch: epoch, time: now.wall, changes: changes)
        guard head.apply(batch) else {
            effects.append(.alarm("batch \(batch.revision) does not follow revision \(head.revision); it was dropped"))
            return false
        }
        note(changes, making: session.apply(batch))
        for change in changes {
            noteEverywhere(change)
            agenda.note(change, in: head, at: now)
            queue.note(change, in: head, at: now)
            conduct.note(change, in: head)
            claims.note(change, in: head, at: now)
            gates.note(change, in: head)
            drainer.note(change, at: now)
            silence.note(change, in: head, at: now)
            rollouts.note(change, in: head, at: now)
            reloads.note(change, in: head)
            if case .putSchedulingRules(let rules) = change { tidying.note(rules, at: now.uptime) }
            timetable.note(change, in: head, at: now.wall)
        }
        outbox.put(batch)
        return true
    }

    /// Answers a request as soon as everything up to the head is durable.
    mutating func reply(_ id: RequestID, _ reply: ServerReply, into effects: inout [Effect]) {
        outbox.reply(id, reply, after: head.revision, durable: durable.revision, into: &effects)
    }

    /// The store wrote nothing: back to what is durable, and tell those who waited.
    private mutating func retreat(
        because reason: String, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) {
        let error = ClusterError(.storeRefused, "the store cannot take writes: \(reason)")
        outbox.fail(with: error, into: &effects)
        for id in collection.waiting { effects.append(.reply(id, .failure(error))) }
        let retry = max(configuration.storeRetry, .milliseconds(10))
        let text = refusals.note(error.message, triedAgainAfter: retry, at: now.uptime)
        if let text { effects.append(.warning(text)) }
        restart(at: now, using: &entropy)
        if doubt != nil { doubt = durable.revision.next }
        pausedUntil = now.uptime + retry
    }

    private mutating func halt(_ reason: String, into effects: inout [Effect]) {
        guard phase != .halted else { return }
        phase = .halted
        let error = ClusterError(.unavailable, reason)
        outbox.fail(with: error, into: &effects)
        for id in collection.waiting { effects.append(.reply(id, .failure(error))) }
        effects.append(.halt(reason))
    }

    /// Starts from what is durable: at the beginning, and after the store refused.
    private mutating func restart(at now: Now, using entropy: inout Entropy) {
        head = durable
        session = scheduler.session(on: head)
        agenda = Agenda(of: head, at: now)
        conduct = NodeConduct(of: head)
        rollouts = RolloutWatch(of: head, after: inheritedLease, at: now)
        reloads = ReloadTurns(of: head)
        tidying.note(head.schedulingRules, at: now.uptime)
        queue = WaitingQueue(of: head, patience: configuration.reservationDelay, at: now)
        timetable = Timetable(of: head, knowing: timetable, at: now.wall)
        collection = CollectionRound(after: configuration.collection.interval, at: now.uptime)
        drainer = Drainer(of: head, at: now)
        silence = SilenceWatch(of: head, lease: max(silence.longestLease, inheritedLease), at: now)
        (longLeases, lesserLease) = (now.uptime, .zero)
        (openings, kept, touched, takers) = (Openings(), KeptNodes(), [], (0, .zero))
        isKeptNew = true
        claims = claims.rebuilt(of: head, at: now)
        gangTurns = GangTurns()
        gates = GateWatch(of: head)
        everywhere = Set(head.jobs.unordered.lazy.filter(\.job.kind.runsEverywhere).map(\.job.id))
        // Room may have come free just before the last leader ended: whoever waits is looked at once more.
        freed = Set(head.nodes.sortedKeys)
        #if MUTANTS
            if Sabotage.active == .forgetfulServer { return }
        #endif
        guard takesSilenceForLoss else { return }
        // Whoever led before may have heard of them just now: each gets a whole term, spread so that not all end at
        // once.
        let term = silence.longestLease
        for node in head.nodes.sorted where node.status != .down && !watch.isWatched(node.id) {
            watch.extend(node.id, until: now.uptime + term + entropy.jitter(upTo: term / 4))
        }
    }
}
