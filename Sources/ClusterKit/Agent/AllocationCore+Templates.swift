import Logging

/// The files that are made for tasks: they are rendered before a start, and followed while the task runs.
extension AllocationCore {
    private func hasTemplates(_ index: Int) -> Bool { spec(index)?.templates.isEmpty == false }

    /// What a start begins with.
    mutating func launch(_ index: Int) -> AgentEffect {
        motions[index].isRendering = hasTemplates(index)
        return motions[index].isRendering
            ? .render(run(index), record.assignment) : .start(run(index), record.assignment)
    }

    /// Whether a driver was asked to start a task. One that waits for its files is started by the next agent as well.
    var isStarting: Bool {
        record.tasks.indices.contains { record.tasks[$0].stage == .starting && !motions[$0].isRendering }
    }

    /// Has the files of a task that runs followed.
    func follow(_ index: Int) -> [AgentEffect] {
        hasTemplates(index) ? [.followTemplates(run(index), record.assignment)] : []
    }

    func endTemplates(_ index: Int) -> [AgentEffect] { hasTemplates(index) ? [.endTemplates(run(index))] : [] }

    private func renderingIndex(of run: TaskRun) -> Int? {
        index(of: run, in: .starting).flatMap { motions[$0].isRendering ? $0 : nil }
    }

    /// All files are there: the task starts.
    mutating func rendered(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard let index = renderingIndex(of: run) else { return }
        motions[index].isRendering = false
        turn.effects.append(.start(run, record.assignment))
    }

    /// The files wait for something, or cannot be renewed; the words never hold what is in them.
    mutating func templatesNoted(_ run: TaskRun, _ words: String, _ turn: inout AgentTurn) {
        guard let index = index(of: run), renderingIndex(of: run) != nil || record.tasks[index].stage == .running
        else { return }
        let last = record.tasks[index].state.events.last
        guard last?.kind != .template || last?.message != words else { return }
        record.tasks[index].state.note(TaskEvent(.template, time: turn.now.wall, message: words))
        commit(&turn)
    }

    /// The files cannot be made as they are stated. What they are made of may change, so the restart policy decides.
    mutating func templatesFailed(_ run: TaskRun, _ reason: String, _ turn: inout AgentTurn) {
        guard let index = renderingIndex(of: run) else { return }
        motions[index].isRendering = false
        record.tasks[index].state.note(TaskEvent(.template, time: turn.now.wall, message: "Template failed: \(reason)"))
        say(.warning, "task \(run.task) does not start: \(reason)", &turn)
        record.cutShort()
        turn.effects += endTemplates(index)
        decide(index, after: .startFailed, because: .setup, at: turn.now.wall, &turn)
        settle(index, &turn)
        commit(&turn)
    }

    /// Files changed while the task runs.
    mutating func templatesChanged(_ run: TaskRun, _ reaction: TemplateReaction, _ turn: inout AgentTurn) {
        guard !isEnding, let index = index(of: run, in: .running), !motions[index].isStopping,
            let handle = record.tasks[index].handle
        else { return }
        switch reaction {
        case .restart:
            restartTask(
                run.task, reason: "Template with change_mode restart re-rendered", countsAsFailure: false, &turn)
        case .signals(let names):
            for name in names {
                record.tasks[index].state.note(.signaling(name, reason: "Template re-rendered", at: turn.now.wall))
                turn.afterPersist.append(.signal(run, handle, name))
            }
            commit(&turn)
        }
    }

    /// Ends a task that waits for its files. Gives false when it does not.
    mutating func endRendering(_ index: Int, _ turn: inout AgentTurn) -> Bool {
        guard motions[index].isRendering else { return false }
        motions[index].isRendering = false
        turn.effects += endTemplates(index)
        return true
    }
}
