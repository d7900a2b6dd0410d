import Logging

/// One allocation on its machine: takes its tasks from folders over start, restart and stop to the end.
///
/// Every method that changes the record asks for it to be kept on disk before anything is done on its behalf.
struct AllocationCore: Sendable {
    /// What is kept on disk.
    var record: AllocationRecord
    /// Counts the changes that the servers want to know of.
    var version = 1
    /// What is under way for each task and is not kept on disk.
    var motions: [Motion]
    /// Whether the folders are being made.
    var isPreparing = false
    /// Since when it ends; `nil` until then, and when an agent before this one began to end it.
    var endingSince: Uptime?
    /// How long it ran when this agent began to count, and when that was.
    var counted: (time: Duration, since: Uptime)?
    /// The leadership and the revision of the allocation that were taken last.
    var read: ViewStamp?
    /// Since when its tasks are to act on changed files, while there are any such.
    var reloadSince: WallTime?
    /// Whether nobody waits for clients to be led away any more.
    var hurries = false
    /// Whether the newest view did not list it: no later one will.
    var isUnlisted = false
    /// Whether tasks that are due to start are left to the next agent.
    var isHeld = false
    /// Whether nothing is started before the servers say that they want it still.
    var awaitsWord = false
    /// Whether nothing is started before there is room for it, and whether that was said.
    var awaitsRoom = false
    var isKnownToWait = false
    /// Whether it ends because nothing was heard of the servers.
    var isSevered = false
    let policy: AgentPolicy

    /// What is under way for a task: forgotten when the agent ends.
    struct Motion {
        var stoppingSince: WallTime?
        var isStopping: Bool { stoppingSince != nil }
        var stopPending = false
        /// Whether its files are being made.
        var isRendering = false
        /// Whether it goes on for its shutdown delay, though it is to stop.
        var isLeaving = false
        /// Whether it is to act on changed files, and may.
        var reload: Reload?
    }

    /// How far a task is with acting on changed files.
    enum Reload {
        case waiting, acting
    }

    init(_ record: AllocationRecord, policy: AgentPolicy) {
        self.record = record
        self.record.assignment = record.assignment.orders
        self.policy = policy
        motions = record.tasks.map { _ in Motion() }
    }

    // MARK: - Orders

    /// Begins with an allocation that is new to this machine.
    mutating func accept(_ turn: inout AgentTurn) {
        let allocation = record.assignment.allocation
        if allocation.desired != .run {
            stop(allocation.desiredDescription, &turn)
        } else if record.tasks.isEmpty {
            refuse("the job that came with it has no group \"\(allocation.group)\" with tasks", because: .setup, &turn)
        } else {
            for index in record.tasks.indices {
                record.tasks[index].state.note(.received(at: turn.now.wall))
                record.tasks[index].state.note(.setup(at: turn.now.wall))
            }
            isPreparing = true
            turn.afterPersist.append(.prepare(record.assignment))
            commit(&turn)
        }
    }

    /// Fails an allocation that cannot run here.
    mutating func refuse(_ reason: String, because cause: FailureCause, _ turn: inout AgentTurn) {
        isPreparing = false
        record.failure = reason
        record.cause = cause
        for index in record.tasks.indices {
            record.tasks[index].state.failed = true
            record.tasks[index].state.note(.setupFailure(reason, at: turn.now.wall))
        }
        say(.warning, "fails: \(reason)", &turn)
        commit(&turn)
    }

    /// Takes newer orders. Returns whether there were any.
    mutating func update(_ assignment: Assignment, seen: ViewStamp, _ turn: inout AgentTurn) -> Bool {
        record.isForgotten = false
        isUnlisted = false
        takeTurn(assignment.allocation.reload, &turn)
        // Most of what a view lists has not changed since the view before.
        let stamp = ViewStamp(epoch: seen.epoch, revision: assignment.allocation.modifyRevision)
        guard !record.hasEnded, stamp != read else { return false }
        read = stamp
        var orders = assignment.orders
        guard orders.allocation != record.assignment.allocation else { return false }
        // Of a purged job only the order to stop is left; how its tasks are stopped is still known here.
        if orders.group == nil { orders.job = record.assignment.job }
        record.assignment = orders
        record.seen = seen
        remindOfLimit(&turn)
        if assignment.allocation.desired != .run, record.stopReason == nil {
            withdraw(assignment.allocation.desiredDescription, &turn)
        } else {
            turn.effects.append(.persist(record))
        }
        return true
    }

