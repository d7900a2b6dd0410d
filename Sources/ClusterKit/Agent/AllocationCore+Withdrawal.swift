/// The end that servers order: clients are led away first, then the tasks are told.
extension AllocationCore {
    /// Ends the allocation on an order. Its services left the registry with the order itself; its tasks go on for as
    /// long as the job says that clients may still come, the group's time and the task's own added up. An agent that
    /// starts again meanwhile does not wait any longer.
    mutating func withdraw(_ reason: String, _ turn: inout AgentTurn) {
        if record.stopReason == nil { record.stopReason = reason }
        for index in record.tasks.indices {
            let delay = shutdownDelay(index)
            if delay > .zero, record.tasks[index].stage == .running, !motions[index].isStopping {
                record.tasks[index].state.note(.waitingToStop(delay, at: turn.now.wall))
                turn.remind(.end(run(index)), after: delay)
            } else {
                stopTask(index, reason: reason, &turn)
            }
        }
        endIfAllEnded(&turn)
        commit(&turn)
    }

    /// Tells a task to stop whose time to go on is over.
    mutating func end(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard isEnding, let index = index(of: run, in: .running), !motions[index].isStopping else { return }
        stopTask(index, reason: record.stopReason ?? "", &turn)
        commit(&turn)
    }

    private func shutdownDelay(_ index: Int) -> Duration {
        let group = record.assignment.group?.shutdownDelay ?? .zero
        return max(.zero, group) + max(.zero, spec(index)?.shutdownDelay ?? .zero)
    }
}
