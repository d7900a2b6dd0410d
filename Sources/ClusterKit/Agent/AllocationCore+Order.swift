import Logging

/// The order in which the tasks of an allocation begin and end, as Nomad has it (its documents of the blocks
/// `lifecycle`, `leader` and `shutdown_delay`).
///
/// Tasks of the hook `prestart` come first; the main tasks once those have exited with 0 and their sidecars run;
/// `poststart` once every main task was started. At the end the leader stops, then what else is no sidecar, then the
/// sidecars; tasks of the hook `poststop` run last, and no order stops them.
extension AllocationCore {
    /// Whether its tasks end, or have ended: none but those that come last is started any more.
    var isEnding: Bool {
        record.stopReason != nil || record.failure != nil || record.tasks.contains { $0.state.failed }
            || isLeaderOver || isWorkOver
    }

    private var isLeaderOver: Bool {
        #if MUTANTS
            if Sabotage.active == .deafFollowers { return false }
        #endif
        return record.tasks.indices.contains { spec($0)?.isLeader == true && record.tasks[$0].state.phase == .dead }
    }

    /// Whether all have ended but sidecars and what comes last.
    private var isWorkOver: Bool {
        record.tasks.indices.allSatisfy {
            record.tasks[$0].state.phase == .dead || isPoststop($0) || spec($0)?.lifecycle?.isSidecar == true
        }
    }

    func isPoststop(_ index: Int) -> Bool { spec(index)?.lifecycle?.hook == .poststop }

    /// Does what comes next: starts the tasks whose turn it is or, once it ends, stops those whose turn it is. Changes
    /// nothing when it was done already.
    mutating func proceed(_ turn: inout AgentTurn) {
        guard !record.hasEnded else { return }
        if isEnding {
            proceedToEnd(&turn)
        } else if record.isPrepared, !isHeld, !awaitsWord, !awaitsRoom {
            for index in record.tasks.indices where record.tasks[index].stage == .waiting && mayBegin(index) {
                start(index, &turn)
            }
        }
    }

    // MARK: - Beginning

    private func mayBegin(_ index: Int) -> Bool {
        #if MUTANTS
            if Sabotage.active == .hastyTasks { return !isPoststop(index) }
        #endif
        return switch spec(index)?.lifecycle?.hook {
        case .prestart: true
        case nil: isPrestartDone
        case .poststart: isPrestartDone && areMainsStarted
        case .poststop: false
        }
    }

    private var isPrestartDone: Bool {
        record.tasks.indices.allSatisfy { index in
            guard let lifecycle = spec(index)?.lifecycle, lifecycle.hook == .prestart else { return true }
            let task = record.tasks[index]
            return lifecycle.isSidecar ? task.stage == .running : task.state.phase == .dead && !task.state.failed
        }
    }

    private var areMainsStarted: Bool {
        record.tasks.indices.allSatisfy { spec($0)?.lifecycle != nil || record.tasks[$0].state.phase != .pending }
    }

    // MARK: - Ending

    private mutating func proceedToEnd(_ turn: inout AgentTurn) {
        if endingSince == nil { endingSince = turn.now.uptime }
        for index in record.tasks.indices where !isPoststop(index) { endIdle(index, &turn) }
        let hastens = isSevered && isLeased
        let live = record.tasks.indices.filter {
            (hastens || !isPoststop($0)) && record.tasks[$0].state.phase != .dead
        }
        if hastens {
            for index in live { kill(index, &turn) }
        } else if let next = live.map(rank).min() {
            for index in live where rank(index) == next { stopOrWait(index, &turn) }
        }
        let areOthersOver = record.tasks.indices.allSatisfy { isPoststop($0) || record.tasks[$0].stage == .ended }
        guard areOthersOver else { return }
        for index in record.tasks.indices where isPoststop(index) {
            if !mayCleanUp {
                endIdle(index, &turn)
            } else if record.tasks[index].stage == .waiting, !isHeld, !awaitsWord {
                start(index, &turn)
            }
        }
        endIfAllEnded(&turn)
    }

    /// Whose turn it is to stop: the lowest goes first, and the next only when nothing of it runs.
    private func rank(_ index: Int) -> Int {
        #if MUTANTS
            if Sabotage.active == .hastyEnds { return 0 }
        #endif
        guard let spec = spec(index) else { return 1 }
        return spec.isLeader ? 0 : spec.lifecycle?.isSidecar == true ? 2 : 1
    }

    /// Tasks that come last clean up after others: where none ever ran, there is nothing to do. Nor do they run once
    /// the time is over that the allocation had, as in Nomad.
    private var mayCleanUp: Bool {
        record.isPrepared && record.expired == nil && !(isLeased && isSevered)
            // Of what servers no longer know, or run only once, no word is to come that would let it start; and an
            // agent that ends asks for none.
            && !(awaitsWord && (isLeased || record.isForgotten || record.isShutDown))
            && record.tasks.indices.contains {
                !isPoststop($0) && (record.tasks[$0].state.startedAt != nil || record.tasks[$0].state.failed)
            }
    }

    /// Tells a task to stop, or lets it go on for as long as clients may still come: the group's time counts from the
    /// moment when the end began, the task's own from when its turn came. An agent that starts again meanwhile does not
    /// wait any longer.
    private mutating func stopOrWait(_ index: Int, _ turn: inout AgentTurn) {
        let delay = hurries ? .zero : shutdownDelay(index, at: turn.now.uptime)
        guard delay > .zero else { return kill(index, &turn) }
        guard record.tasks[index].stage == .running, !motions[index].isStopping, !motions[index].isLeaving else {
            return
        }
        motions[index].isLeaving = true
        record.tasks[index].state.note(.waitingToStop(delay, at: turn.now.wall))
        turn.remind(.end(run(index)), after: delay)
    }

    private func shutdownDelay(_ index: Int, at now: Uptime) -> Duration {
        let group = max(.zero, record.assignment.group?.shutdownDelay ?? .zero)
        let passed = endingSince.map { now - $0 } ?? .zero
        return max(.zero, group - passed) + max(.zero, spec(index)?.shutdownDelay ?? .zero)
    }

    /// Tells a task to stop whose time to go on is over.
    mutating func end(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard isEnding, let index = index(of: run, in: .running), motions[index].isLeaving else { return }
        kill(index, &turn)
        commit(&turn)
    }

    private mutating func endIfAllEnded(_ turn: inout AgentTurn) {
        guard record.tasks.allSatisfy({ $0.stage == .ended }) else { return }
        record.endedAt = turn.now.wall
        // Nobody is left to confirm the end of what is forgotten; its logs are kept like all others.
        if record.isForgotten { record.isAcknowledged = true }
        say(.info, "has ended: \(record.status.1)", &turn)
    }
}