    /// Counts on from what the servers were told before the disk lost some of it with the power: they take nothing for
    /// newer that has a lower number. Returns whether there was such a thing.
    mutating func catchUp(with told: UInt64) -> Bool {
        guard told > record.serial else { return false }
        record.serial = told &+ 1
        version += 1
        return true
    }

    /// Takes that the servers no longer list the allocation: what runs ends, and its end is told to nobody. One that
    /// has ended is kept for its logs: its end was confirmed, though the answer to the report may still be on its way.
    mutating func forget(_ turn: inout AgentTurn) {
        isUnlisted = true
        if record.hasEnded {
            guard !record.isAcknowledged, !record.isForgotten else { return }
            record.isAcknowledged = true
            return turn.effects.append(.persist(record))
        }
        guard !record.isForgotten else { return }
        record.isForgotten = true
        stop("the servers no longer know the allocation", &turn)
    }

    /// Ends the allocation: stops what runs and starts nothing any more. May be repeated.
    mutating func stop(_ reason: String, _ turn: inout AgentTurn) {
        if record.stopReason == nil { record.stopReason = reason }
        hurries = true
        commit(&turn)
    }

    /// Ends the allocation on an order. Its services left the registry with the order itself; its tasks go on for as
    /// long as the job says that clients may still come.
    mutating func withdraw(_ reason: String, _ turn: inout AgentTurn) {
        if record.stopReason == nil { record.stopReason = reason }
        commit(&turn)
    }

    /// Ends the allocation because the agent ends and takes its tasks with it.
    mutating func shutDown(_ turn: inout AgentTurn) {
        if !isEnding { record.isShutDown = true }
        stop("the agent is shutting down", &turn)
    }

    /// Goes on after the agent was restarted. What was to end has had its time to lead clients away.
    mutating func resume(_ turn: inout AgentTurn) {
        if !record.hasEnded, !isEnding, !record.isPrepared {
            isPreparing = true
            turn.effects.append(.prepare(record.assignment))
        }
        for index in record.tasks.indices {
            let task = record.tasks[index]
            switch (task.stage, task.handle) {
            case (.starting, _) where !awaitsWord, (.delayed, _) where !awaitsWord: resumeStart(index, &turn)
            case (.running, let handle?):
                turn.effects.append(.watch(run(index), handle))
                turn.effects += follow(index)
                resumeRestart(index, &turn)
            case (.cleaning, let handle?): turn.effects.append(.remove(run(index), handle))
            default: break
            }
        }
        guard !record.hasEnded else { return }
        hurries = isEnding
        beginTime(turn.now)
        remindOfLimit(&turn)
        proceed(&turn)
        if isEnding || !turn.afterPersist.isEmpty { commit(&turn) }
    }

    // MARK: - Results

    /// The folders are made: the first tasks start.
    mutating func prepared(_ turn: inout AgentTurn) {
        guard isPreparing else { return }
        isPreparing = false
        record.isPrepared = true
        commit(&turn)
    }

    mutating func started(_ run: TaskRun, _ handle: TaskHandle, _ turn: inout AgentTurn) {
        guard let index = index(of: run, in: .starting) else { return }
        let now = turn.now.wall
        record.tasks[index].stage = .running
        record.tasks[index].handle = handle
        record.tasks[index].restarts.started(at: now)
        record.tasks[index].state.phase = .running
        record.tasks[index].state.startedAt = now
        record.tasks[index].state.finishedAt = nil
        record.tasks[index].state.note(.started(at: now))
        motions[index] = Motion()
        if record.firstStart == nil {
            record.firstStart = now
            beginTime(turn.now)
            remindOfLimit(&turn)
        }
        say(.info, "task \(run.task) runs", &turn)
        turn.afterPersist.append(.watch(run, handle))
        turn.afterPersist += follow(index)
        commit(&turn)
    }

