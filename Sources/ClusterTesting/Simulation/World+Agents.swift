import ClusterKit

/// An agent process of the simulated world, and the machine under it.
struct SimulatedAgent {
    var node: Node
    var core: AgentCore
    var entropy: Entropy
    var life = 0
    var isAlive = false
    var isPaused = false
    var inbox: [AgentEvent] = []
    var wakeAt: Uptime?
    var machine = SimulatedMachine()
    var templates = SimulatedTemplates()
    var clock = SimulatedClock()
    /// When something last kept it from doing its work, or from being heard.
    var disturbed = Uptime(nanoseconds: 0)
    /// Since when nothing of it can reach a server; `nil` while it can.
    var silentSince: Uptime?
    /// Which server last took a heartbeat of it, and when.
    var lastHeard: (server: Int, time: Uptime)?
    /// The newest view of its work that it had since its disk lost what it knew; `nil` while it lost nothing.
    var viewed: Revision?
    /// Calls that are under way: a call that timed out is answered no more, unless the network repeats it.
    var calls: Set<UInt64> = []

    init(_ number: Int, _ described: Node? = nil, using entropy: inout Entropy) {
        node = described ?? Self.describe(number, using: &entropy)
        core = AgentCore(node: node)
        self.entropy = entropy.split()
    }

    mutating func hear(_ event: AgentEvent, at now: Now, into effects: inout [AgentEffect]) {
        if case .assigned(let view, _) = event { note(view) }
        if case .overheard(let view) = event { note(view) }
        core.handle(event, at: now, using: &entropy, into: &effects)
    }

    private mutating func note(_ view: Assignments) {
        viewed = viewed.map { max($0, view.stamp.revision) }
    }

    mutating func wake(at now: Now, into effects: inout [AgentEffect]) {
        core.wake(at: now, using: &entropy, into: &effects)
    }

    /// How long it is until the agent is to be woken. Mutating, so that the agent is looked at in place and not copied.
    mutating func delay(from now: Now) -> Duration? { core.nextWake.delay(from: now) }
}

extension World {
    func startAgent(_ number: Int) {
        agents[number].life += 1
        agents[number].isAlive = true
        agents[number].isPaused = false
        agents[number].inbox = []
        agents[number].calls = []
        agents[number].wakeAt = nil
        agents[number].templates = SimulatedTemplates()
        agents[number].core = AgentCore(node: agents[number].node)
        noteSilence(of: number)
        let disk = agents[number].machine.disk
        let machineRestarted = disk.isOfAnotherRun
        tell("agent \(number) starts with \(disk.journal.count) records")
        for stray in agents[number].machine.sweep(keeping: disk.records) {
            report.outcomes["stray ended", default: 0] += 1
            tell("agent \(number) ends \(stray.allocation.short) \(stray.task), which no record names")
        }
        tellAgent(
            number, agents[number].life,
            .booted(disk.records, seen: disk.seen, machineRestarted: machineRestarted))
    }

    func tellAgent(_ number: Int, _ life: Int, _ event: AgentEvent) {
        guard agents[number].isAlive, agents[number].life == life else { return }
        guard !agents[number].isPaused else { return agents[number].inbox.append(event) }
        mark(4, UInt64(number))
        var effects: [AgentEffect] = []
        agents[number].hear(event, at: clocks(of: number), into: &effects)
        perform(effects, of: number)
    }

    func wakeAgent(_ number: Int, _ life: Int) {
        guard agents[number].isAlive, agents[number].life == life, !agents[number].isPaused,
            agents[number].wakeAt == now
        else { return }
        agents[number].wakeAt = nil
        mark(5, UInt64(number))
        var effects: [AgentEffect] = []
        agents[number].wake(at: clocks(of: number), into: &effects)
        perform(effects, of: number)
    }

    private func scheduleAgent(_ number: Int) {
        guard let delay = agents[number].delay(from: clocks(of: number)) else { return }
        let time = now + agents[number].clock.worldDelay(delay)
        if let known = agents[number].wakeAt, known <= time, known >= now { return }
        agents[number].wakeAt = time
        queue.put(.agentWake(number, life: agents[number].life), at: time)
    }

    private func perform(_ effects: [AgentEffect], of number: Int) {
        for effect in effects { perform(effect, of: number) }
        scheduleAgent(number)
    }

