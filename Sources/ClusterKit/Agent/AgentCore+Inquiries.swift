import Logging

/// What servers ask, and want done at once.
extension AgentCore {
    mutating func take(_ inquiries: [Inquiry], _ turn: inout AgentTurn) {
        paceNext(.inquiries, wasUseful: !inquiries.isEmpty, &turn)
        for inquiry in inquiries {
            guard let record = allocations[inquiry.allocation]?.record else {
                let words = "allocation \(inquiry.allocation) is not on node \(node.name), or no longer"
                turn.effects.append(.reply(inquiry.id, .notFound(words)))
                continue
            }
            switch inquiry.question {
            case .logs(let request):
                guard let task = task(request.task, of: record, inquiry, &turn) else { continue }
                let rotation = record.assignment.group?.task(task.name)?.logs ?? LogRotation()
                turn.effects.append(.answer(inquiry, rotation: rotation, ended: task.stage == .ended))
            case .signal(let name, let signal):
                guard let tasks = runningTasks(name, of: record, inquiry, &turn) else { continue }
                let runs = allocations[record.id]?.signaled(tasks, signal, &turn) ?? [:]
                turn.effects.append(.deliver(inquiry.id, runs, signal: signal))
            case .restart(let name):
                guard let tasks = runningTasks(name, of: record, inquiry, &turn) else { continue }
                guard allocations[record.id]?.isEnding == false else {
                    let words = "allocation \(record.id.short) is ending; none of its tasks is started again"
                    turn.effects.append(.reply(inquiry.id, .invalid(words)))
                    continue
                }
                let reason = "User requested \(name.isEmpty ? "running tasks" : "task") to restart"
                for task in tasks {
                    allocations[record.id]?.restartTask(task, reason: reason, countsAsFailure: false, &turn)
                }
                turn.effects.append(.reply(inquiry.id, .done))
            }
        }
    }

    /// The task that is asked about; without one the question is answered.
    private func task(
        _ name: String, of record: AllocationRecord, _ inquiry: Inquiry, _ turn: inout AgentTurn
    ) -> TaskRecord? {
        if let task = record.tasks.first(where: { $0.name == name }) { return task }
        let names = record.tasks.map(\.name).joined(separator: ", ")
        turn.effects.append(
            .reply(
                inquiry.id, .notFound("allocation \(record.id.short) has no task \"\(name)\"; it has \(names)")))
        return nil
    }

    /// The tasks that run of those that are meant; without any the question is answered.
    private func runningTasks(
        _ name: String, of record: AllocationRecord, _ inquiry: Inquiry, _ turn: inout AgentTurn
    ) -> [String]? {
        var meant = record.tasks
        if !name.isEmpty {
            guard let task = task(name, of: record, inquiry, &turn) else { return nil }
            meant = [task]
        }
        let running = meant.filter { $0.stage == .running }.map(\.name)
        if !running.isEmpty { return running }
        let who = name.isEmpty ? "no task" : "task \"\(name)\""
        let words = "\(who) of allocation \(record.id.short) \(name.isEmpty ? "runs" : "does not run") now"
        turn.effects.append(.reply(inquiry.id, .invalid(words)))
        return nil
    }
}

extension AllocationCore {
    /// Notes that tasks are sent a signal because someone asks for it. Gives how to find them.
    fileprivate mutating func signaled(
        _ tasks: [String], _ signal: String, _ turn: inout AgentTurn
    ) -> [TaskRun: TaskHandle] {
        var runs: [TaskRun: TaskHandle] = [:]
        for index in record.tasks.indices where tasks.contains(record.tasks[index].name) {
            guard let handle = record.tasks[index].handle else { continue }
            record.tasks[index].state.note(
                .signaling(signal, reason: "User requested signal \(signal)", at: turn.now.wall))
            runs[run(index)] = handle
        }
        commit(&turn)
        return runs
    }

    /// Notes that a signal did not reach its task.
    mutating func signalFailed(_ run: TaskRun, _ words: String, _ turn: inout AgentTurn) {
        guard let index = index(of: run, in: .running) else { return }
        record.tasks[index].state.note(TaskEvent(.signaling, time: turn.now.wall, message: words))
        commit(&turn)
    }
}
