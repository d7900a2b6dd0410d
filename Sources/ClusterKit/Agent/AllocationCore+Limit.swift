import Logging

/// How long an allocation may run in all (Nomad: `max_run_duration`).
///
/// Its time begins with the first start of its first task. Over restarts of the agent it is kept by the wall clock, and
/// by none that can be set while an agent runs: a clock that is set back meanwhile changes nothing, and gives an agent
/// that starts one whole time at most.
extension AllocationCore {
    /// Has the core woken for the warning, or for the end once that was given. Asked for again it moves the moment.
    mutating func remindOfLimit(_ turn: inout AgentTurn) {
        guard let limit = record.assignment.group?.runLimit, !record.hasEnded, let left = timeLeft(turn.now) else {
            return
        }
        let warns = limit.warningSignal != nil && !record.isWarned
        turn.remind(.limit(record.id), after: max(.zero, warns ? left - limit.warningTime : left))
    }

    /// Begins to count: at the first start, or when the agent starts.
    mutating func beginTime(_ now: Now) {
        counted = record.firstStart.map { (max(.zero, now.wall - $0), now.uptime) }
    }

    private func timeLeft(_ now: Now) -> Duration? {
        guard let limit = record.assignment.group?.runLimit, let counted else { return nil }
        return limit.duration - counted.time - (now.uptime - counted.since)
    }

    /// Does what the time asks for.
    mutating func keepToLimit(_ turn: inout AgentTurn) {
        #if MUTANTS
            if Sabotage.active == .endlessRun { return }
        #endif
        guard let limit = record.assignment.group?.runLimit, !isEnding, let left = timeLeft(turn.now) else { return }
        guard left > .zero else { return expire(limit, &turn) }
        if let signal = limit.warningSignal, !record.isWarned, left <= limit.warningTime {
            warn(signal, left, &turn)
        }
        remindOfLimit(&turn)
    }

    /// Tells the main tasks, which know what the signal means: others might end by it.
    private mutating func warn(_ signal: String, _ left: Duration, _ turn: inout AgentTurn) {
        record.isWarned = true
        for index in record.tasks.indices where spec(index)?.lifecycle == nil && record.tasks[index].stage == .running {
            guard let handle = record.tasks[index].handle else { continue }
            let reason = "max_run_duration is over in \(left.goText)"
            record.tasks[index].state.note(.signaling(signal, reason: reason, at: turn.now.wall))
            turn.afterPersist.append(.signal(run(index), handle, signal))
        }
        commit(&turn)
    }

    private mutating func expire(_ limit: RunLimit, _ turn: inout AgentTurn) {
        record.expired = limit.duration
        record.stopReason = "max_run_duration of \(limit.duration.goText) is over"
        say(.notice, "is stopped: it ran for \(limit.duration.goText), as long as it may", &turn)
        commit(&turn)
    }
}
