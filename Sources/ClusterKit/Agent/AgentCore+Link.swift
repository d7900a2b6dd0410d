import Logging

/// The calls to the servers and what their answers mean.
extension AgentCore {
    /// A report carries at most this many allocations, so that its size stays bounded.
    private static let reportLimit = 256

    /// Begins every call that is due.
    mutating func call(_ turn: inout AgentTurn) {
        let now = turn.now.uptime
        guard isRegistered else {
            if pace.begin(.register, at: now) {
                described = node
                turn.effects.append(.register(node))
            }
            return
        }
        if pace.begin(.heartbeat, at: now) { turn.effects.append(.heartbeat(node.id, patience: beatPatience)) }
        if !dirty.isEmpty, pace.begin(.report, at: now) { report(&turn) }
        guard takesOrders else { return }
        if pace.begin(.assignments, at: now) {
            let known = contact.needsView ? .zero : newest
            let number = pace.number(of: .assignments)
            turn.effects.append(.fetchAssignments(after: known, wait: policy.wait, number: number))
        }
        if pace.begin(.inquiries, at: now) { turn.effects.append(.fetchInquiries(wait: policy.wait)) }
    }

    private mutating func report(_ turn: inout AgentTurn) {
        var reports: [AllocationReport] = []
        var chosen = dirty.sorted()
        if chosen.count > Self.reportLimit {
            // Where one report cannot carry all, the next goes on after the last: nobody is put off for ever.
            let next = reportedLast.flatMap { last in chosen.firstIndex { $0 > last } } ?? 0
            chosen = Array((chosen[next...] + chosen[..<next]).prefix(Self.reportLimit))
            reportedLast = chosen.last
        }
        for id in chosen {
            guard let allocation = allocations[id] else {
                dirty.remove(id)
                continue
            }
            reporting[id] = allocation.version
            reports.append(allocation.report)
        }
        turn.effects.append(.report(reports))
    }

    // MARK: - Answers

    mutating func answered(_ call: LinkCall, _ turn: inout AgentTurn) {
        pace.succeeded(call, at: turn.now.uptime)
    }

    mutating func register(_ registration: Registration, _ turn: inout AgentTurn) {
        noteContact(by: .register, registration, &turn)
        noteReturn(.register, &turn)
        answered(.register, &turn)
        // A description that changed while the call was under way is still to be told.
        isRegistered = described == node
        timeToLive = max(.milliseconds(100), registration.heartbeatTTL)
        // What was registered is a beat of its own; the calls that wait after a failure need not wait any longer.
        pace.succeeded(.heartbeat, nextAfter: beat(&turn), at: turn.now.uptime)
        for call in [LinkCall.report, .inquiries] { pace.hurry(call) }
        pace.renew(.assignments)
        // While the node counted as lost, nothing was taken of what it told.
        for (id, allocation) in allocations where !allocation.record.isAcknowledged && !allocation.record.isForgotten {
            dirty.insert(id)
        }
    }

    mutating func accept(_ registration: Registration, _ turn: inout AgentTurn) {
        noteContact(by: .heartbeat, registration, &turn)
        noteReturn(.heartbeat, &turn)
        // A view that was asked for before may have been lost as well, and be waited for for long.
        if pace.failures(of: .heartbeat) > 0 { pace.renew(.assignments) }
        timeToLive = max(.milliseconds(100), registration.heartbeatTTL)
        pace.succeeded(.heartbeat, nextAfter: beat(&turn), at: turn.now.uptime)
    }

    /// Says that a call is answered of which it was said that it is not.
    private func noteReturn(_ call: LinkCall, _ turn: inout AgentTurn) {
        let failures = pace.failures(of: call)
        guard failures > 0 else { return }
        turn.effects.append(.log(.notice, "the servers answer the call \(call) again, after \(failures) that failed"))
    }

    /// The wait before the next heartbeat: half the time to live, less up to a fifth of that, so that agents that
    /// registered together do not stay together.
    private func beat(_ turn: inout AgentTurn) -> Duration {
        let half = timeToLive / 2
        return half - turn.entropy.jitter(upTo: half / 5)
    }

    /// How long the answer to a heartbeat is waited for. With a beat at half the time to live, one that is lost leaves
    /// time for another before the term is over.
    private var beatPatience: Duration { max(.seconds(1), timeToLive / 4) }