    private func perform(_ effect: AgentEffect, of number: Int) {
        switch effect {
        case .register(let node): place(.register(node), from: number)
        case .heartbeat(let id, let patience): place(.heartbeat(id), from: number, patience: patience)
        case .fetchAssignments(let stamp, let wait, let call):
            place(.assignments(after: stamp, wait: wait, number: call), from: number)
        case .report(let reports): place(.report(reports), from: number)
        case .fetchInquiries, .answer, .log, .end: break
        case .reply(_, let answer): note("\(agents[number].node.name) answers: \(answer.words)")
        case .deliver(_, let runs, let signal): deliver(signal, to: runs.keys.sorted())
        case .prepare, .render, .collect, .remember, .persist, .forget: provide(effect, on: number)
        case .followTemplates(let run, let assignment): follow(run, assignment, on: number)
        case .applyTemplates(let run): apply(run, on: number)
        case .endTemplates(let run): agents[number].templates.end(run)
        case .signal(let run, _, let signal):
            guard !fails("signal not sent", perMille: 200) else {
                return hear(number, .signalFailed(run, "the task does not listen"), within: 5)
            }
            deliver(signal, to: [run])
        case .renewLeases(let tasks, let end): renewLeases(tasks.keys, until: end, on: number)
        case .start(let run, let assignment): start(run, of: assignment, on: number)
        case .watch(let run, _): watch(run, on: number)
        case .stop(let run, _, _, let grace): stop(run, grace: grace, on: number)
        case .remove(let run, _):
            guard !fails("task not removed") else {
                return hear(number, .removalFailed(run, "its group is busy"), within: 5)
            }
            agents[number].machine.remove(run)
            hear(number, .removed(run), within: 5)
        case .probe(let run, let request): probe(run, timeout: request.check.timeout, on: number)
        case .execute(let run, let check, _, _, _): probe(run, timeout: check.timeout, on: number)
        // In a calm world disks are empty, and nothing is left to chance for their sake.
        case .surveyDisk where options.isCalm: break
        case .surveyDisk:
            hear(number, .surveyed(DiskFill(bytes: Double(entropy.below(90)), inodes: 0)), within: 5)
        }
    }

    /// Tells the agent something after up to `limit` milliseconds.
    func hear(_ number: Int, _ event: AgentEvent, within limit: Int) {
        later(.microseconds(100 + entropy.below(limit * 1000)), .agentHears(number, life: agents[number].life, event))
    }

    // MARK: - Tasks

    private func start(_ run: TaskRun, of assignment: Assignment, on number: Int) {
        let lease = lease(of: run, in: assignment, on: number)
        let course = course(of: run, on: number)
        if case .startFails(let reason, let isRecoverable, let cause) = course {
            let failure = TaskStartFailure(reason, isRecoverable: isRecoverable, cause: cause)
            return hear(number, .startFailed(run, failure), within: 5)
        }
        if course == nil, !isSettling, entropy.below(1000) < roughness.failingPerMille / 4 {
            let failure = TaskStartFailure("the program is not there", isRecoverable: entropy.below(2) == 0)
            // With one of its tasks an instance ends its others.
            if assignment.group?.tasks.count ?? 0 > 1 { lives.ended(run, wellBehaved: false) }
            tell("agent \(number) cannot start \(run.allocation.short) \(run.task) attempt \(run.attempt)")
            return hear(number, .startFailed(run, failure), within: 5)
        }
        if let lease, lease.end <= now, agents[number].machine.processes[run] == nil {
            return hear(
                number, .startFailed(run, TaskStartFailure("the lease is over", isRecoverable: true)), within: 5)
        }
        let (process, isNew) = agents[number].machine.start(
            run, holding: assignment.allocation.resources, lease, at: now)
        if isNew {
            checkIsAlone(process, on: number)
            checkRoom(for: process, on: number)
            watchLease(of: process, on: number)
            tell("agent \(number) starts \(run.allocation.short) \(run.task) attempt \(run.attempt)")
            checkStart(of: run, in: assignment.group, on: number)
            checkTurn(of: run, in: group(of: run.allocation, on: number), on: number)
            noteVariables(of: run, on: number)
            if let course {
                planEnd(of: process, on: number, as: course)
            } else {
                planEnd(of: process, in: assignment, on: number)
            }
        }
        hear(number, .started(run, process.handle), within: 10)
    }

    /// What the script says of a start; `nil` leaves it to chance.
    private func course(of run: TaskRun, on number: Int) -> TaskCourse? {
        guard let decide = options.course, let allocation = truth.allocations[run.allocation],
            let job = truth.job(of: allocation), let task = job.group(allocation.group)?.task(run.task)
        else { return nil }
        return decide(
            TaskTurn(
                allocation: allocation, job: job, task: task, attempt: run.attempt, node: agents[number].node,
                time: now - Uptime(nanoseconds: 0)))
    }

    private func planEnd(of process: SimulatedMachine.Process, on number: Int, as course: TaskCourse) {
        switch course {
        case .runs, .startFails: break
        case .ignoresSignals: agents[number].machine.makeStubborn(process.run)
        case .ends(let lasts, let code):
            later(lasts, .processEnds(number, process.run, serial: process.serial, ProcessEnd(code: code)))
        case .outgrowsItsMemory(let lasts):
            later(lasts, .processEnds(number, process.run, serial: process.serial, .outOfMemory))
        case .sickens(let lasts): later(lasts, .turnsUnwell(number, process.run, serial: process.serial))
        case .warmsUp(let lasts):
            agents[number].machine.setHealth(of: process.run, unwellSince: now)
            later(lasts, .mends(number, process.run, serial: process.serial))
        }
    }

