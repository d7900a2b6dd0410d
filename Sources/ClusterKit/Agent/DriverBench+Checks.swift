/// Checks of services, made by probers and by drivers that can look into their tasks.
extension DriverBench {
    func probe(_ run: CheckRun, _ request: ProbeRequest) async -> AgentEvent {
        let kind = request.check.kind
        guard let prober = probers.first(where: { $0.kinds.contains(kind) }) else {
            return .probed(run, ProbeOutcome(.critical, "this agent has no prober for \(kind) checks"))
        }
        guard kind != "script" || allowsHostScripts else {
            let words =
                "scripts on the host are not allowed on node \(node.name); name the task that the script runs in, "
                + "or have the operator allow them"
            return .probed(run, ProbeOutcome(.critical, words))
        }
        return .probed(run, await prober.probe(request))
    }

    func execute(
        _ run: CheckRun, _ check: CheckSpec, of task: TaskRun, _ handle: TaskHandle, _ assignment: Assignment
    ) async -> AgentEvent {
        guard let driver = drivers[handle.driver] as? any TaskExecuting else {
            let words = "the driver \"\(handle.driver)\" cannot run scripts within its tasks"
            return .probed(run, ProbeOutcome(.critical, words))
        }
        let place = folders.folders(task.allocation, task: task.task)
        guard let spec = assignment.group?.task(task.task) else {
            return .probed(run, ProbeOutcome(.critical, "the job has no task \"\(task.task)\" any more"))
        }
        let environment: TaskEnvironment
        do {
            environment = TaskEnvironment(
                of: spec, in: assignment, on: node, folders: place,
                templates: try templates.variables(ofRunning: task, assignment))
        } catch {
            return .probed(run, ProbeOutcome(.critical, "the task's environment cannot be read: \(error)"))
        }
        let words = ([check.command] + check.arguments).map(environment.interpolation.resolve)
        let command = TaskCommand(
            words, environment: environment.variables, folders: place, timeout: check.timeout)
        do {
            let end = try await driver.execute(command, in: handle)
            return .probed(
                run,
                ProbeOutcome(
                    code: end.code, signal: end.signal, output: String(decoding: end.output, as: UTF8.self),
                    timedOut: end.timedOut, timeout: check.timeout))
        } catch {
            return .probed(run, ProbeOutcome(.critical, "\(error)"))
        }
    }
}
