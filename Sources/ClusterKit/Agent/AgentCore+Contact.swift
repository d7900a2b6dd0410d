import Logging

/// How long the agent has heard nothing of the servers, and what ends for that.
struct ServerContact: Sendable {
    /// When the last call was made that servers answered: what they heard for certain. An agent that starts counts from
    /// then.
    private(set) var last: Uptime?
    /// When the last registration was asked for that servers answered.
    private(set) var registered: Uptime?
    /// How long what may run only once may run from `last` on.
    var lease: Duration = .seconds(20)
    /// How long allocations run without contact, for those that do not run on for ever: never shorter than the lease,
    /// within which servers do not take the node for lost, or a heartbeat that is late would end what nobody misses.
    private var limits: [AllocationID: Duration] = [:]
    private var shortest: Duration?
    /// Allocations that run by the lease.
    private(set) var leased: Set<AllocationID> = []
    /// Whether a newer view is needed before something may start that runs by the lease.
    var needsView = false

    /// When the lease is over.
    var leaseEnd: Uptime? { last.map { $0 + lease } }

    /// When something ends unless the servers answer before.
    var due: Uptime? {
        guard let last else { return nil }
        let lease = leased.isEmpty ? nil : leaseEnd
        guard let shortest else { return lease }
        let end = last + max(shortest, self.lease)
        return lease.map { min($0, end) } ?? end
    }

    /// Notes that servers answered a call which was begun at `moment`.
    mutating func note(_ moment: Uptime, isRegistration: Bool = false) {
        last = last.map { max($0, moment) } ?? moment
        if isRegistration { registered = moment }
    }

    /// Whether what may run only once may start, by a view that was asked for at `moment`: the servers have not called
    /// the node lost since they made that view, or it would have registered again.
    func mayStart(byViewOf moment: Uptime, at now: Uptime) -> Bool {
        guard let registered, let leaseEnd else { return false }
        return moment >= registered && now < leaseEnd
    }

    /// Sets how long an allocation runs without contact; `nil` for as long as it takes.
    mutating func limit(_ id: AllocationID, to limit: Duration?, isLeased: Bool) {
        if isLeased { leased.insert(id) } else { leased.remove(id) }
        guard limits[id] != limit else { return }
        limits[id] = limit
        shortest = limits.values.min()
    }

    /// Allocations that have run for long enough without contact, in order, and for how long that was.
    func severed(at now: Uptime) -> [(AllocationID, Duration)] {
        guard let last, let due, due <= now else { return [] }
        var severed = limits.mapValues { max($0, lease) }.filter { last + $0.value <= now }
        if last + lease <= now { for id in leased { severed[id] = lease } }
        return severed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension AgentCore {
    /// Takes in that servers answered a call of a kind, and what they granted.
    mutating func noteContact(by call: LinkCall, _ registration: Registration, _ turn: inout AgentTurn) {
        contact.note(pace.began(call), isRegistration: call == .register)
        contact.lease = registration.lease
        renewLeases(&turn)
    }

    /// Tells whoever holds the lease for each task until when it is.
    func renewLeases(_ turn: inout AgentTurn) {
        guard let end = contact.leaseEnd, !contact.leased.isEmpty else { return }
        var tasks: [TaskRun: TaskHandle] = [:]
        for id in contact.leased {
            guard let allocation = allocations[id] else { continue }
            for (index, task) in allocation.record.tasks.enumerated() where task.stage == .running {
                tasks[allocation.run(index)] = task.handle
            }
        }
        turn.effects.append(.renewLeases(tasks, until: end))
    }

    /// Brings the limit of an allocation in line with what its job says now.
    mutating func followContact(of id: AllocationID) {
        guard let allocation = allocations[id], !allocation.record.hasEnded, !allocation.isSevered else {
            return contact.limit(id, to: nil, isLeased: false)
        }
        let time = allocation.record.assignment.group?.disconnect?.stopOnClientAfter
        contact.limit(id, to: allocation.isEnding ? nil : time, isLeased: allocation.isLeased)
    }

    /// Ends what shall not run for so long without the servers.
    mutating func severSilent(_ turn: inout AgentTurn) {
        for (id, time) in contact.severed(at: turn.now.uptime) {
            allocations[id]?.sever("no server was heard of for \(time.goText)", &turn)
            followContact(of: id)
        }
    }

    /// Lets an allocation start tasks that this agent found when it started, now that the servers want it still.
    mutating func confirm(_ id: AllocationID, _ turn: inout AgentTurn) {
        guard let allocation = allocations[id], allocation.awaitsWord else { return }
        // A view that nobody asked for may be old.
        let isCertain = allocation.isLeased ? isFresh : viewTime != nil
        if isCertain { allocations[id]?.release(&turn) } else { contact.needsView = true }
    }

    /// Whether the view at hand says for certain what may start that may run only once.
    var isFresh: Bool { viewTime.map { contact.mayStart(byViewOf: $0.asked, at: $0.now) } ?? false }
}

/// What runs only as long as its agent hears of the servers.
extension AllocationCore {
    /// Whether it runs by the lease of its node, as nothing of its name may run beside it.
    var isLeased: Bool { record.assignment.allocation.fence != nil }

    /// Ends it because nothing is heard of the servers, whatever they may want by now. What has a lease ends all at
    /// once: nothing is left for a proper order.
    mutating func sever(_ reason: String, _ turn: inout AgentTurn) {
        guard !isSevered else { return }
        isSevered = true
        if !isEnding { record.severance = reason }
        say(.warning, "is stopped: \(reason)", &turn)
        stop(reason, &turn)
    }

    /// Goes on with what waited for word of the servers.
    mutating func release(_ turn: inout AgentTurn) {
        awaitsWord = false
        for index in record.tasks.indices { resumeStart(index, &turn) }
        proceed(&turn)
        if !turn.afterPersist.isEmpty { commit(&turn) }
    }

    /// Starts a task, or has it started in time, with which an agent before this one had come so far.
    mutating func resumeStart(_ index: Int, _ turn: inout AgentTurn) {
        let task = record.tasks[index]
        switch task.stage {
        case .starting: turn.effects.append(launch(index))
        case .delayed:
            let left = (task.restartAt ?? turn.now.wall) - turn.now.wall
            turn.remind(.restart(run(index)), after: min(max(.zero, left), longestDelay(of: index)))
        default: break
        }
    }
}