    /// Decides when the task ends by itself. Services run on, unless they fail; work ends well, unless it fails, and so
    /// does what only comes before or after it.
    private func planEnd(of process: SimulatedMachine.Process, in assignment: Assignment, on number: Int) {
        let fails = !isSettling && entropy.below(1000) < roughness.failingPerMille
        // Of a purged job the agent alone knows what belongs to it.
        let lifecycle = assignment.group?.task(process.run.task)?.lifecycle
        let ends = lifecycle.map { !$0.isSidecar } ?? assignment.job.kind.isFinite
        guard fails || ends else { return }
        let longest = fails ? 90_000 : lifecycle == nil ? 240_000 : 5000
        let lasts = Duration.milliseconds(100 + entropy.below(longest))
        let end = ProcessEnd(code: fails ? 1 + entropy.below(3) : 0)
        later(lasts, .processEnds(number, process.run, serial: process.serial, end))
    }

    func endProcess(_ number: Int, _ run: TaskRun, _ serial: UInt64, _ end: ProcessEnd) {
        let exit = TaskExit(
            code: end.code, signal: end.signal, cause: end.cause, time: clocks(of: number).wall)
        guard agents[number].machine.end(run, serial: serial, with: exit) else { return }
        lives.ended(run, wellBehaved: exit.isSuccess)
        noteLeader(run, endedWell: exit.isSuccess, on: number)
        guard agents[number].machine.processes[run]?.watcher == agents[number].life else { return }
        hear(number, .exited(run, exit), within: 5)
    }

    /// A signal reaches tasks, which know what to make of it.
    private func deliver(_ signal: String, to runs: [TaskRun]) {
        for run in runs { note("\(chronicle.name(of: run.allocation)) \(run.task) gets \(signal)") }
    }

    private func watch(_ run: TaskRun, on number: Int) {
        guard !fails("task not watched") else {
            return hear(number, .watchFailed(run, "its supervisor does not answer"), within: 5)
        }
        agents[number].machine.watch(run, by: agents[number].life)
        guard let process = agents[number].machine.processes[run] else {
            let exit = TaskExit(cause: .supervisorLost, time: clocks(of: number).wall)
            lives.ended(run, wellBehaved: false)
            return hear(number, .exited(run, exit), within: 5)
        }
        if let exit = process.exit { hear(number, .exited(run, exit), within: 5) }
    }

    private func stop(_ run: TaskRun, grace: Duration, on number: Int) {
        let group = group(of: run.allocation, on: number)
        checkStop(of: run, in: group, on: number)
        checkOrder(ofEnding: run, in: group, on: number)
        checkWithdrawal(of: run)
        guard let process = agents[number].machine.processes[run], process.exit == nil else {
            return hear(number, .stopped(run), within: 5)
        }
        guard !fails("task not stopped") else {
            return hear(number, .stopFailed(run, "its supervisor does not answer"), within: 5)
        }
        let obeys = obeys(process)
        let lasts = obeys ? Duration.milliseconds(1 + entropy.below(200)) : agents[number].clock.worldDelay(grace)
        later(lasts, .processEnds(number, run, serial: process.serial, ProcessEnd(code: obeys ? 0 : 137)))
        later(lasts + .milliseconds(6), .agentHears(number, life: agents[number].life, .stopped(run)))
    }

    /// Whether a task ends when it is told to: chance says so only where nobody else does.
    func obeys(_ process: SimulatedMachine.Process) -> Bool {
        options.isCalm || options.course != nil ? !process.isStubborn : entropy.below(5) > 0
    }

    // MARK: - Faults

    func crashAgent(_ number: Int) {
        agents[number].isAlive = false
        noteSilence(of: number)
        agents[number].calls = []
    }

    func loseMachine(_ number: Int) {
        crashAgent(number)
        for process in agents[number].machine.running { lives.ended(process.run, wellBehaved: false) }
        agents[number].machine.lose()
        guard !options.isCalm else { return }
        let files = agents[number].machine.disk.losePower(at: now, using: &entropy)
        guard files > 0 else { return }
        agents[number].viewed = agents[number].machine.disk.seen.revision
        report.faults["writes undone by a loss of power", default: 0] += files
        tell("the disk of machine \(number) has lost the last \(files) writes")
    }

    func resumeAgent(_ number: Int) {
        guard agents[number].isAlive else { return }
        agents[number].isPaused = false
        noteSilence(of: number)
        let inbox = agents[number].inbox
        agents[number].inbox = []
        for event in inbox { tellAgent(number, agents[number].life, event) }
        agents[number].wakeAt = nil
        scheduleAgent(number)
    }
}