    mutating func startFailed(_ run: TaskRun, _ failure: TaskStartFailure, _ turn: inout AgentTurn) {
        guard let index = index(of: run, in: .starting) else { return }
        record.tasks[index].state.note(.driverFailure(failure, at: turn.now.wall))
        turn.effects += endTemplates(index)
        say(.warning, "task \(run.task) does not start: \(failure)", &turn)
        record.cutShort()
        decide(
            index, after: failure.isRecoverable ? .startFailed : .cannotStart, because: failure.cause,
            at: turn.now.wall, &turn)
        settle(index, &turn)
        commit(&turn)
    }

    mutating func exited(_ run: TaskRun, _ exit: TaskExit, _ turn: inout AgentTurn) {
        guard let index = index(of: run, in: .running) else { return }
        record.tasks[index].state.note(.terminated(exit, at: exit.time))
        if exit.cause == .outOfMemory { record.tasks[index].memoryKills &+= 1 }
        turn.effects += endTemplates(index)
        motions[index].reload = nil
        let restart = record.tasks[index].restartCountsAsFailure
        record.tasks[index].restartCountsAsFailure = nil
        if let moment = motions[index].stoppingSince, restart == nil || isEnding {
            record.tasks[index].state.note(.killed(at: turn.now.wall))
            let isDone = exit.isSuccess && exit.time <= moment && record.assignment.job.kind.isFinite
            if !isDone { record.cutShort() }
        }
        record.tasks[index].stage = .cleaning
        let outcome = restart.map { $0 ? RestartTracker.Outcome.failed : .stoppedToRestart }
        decide(
            index, after: outcome ?? (exit.isSuccess ? .succeeded : .failed), because: exit.blame, at: exit.time, &turn)
        if !motions[index].stopPending { remove(index, &turn) }
        commit(&turn)
    }

    mutating func stopped(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard let index = index(of: run) else { return }
        motions[index].stopPending = false
        if record.tasks[index].stage == .cleaning { remove(index, &turn) }
        turn.effects += turn.afterPersist
        turn.afterPersist.removeAll()
    }

    /// The driver could not stop a task: it is asked again, unless the task ended meanwhile.
    mutating func stopFailed(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard let index = index(of: run), motions[index].stopPending else { return }
        guard record.tasks[index].stage == .cleaning else {
            return turn.remind(.stop(run), after: policy.choreRetry)
        }
        stopped(run, &turn)
    }

    mutating func removed(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard let index = index(of: run, in: .cleaning) else { return }
        record.tasks[index].handle = nil
        settle(index, &turn)
        commit(&turn)
    }

    /// Takes in what its tasks tell of their work.
    mutating func worked(_ work: WorkStatus, _ turn: inout AgentTurn) {
        guard !record.hasEnded, record.work?.saysTheSame(as: work) != true else { return }
        record.work = work
        commit(&turn)
    }

    mutating func acknowledged() { record.isAcknowledged = true }

    // MARK: - Chores

    mutating func restart(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard !awaitsWord, let index = index(of: run, in: .delayed) else { return }
        record.tasks[index].restartAt = nil
        record.tasks[index].attempt += 1
        start(index, &turn)
        commit(&turn)
    }

    /// Asks again for what a driver could not do.
    mutating func retry(_ chore: Chore, _ turn: inout AgentTurn) {
        switch chore {
        case .watch(let run):
            guard let index = index(of: run, in: .running), let handle = record.tasks[index].handle else { return }
            turn.effects.append(.watch(run, handle))
        case .stop(let run):
            guard let index = index(of: run), motions[index].stopPending else { return }
            requestStop(index, &turn)
            turn.effects += turn.afterPersist
            turn.afterPersist.removeAll()
        case .remove(let run):
            guard let index = index(of: run, in: .cleaning), let handle = record.tasks[index].handle else { return }
            turn.effects.append(.remove(run, handle))
        default: break
        }
    }
}

extension Assignment {
    /// The part that tells an agent what to do, without what the servers keep beside it and what agents told them.
    fileprivate var orders: Assignment {
        var orders = self
        orders.allocation.client = .pending
        orders.allocation.clientDescription = ""
        orders.allocation.tasks = [:]
        orders.allocation.checks = []
        orders.allocation.reportSerial = 0
        orders.allocation.work = nil
        orders.allocation.wish = nil
        orders.allocation.next = nil
        orders.allocation.followUp = nil
        orders.allocation.reload = nil
        orders.allocation.modifyTime = orders.allocation.createTime
        orders.allocation.modifyRevision = orders.allocation.createRevision
        return orders
    }
}
