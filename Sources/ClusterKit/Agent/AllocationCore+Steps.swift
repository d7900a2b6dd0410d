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
        _ index: Int, after outcome: RestartTracker.Outcome, at end: WallTime, _ turn: inout AgentTurn
    ) {
        let now = turn.now.wall
        record.tasks[index].state.finishedAt = end
        record.tasks[index].restartAt = nil
        record.tasks[index].state.phase = .dead
        guard !isEnding else { return }
        let decision = record.tasks[index].restarts.decide(
            after: outcome, kind: record.assignment.job.kind, policy: restartPolicy(index), at: now,
            using: &turn.entropy)
        switch decision {
        case .finished: break
        case .restart(let delay, let reason):
            record.tasks[index].state.phase = .pending
            record.tasks[index].restartAt = now + delay
            record.tasks[index].state.restarts += 1
            record.tasks[index].state.lastRestart = now
            record.tasks[index].state.note(.restarting(after: delay, reason: reason, at: now))
        case .fail(let reason):
            record.tasks[index].state.failed = true
            say(.warning, "task \(record.tasks[index].name) failed: \(reason)", &turn)
            record.tasks[index].state.note(.notRestarting(reason: reason, at: now))
            for sibling in record.tasks.indices
            where sibling != index && record.tasks[sibling].state.phase != .dead {
                record.tasks[sibling].state.note(.siblingFailed(record.tasks[index].name, at: now))
            }
            stopTasks("", &turn)
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
            endIfAllEnded(&turn)
        }
    }

    mutating func stopTasks(_ reason: String, _ turn: inout AgentTurn) {
        for index in record.tasks.indices { stopTask(index, reason: reason, &turn) }
        endIfAllEnded(&turn)
    }

    mutating func stopTask(_ index: Int, reason: String, _ turn: inout AgentTurn) {
        switch record.tasks[index].stage {
        case .waiting where isPreparing: break
        case .waiting, .delayed: endUnstarted(index, &turn)
        case .starting where endRendering(index, &turn): endUnstarted(index, &turn)
        case .running where !motions[index].isStopping:
            motions[index] = Motion(stoppingSince: turn.now.wall, stopPending: true)
            let (signal, grace) = killing(index)
            record.tasks[index].state.note(
                .killing(signal: signal, grace: grace, reason: reason, at: turn.now.wall))
            requestStop(index, &turn)
        case .cleaning where record.tasks[index].restartAt != nil:
            record.cutShort()
            record.tasks[index].restartAt = nil
            record.tasks[index].state.phase = .dead
        case .starting, .running, .cleaning, .ended: break
        }
    }

    private mutating func endUnstarted(_ index: Int, _ turn: inout AgentTurn) {
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

    mutating func endIfAllEnded(_ turn: inout AgentTurn) {
        guard record.endedAt == nil, record.tasks.allSatisfy({ $0.stage == .ended }) else { return }
        record.endedAt = turn.now.wall
        // Nobody is left to confirm the end of what is forgotten; its logs are kept like all others.
        if record.isForgotten { record.isAcknowledged = true }
        say(.info, "has ended: \(record.status.1)", &turn)
    }

    func say(_ level: Logger.Level, _ words: String, _ turn: inout AgentTurn) {
        turn.effects.append(
            .log(level, "allocation \(record.id.short) (\(record.assignment.allocation.name)) \(words)"))
    }

    mutating func commit(_ turn: inout AgentTurn) {
        version += 1
        record.serial += 1
        turn.changed.append(record.id)
        turn.effects.append(.persist(record))
        turn.effects += turn.afterPersist
        turn.afterPersist.removeAll()
    }
}
