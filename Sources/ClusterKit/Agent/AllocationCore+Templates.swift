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

    /// Files are to change while the task runs, and the task to act on that. Where a group's instances take turns, the
    /// servers say when.
    mutating func templatesDue(_ run: TaskRun, _ turn: inout AgentTurn) {
        guard !isEnding, let index = index(of: run, in: .running), !motions[index].isStopping else { return }
        // What changes once more while the task has its turn belongs to the same turn.
        guard takesTurns, motions[index].reload != .acting, let rules = record.assignment.updateStrategy else {
            return turn.effects.append(.applyTemplates(run))
        }
        if reloadSince == nil || !isReloading { reloadSince = turn.now.wall }
        motions[index].reload = .waiting
        let words = "Templates changed; the task goes on until it is its turn (max_parallel = \(rules.maxParallel))"
        record.tasks[index].state.note(TaskEvent(.template, time: turn.now.wall, message: words))
        commit(&turn)
    }

    /// Takes what the servers say of its turn.
    mutating func takeTurn(_ reload: ReloadTurn?, _ turn: inout AgentTurn) {
        guard let reload, reload.phase == .granted, reload.since == reloadSince else { return }
        for index in motions.indices where motions[index].reload == .waiting {
            motions[index].reload = .acting
            turn.effects.append(.applyTemplates(run(index)))
        }
    }

    /// Whether a task acts on changed files, or waits for that.
    private var isReloading: Bool { motions.contains { $0.reload != nil } }

    /// Whether instances act on changed files one after the other.
    private var takesTurns: Bool {
        guard let rules = record.assignment.updateStrategy, rules.maxParallel > 0 else { return false }
        let (kind, count) = (record.assignment.job.kind, record.assignment.group?.count ?? 1)
        return kind == .service && count > 1 || kind == .system
    }

    /// What is told to the servers.
    var report: AllocationReport {
        var report = record.report
        if isReloading { report.reloadSince = reloadSince }
        return report
    }

    /// Files changed while the task runs.
    mutating func templatesChanged(_ run: TaskRun, _ reaction: TemplateReaction?, _ turn: inout AgentTurn) {
        guard !isEnding, let index = index(of: run, in: .running), !motions[index].isStopping,
            let handle = record.tasks[index].handle
        else { return }
        guard let reaction else {
            motions[index].reload = nil
            return commit(&turn)
        }
        switch reaction {
        case .restart:
            restartTask(
                run.task, reason: "Template with change_mode restart re-rendered", countsAsFailure: false, &turn)
        case .signals(let names):
            for name in names {
                record.tasks[index].state.note(.signaling(name, reason: "Template re-rendered", at: turn.now.wall))
                turn.afterPersist.append(.signal(run, handle, name))
            }
            motions[index].reload = nil
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