    mutating func fail(_ call: LinkCall, _ error: ClusterError, _ turn: inout AgentTurn) {
        let now = turn.now.uptime
        let failures =
            call == .heartbeat
            ? pace.failedUrgently(call, longest: timeToLive / 8, at: now, using: &turn.entropy)
            : pace.failed(call, at: now, using: &turn.entropy)
        if call == .report { reporting.removeAll() }
        if call != .register, error.code == .notFound {
            turn.effects.append(.log(.notice, "the servers do not know this node; it registers again"))
            isRegistered = false
            pace.hurry(.register)
        } else if failures == 1 || failures.isMultiple(of: 20) {
            let times = failures == 1 ? "" : " \(failures) times in a row"
            turn.effects.append(
                .log(
                    .warning,
                    "the call \(call) failed\(times); it will be repeated: \(error.message)"))
        }
    }

    mutating func acknowledge(_ turn: inout AgentTurn) {
        answered(.report, &turn)
        turn.mayCollect = true
        for id in reporting.keys.sorted() where allocations[id]?.version == reporting[id] {
            dirty.remove(id)
            guard let allocation = allocations[id], allocation.record.hasEnded else { continue }
            allocations[id]?.acknowledged()
            if let record = allocations[id]?.record { turn.effects.append(.persist(record)) }
        }
        reporting.removeAll()
    }

    // MARK: - Views

    /// Brings the machine in line with a view of what it shall run.
    mutating func take(_ view: Assignments, _ turn: inout AgentTurn) {
        guard isNews(view.stamp) else {
            turn.effects.append(
                .log(
                    .warning,
                    "refused a view of epoch \(view.stamp.epoch), revision \(view.stamp.revision): it is older than "
                        + "epoch \(newest.epoch), revision \(newest.revision), which was seen before"))
            return
        }
        newest = view.stamp
        if isFirstView, viewTime != nil {
            isFirstView = false
            remembered = newest
            turn.effects.append(.remember(newest))
        }
        turn.mayCollect = true
        contact.needsView = false
        var listed = Set<AllocationID>(minimumCapacity: view.allocations.count)
        for assignment in view.allocations where assignment.allocation.node == node.id {
            let id = assignment.allocation.id
            guard listed.insert(id).inserted else { continue }
            if allocations[id] == nil {
                begin(assignment, view.stamp, &turn)
            } else {
                update(assignment, view.stamp, &turn)
            }
        }
        for id in allocations.keys.sorted() where !listed.contains(id) {
            allocations[id]?.forget(&turn)
            dirty.remove(id)
        }
    }

    /// Whether a view is no older than the newest that was seen.
    private func isNews(_ stamp: ViewStamp) -> Bool {
        #if MUTANTS
            if Sabotage.active == .epochBlindAgent { return true }
        #endif
        return stamp >= newest
    }

    private mutating func begin(_ assignment: Assignment, _ stamp: ViewStamp, _ turn: inout AgentTurn) {
        guard !assignment.allocation.isTerminal else { return }
        let id = assignment.allocation.id
        if assignment.allocation.fence != nil, assignment.allocation.desired == .run, !isFresh {
            contact.needsView = true
            return
        }
        var allocation = AllocationCore(AllocationRecord(assignment, seen: stamp), policy: policy)
        // What nobody ever heard of was not begun.
        if assignment.allocation.client == .pending || assignment.allocation.isUnheardOf {
            allocation.accept(&turn)
        } else {
            allocation.refuse(
                "the agent's record of it is lost, so whether it runs is not known", because: .setup, &turn)
        }
        allocations[id] = allocation
        if allocation.record.isUnbegun { awaitRoom(id) }
        followContact(of: id)
        if allocation.isLeased { renewLeases(&turn) }
    }

    private mutating func update(_ assignment: Assignment, _ stamp: ViewStamp, _ turn: inout AgentTurn) {
        let id = assignment.allocation.id
        if allocations[id]?.record.isForgotten == true { dirty.insert(id) }
        if allocations[id]?.catchUp(with: assignment.allocation.reportSerial) == true { dirty.insert(id) }
        let hasNews = allocations[id]?.update(assignment, seen: stamp, &turn) == true
        confirm(id, &turn)
        // The job may state other checks from now on, and another policy for silence.
        if hasNews {
            followChecks(of: id, &turn)
            followContact(of: id)
        }
        let isUnknown = assignment.allocation.client == .unknown
        if isUnknown || !assignment.allocation.isTerminal && allocations[id]?.record.hasEnded == true {
            dirty.insert(id)
        }
    }

    /// A server that answers at once with nothing new is not asked again at once.
    mutating func paceNext(_ call: LinkCall, wasUseful: Bool, _ turn: inout AgentTurn) {
        let hasty = !wasUseful && pace.age(of: call, at: turn.now.uptime) < .seconds(1)
        pace.succeeded(call, nextAfter: hasty ? .seconds(1) : .zero, at: turn.now.uptime)
    }
}

extension Allocation {
    /// Whether its node was lost before anything was heard of it.
    fileprivate var isUnheardOf: Bool { client == .unknown && reportSerial == 0 && tasks.isEmpty }
}
