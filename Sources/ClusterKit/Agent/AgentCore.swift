import Logging

/// The agent of one machine as a value: what it asks of the servers, and what it does about their answers.
///
/// It refuses views older than the newest it has seen, so a server that lags behind cannot end what runs. It starts no
/// allocation twice, and none that it knows to have ended. It keeps the end of an allocation until the servers
/// confirm it.
package struct AgentCore: Core {
    /// The machine.
    package private(set) var node: Node
    /// Whether the agent is done and `AgentEffect.end` was asked for.
    package private(set) var hasEnded = false

    let policy: AgentPolicy
    var pace: LinkPace
    var allocations: [AllocationID: AllocationCore] = [:]
    /// Allocations whose newest state the servers have not confirmed.
    var dirty: Set<AllocationID> = []
    /// The versions that the report under way carries.
    var reporting: [AllocationID: Int] = [:]
    /// Allocations of which nothing is started before there is room for them.
    var crowded: Set<AllocationID> = []
    /// The last allocation of the newest report that could not carry all.
    var reportedLast: AllocationID?
    /// The newest view that was seen.
    var newest = ViewStamp.zero
    /// The newest view that is known on disk.
    var remembered = ViewStamp.zero
    /// Whether no view has come yet since the machine was started.
    var isFirstView = false
    /// How long the servers count the node as alive.
    var timeToLive: Duration = .seconds(10)
    var isRegistered = false
    /// What the newest call `register` says of the machine. Kept after its answer, which may come twice.
    var described: Node?
    var collecting: Set<AllocationID> = []
    /// Those among them that make room on a disk that is too full.
    var roomMaking: Set<AllocationID> = []
    /// When to look how full the disk is; `nil` while nothing could be removed.
    var surveyDue: Uptime?
    /// How long servers have not been heard of.
    var contact = ServerContact()
    /// When the view at hand was asked for, and when it came; `nil` while there is none, or nobody asked for it.
    var viewTime: (asked: Uptime, now: Uptime)?
    /// When the checks of services are made.
    var board = CheckBoard()
    private var isBooted = false
    private var chores: [Chore: Uptime] = [:]
    private var isShuttingDown = false
    /// When the agent ends whatever it still waits for.
    private var endDue: Uptime?

    /// An agent that waits for `booted`.
    package init(node: Node, policy: AgentPolicy = AgentPolicy()) {
        self.node = node
        self.policy = policy
        pace = LinkPace(policy: policy)
    }

    /// What is known of an allocation.
    package func record(_ id: AllocationID) -> AllocationRecord? { allocations[id]?.record }

    /// All allocations on the machine, ended ones included, by identifier.
    package var records: [AllocationRecord] { allocations.keys.sorted().compactMap { allocations[$0]?.record } }

    package mutating func handle(
        _ event: consuming AgentEvent, at now: Now, using entropy: inout Entropy, into effects: inout [AgentEffect]
    ) {
        var turn = AgentTurn(now: now, entropy: entropy)
        severSilent(&turn)
        take(event, &turn)
        finish(&turn, using: &entropy, into: &effects)
    }

    package mutating func wake(at now: Now, using entropy: inout Entropy, into effects: inout [AgentEffect]) {
        var turn = AgentTurn(now: now, entropy: entropy)
        severSilent(&turn)
        if chores.contains(where: { $0.value <= now.uptime }) {
            let due = chores.filter { $0.value <= now.uptime }
                .sorted { $0.value == $1.value ? $0.key.order < $1.key.order : $0.value < $1.value }
            for (chore, _) in due {
                chores[chore] = nil
                perform(chore, &turn)
            }
        }
        finish(&turn, using: &entropy, into: &effects)
    }

    package var nextWake: WakeTime {
        guard isBooted, !hasEnded else { return WakeTime() }
        var next = chores.values.min()
        func consider(_ moment: Uptime?) {
            if let moment { next = next.map { min($0, moment) } ?? moment }
        }
        if isRegistered {
            consider(pace.due(.heartbeat))
            if !isShuttingDown {
                consider(pace.due(.assignments))
                consider(pace.due(.inquiries))
            }
            if !dirty.isEmpty { consider(pace.due(.report)) }
        } else {
            consider(pace.due(.register))
        }
        if !isShuttingDown { consider(board.due) }
        consider(surveyDue)
        consider(endDue)
        consider(contact.due)
        return WakeTime(uptime: next)
    }

    /// What every turn ends with: calls that are due are begun, and what was gathered is handed over.
    private mutating func finish(
        _ turn: inout AgentTurn, using entropy: inout Entropy, into effects: inout [AgentEffect]
    ) {
        if !crowded.isEmpty, !turn.changed.isEmpty { grantRoom(&turn) }
        for (chore, moment) in turn.chores { chores[chore] = moment }
        for id in Set(turn.changed).sorted() {
            followChecks(of: id, &turn)
            followContact(of: id)
        }
        if isBooted, !isShuttingDown { makeChecks(&turn) }
        // What the servers no longer know they do not want to hear of.
        for id in turn.changed where allocations[id]?.record.isForgotten == false { dirty.insert(id) }
        if isBooted, !hasEnded {
            if turn.mayCollect || !turn.changed.isEmpty { collectEnded(&turn) }
            surveyDisk(&turn)
            call(&turn)
            endIfDone(&turn)
        }
        entropy = turn.entropy
        effects += turn.effects
    }

    private mutating func take(_ event: consuming AgentEvent, _ turn: inout AgentTurn) {
        switch event {
        case .booted(let records, let seen, let machineRestarted):
            boot(records, seen, machineRestarted: machineRestarted, &turn)
        case .described(let described):
            guard described != node else { return }
            node = described
            isRegistered = false
            pace.hurry(.register)
        case .registered(let registration): register(registration, &turn)
        case .heartbeatAccepted(let registration): accept(registration, &turn)
        case .assigned(let view, let number) where pace.awaits(.assignments, number):
            paceNext(.assignments, wasUseful: view.stamp > newest, &turn)
            viewTime = (pace.began(.assignments), turn.now.uptime)
            if takesOrders { take(view, &turn) }
            viewTime = nil
        case .assigned(let view, _), .overheard(let view): if takesOrders { take(view, &turn) }
        case .reported: acknowledge(&turn)
        case .inquired(let inquiries): take(inquiries, &turn)
        case .callFailed(let call, let error, let number):
            if pace.awaits(call, number) { fail(call, error, &turn) }
        case .prepared(let id):
            // Tasks that go on without this agent are started by the next one.
            if takesOrders || policy.stopTasksOnShutdown { allocations[id]?.prepared(&turn) }
        case .preparationFailed(let id, let reason, let cause):
            allocations[id]?.refuse("its folders cannot be made: \(reason)", because: cause, &turn)
        case .collected(let id): collected(id, &turn)
        case .surveyed(let fill): surveyed(fill, &turn)
        case .collectionFailed(let id, let reason):
            // It is tried again, and others may make room meanwhile.
            roomMaking.remove(id)
            retry(.collect(id), "its folders cannot be removed: \(reason)", &turn)
        case .journalFailed(let id, let reason):
            retry(.persist(id), "its record cannot be kept on disk: \(reason)", &turn)
        case .shutdown: shutdown(&turn)
        default: takeTaskEvent(event, &turn)
        }
    }

    private mutating func takeTaskEvent(_ event: consuming AgentEvent, _ turn: inout AgentTurn) {
        switch event {
        case .probed(let run, let outcome): probed(run, outcome, &turn)
        case .worked(let id, let work): allocations[id]?.worked(work, &turn)
        case .started(let run, let handle): allocations[run.allocation]?.started(run, handle, &turn)
        case .startFailed(let run, let failure): allocations[run.allocation]?.startFailed(run, failure, &turn)
        case .rendered(let run):
            // As with folders: a task that goes on without this agent is started by the next one.
            if takesOrders || policy.stopTasksOnShutdown { allocations[run.allocation]?.rendered(run, &turn) }
        case .templatesNoted(let run, let words): allocations[run.allocation]?.templatesNoted(run, words, &turn)
        case .signalFailed(let run, let words): allocations[run.allocation]?.signalFailed(run, words, &turn)
        case .templatesFailed(let run, let reason): allocations[run.allocation]?.templatesFailed(run, reason, &turn)
        case .templatesDue(let run): allocations[run.allocation]?.templatesDue(run, &turn)
        case .templatesChanged(let run, let reaction):
            allocations[run.allocation]?.templatesChanged(run, reaction, &turn)
        case .exited(let run, let exit): allocations[run.allocation]?.exited(run, exit, &turn)
        case .stopped(let run): allocations[run.allocation]?.stopped(run, &turn)
        case .removed(let run): allocations[run.allocation]?.removed(run, &turn)
        case .watchFailed(let run, let reason):
            retry(.watch(run), "task \(run.task) cannot be watched: \(reason)", &turn)
        case .removalFailed(let run, let reason):
            retry(.remove(run), "task \(run.task) cannot be cleaned up after: \(reason)", &turn)
        case .stopFailed(let run, let reason):
            warn(run.allocation, "task \(run.task) cannot be stopped: \(reason)", &turn)
            allocations[run.allocation]?.stopFailed(run, &turn)
        default: break
        }
    }

    private mutating func boot(
        _ records: [AllocationRecord], _ seen: ViewStamp, machineRestarted: Bool, _ turn: inout AgentTurn
    ) {
        guard !isBooted else { return }
        isFirstView = machineRestarted
        (newest, remembered) = (max(newest, seen), seen)
        isBooted = true
        turn.mayCollect = true
        contact.note(turn.now.uptime)
        // Records that the disk lost or that cannot be read are found by what the servers know.
        contact.needsView = true
        for var record in records.sorted(by: { $0.id < $1.id }) {
            newest = max(newest, record.seen)
            // Of what was under way nothing is left: a report of the agent before that comes late says nothing now.
            if !record.hasEnded { record.serial &+= 1 }
            allocations[record.id] = AllocationCore(record, policy: policy)
            if !record.isAcknowledged, !(record.hasEnded && record.isForgotten) { dirty.insert(record.id) }
            // What became of it while no agent ran only the servers know.
            if !record.hasEnded, machineRestarted || record.assignment.allocation.fence != nil {
                allocations[record.id]?.awaitsWord = true
            }
            // Whether what it was to wait for has ended meanwhile shows itself once all are known.
            if record.isUnbegun { awaitRoom(record.id) }
            allocations[record.id]?.resume(&turn)
            followChecks(of: record.id, &turn)
            followContact(of: record.id)
        }
        grantRoom(&turn)
    }

    private func warn(_ id: AllocationID, _ words: String, _ turn: inout AgentTurn) {
        turn.effects.append(.log(.warning, "allocation \(id.short): \(words)"))
    }

    private func retry(_ chore: Chore, _ words: String, _ turn: inout AgentTurn) {
        warn(chore.order.0, "\(words); it will be tried again", &turn)
        turn.remind(chore, after: policy.choreRetry)
    }

    private mutating func perform(_ chore: Chore, _ turn: inout AgentTurn) {
        switch chore {
        case .restart(let run):
            if takesOrders || policy.stopTasksOnShutdown { allocations[run.allocation]?.restart(run, &turn) }
        case .watch(let run), .stop(let run), .remove(let run): allocations[run.allocation]?.retry(chore, &turn)
        case .end(let run): allocations[run.allocation]?.end(run, &turn)
        case .limit(let id): allocations[id]?.keepToLimit(&turn)
        case .collect(let id): if collecting.contains(id) { turn.effects.append(.collect(id)) }
        case .persist(let id): if let record = allocations[id]?.record { turn.effects.append(.persist(record)) }
        }
    }

    // MARK: - End

    private mutating func shutdown(_ turn: inout AgentTurn) {
        guard !isShuttingDown else { return }
        isShuttingDown = true
        guard policy.stopTasksOnShutdown else {
            for id in allocations.keys.sorted() { allocations[id]?.isHeld = true }
            return
        }
        for id in allocations.keys.sorted() where allocations[id]?.record.hasEnded == false {
            allocations[id]?.shutDown(&turn)
        }
    }

    private mutating func endIfDone(_ turn: inout AgentTurn) {
        guard isShuttingDown else { return }
        if policy.stopTasksOnShutdown {
            guard allocations.values.allSatisfy({ $0.record.hasEnded }) else { return }
            guard dirty.isEmpty || !isRegistered || isOver(policy.lastReport, at: turn.now.uptime) else { return }
        } else {
            // A task whose handle is not on disk would be ended by the next agent, and started a second time.
            let isStarting = allocations.values.contains { $0.isStarting }
            guard !isStarting || isOver(policy.lastStart, at: turn.now.uptime) else { return }
        }
        hasEnded = true
        turn.effects.append(.end)
    }

    /// Whether the agent has waited long enough, counted from the first time that it is asked.
    private mutating func isOver(_ patience: Duration, at now: Uptime) -> Bool {
        let deadline = endDue ?? now + patience
        endDue = deadline
        return now >= deadline
    }

    /// Whether the agent still asks for work and questions.
    var takesOrders: Bool { !isShuttingDown }
}
