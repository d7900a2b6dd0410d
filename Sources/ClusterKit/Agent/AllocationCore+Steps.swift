import Logging

/// The steps that orders and results of an allocation have in common.
extension AllocationCore {
    func run(_ index: Int) -> TaskRun {
        TaskRun(record.id, record.tasks[index].name, attempt: record.tasks[index].attempt)
    }

    func spec(_ index: Int) -> TaskSpec? { record.assignment.group?.task(record.tasks[index].name) }

    func restartPolicy(_ index: Int) -> RestartPolicy {
        spec(index)?.restart ?? record.assignment.group?.restart ?? .standard(for: record.assignment.job.kind)
    }

    func longestDelay(of index: Int) -> Duration {
        let policy = restartPolicy(index)
        return max(policy.interval, policy.delay + policy.delay / 4)
    }

    func index(of run: TaskRun, in stage: TaskStage? = nil) -> Int? {
        record.tasks.firstIndex {
            $0.name == run.task && $0.attempt == run.attempt && (stage == nil || $0.stage == stage)
        }
    }

    mutating func start(_ index: Int, _ turn: inout AgentTurn) {
        record.tasks[index].stage = .starting
        turn.afterPersist.append(launch(index))
    }

    mutating func remove(_ index: Int, _ turn: inout AgentTurn) {
        guard let handle = record.tasks[index].handle else { return settle(index, &turn) }
        turn.afterPersist.append(.remove(run(index), handle))
    }

    /// Decides what follows the end of a run: sets `restartAt`, or fails the task and with it its siblings.
    mutating func decide(
        _ index: Int, after outcome: RestartTracker.Outcome, because cause: FailureCause, at end: WallTime,
        _ turn: inout AgentTurn
    ) {
        let now = turn.now.wall
        let isOver = isEnding && !isPoststop(index)
        record.tasks[index].state.finishedAt = end
        record.tasks[index].restartAt = nil
        record.tasks[index].state.phase = .dead
        guard !isOver else { return }
        let decision = record.tasks[index].restarts.decide(
            after: outcome, kind: record.assignment.job.kind, lifecycle: spec(index)?.lifecycle,
            policy: restartPolicy(index), at: now, using: &turn.entropy)
        switch decision {
        case .finished:
            guard isEnding else { return }
            let isLeader = spec(index)?.isLeader == true
            tellOthers(than: index) { isLeader ? .leaderDead(at: now) : .mainsDead(at: now) }
        case .restart(let delay, let reason):
            record.tasks[index].state.phase = .pending
            record.tasks[index].restartAt = now + delay
            record.tasks[index].state.restarts += 1
            record.tasks[index].state.lastRestart = now
            record.tasks[index].state.note(.restarting(after: delay, reason: reason, at: now))
        case .fail(let reason):
            record.tasks[index].state.failed = true
            record.cause = record.cause ?? cause
            say(.warning, "task \(record.tasks[index].name) failed: \(reason)", &turn)
            record.tasks[index].state.note(.notRestarting(reason: reason, at: now))
            let name = record.tasks[index].name
            tellOthers(than: index) { .siblingFailed(name, at: now) }
        }
    }

    /// Notes why they end on all that still run or wait, tasks apart that only come after the end.
    private mutating func tellOthers(than index: Int, _ event: () -> TaskEvent) {
        for other in record.tasks.indices where other != index && record.tasks[other].state.phase != .dead {
            if !isPoststop(other) { record.tasks[other].state.note(event()) }
        }
    }

    /// Nothing of the task's last run is left: it waits for its restart or has ended.
    mutating func settle(_ index: Int, _ turn: inout AgentTurn) {
        if let restartAt = record.tasks[index].restartAt {
            record.tasks[index].stage = .delayed
            let left = max(.zero, restartAt - turn.now.wall)
            turn.remind(.restart(run(index)), after: min(left, longestDelay(of: index)))
        } else {
            record.tasks[index].stage = .ended
        }
    }

    /// Sees to it that a task of which nothing runs does not start again.
    mutating func endIdle(_ index: Int, _ turn: inout AgentTurn) {
        switch record.tasks[index].stage {
        case .waiting where isPreparing: break
        case .waiting, .delayed: endUnstarted(index, &turn)
        case .starting where awaitsWord || endRendering(index, &turn): endUnstarted(index, &turn)
        case .cleaning where record.tasks[index].restartAt != nil:
            record.cutShort()
            record.tasks[index].restartAt = nil
            record.tasks[index].state.phase = .dead
        case .starting, .running, .cleaning, .ended: break
        }
    }

    /// Tells a task that runs to stop.
    mutating func kill(_ index: Int, _ turn: inout AgentTurn) {
        guard record.tasks[index].stage == .running, !motions[index].isStopping else { return }
        motions[index] = Motion(stoppingSince: turn.now.wall, stopPending: true)
        let (signal, grace) = killing(index)
        record.tasks[index].state.note(
            .killing(signal: signal, grace: grace, reason: record.stopReason ?? "", at: turn.now.wall))
        requestStop(index, &turn)
    }

    mutating func endUnstarted(_ index: Int, _ turn: inout AgentTurn) {
        record.cutShort()
        record.tasks[index].stage = .ended
        record.tasks[index].restartAt = nil
        record.tasks[index].state.phase = .dead
        if record.tasks[index].state.finishedAt == nil { record.tasks[index].state.finishedAt = turn.now.wall }
    }

    func killing(_ index: Int) -> (signal: String, grace: Duration) {
        let spec = spec(index)
        return (spec?.killSignal ?? "SIGINT", min(spec?.killTimeout ?? .seconds(5), policy.maxKillTimeout))
    }

    mutating func requestStop(_ index: Int, _ turn: inout AgentTurn) {
        guard let handle = record.tasks[index].handle else { return }
        let (signal, grace) = killing(index)
        turn.afterPersist.append(.stop(run(index), handle, signal: signal, grace: grace))
    }

    func say(_ level: Logger.Level, _ words: String, _ turn: inout AgentTurn) {
        turn.effects.append(
            .log(level, "allocation \(record.id.short) (\(record.assignment.allocation.name)) \(words)"))
    }

    /// Ends every change: what follows from it is begun, and all of it is kept and reported at once.
    mutating func commit(_ turn: inout AgentTurn) {
        proceed(&turn)
        version += 1
        record.serial += 1
        turn.changed.append(record.id)
        turn.effects.append(.persist(record))
        turn.effects += turn.afterPersist
        turn.afterPersist.removeAll()
    }
}

extension TaskExit {
    /// What an end that is a failure is to be blamed on.
    var blame: FailureCause {
        switch cause {
        case .exited: .exit
        case .outOfMemory: .memory
        case .supervisorLost: .driver
        case .diskFull: .disk
        }
    }
}
