import Logging

/// Restarts that are asked for while a task runs.
extension AllocationCore {
    /// Stops a task that runs, by its signal and within its time, and starts it again. One that does not run, or
    /// ends already, is left alone.
    ///
    /// With `countsAsFailure` the restart policy decides as if the task had failed, so the task may also fail for
    /// good; otherwise it is started again at once and the policy's count stays as it is.
    mutating func restartTask(_ name: String, reason: String, countsAsFailure: Bool, _ turn: inout AgentTurn) {
        guard !isEnding, let index = record.tasks.firstIndex(where: { $0.name == name }),
            record.tasks[index].stage == .running, !motions[index].isStopping
        else { return }
        record.tasks[index].restartCountsAsFailure = countsAsFailure
        record.tasks[index].state.note(.restartSignaled(reason, at: turn.now.wall))
        say(.notice, "task \(name) is restarted: \(reason)", &turn)
        motions[index] = Motion(stoppingSince: turn.now.wall, stopPending: true, reload: motions[index].reload)
        requestStop(index, &turn)
        commit(&turn)
    }

    /// Goes on with a restart that an agent before this one began.
    mutating func resumeRestart(_ index: Int, _ turn: inout AgentTurn) {
        guard !isEnding, record.tasks[index].restartCountsAsFailure != nil else { return }
        motions[index] = Motion(stoppingSince: turn.now.wall, stopPending: true)
        requestStop(index, &turn)
        turn.effects += turn.afterPersist
        turn.afterPersist.removeAll()
    }
}
