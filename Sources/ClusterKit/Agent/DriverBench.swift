import Logging

/// Performs the effects of an agent's core that take time: calls on the link, work of drivers and folders.
struct DriverBench: Sendable {
    let link: any AgentLink
    let drivers: [String: any TaskDriver]
    let probers: [any Prober]
    let allowsHostScripts: Bool
    let node: Node
    let folders: AllocationFolders
    let templates: TemplateWatch
    private let board: MeterBoard
    let leases = LeaseBoard()
    let logger: Logger

    /// How long a call may take beyond the time that it may park.
    static let patience: Duration = .seconds(15)

    init(
        link: any AgentLink, drivers: [any TaskDriver], probers: [any Prober], allowsHostScripts: Bool, node: Node,
        folders: AllocationFolders, templates: TemplateWatch, board: MeterBoard, logger: Logger
    ) {
        self.link = link
        self.drivers = Dictionary(drivers.map { ($0.name, $0) }) { first, _ in first }
        self.probers = probers
        self.allowsHostScripts = allowsHostScripts
        self.node = node
        self.folders = folders
        self.templates = templates
        self.board = board
        self.logger = logger
    }

    /// Performs one effect and gives what the core is to hear of it.
    func perform(_ effect: AgentEffect) async -> AgentEvent? {
        switch effect {
        case .register(let node): await call(.register) { .registered(try await link.register(node)) }
        case .heartbeat(let id, let patience):
            await call(.heartbeat, patience: patience) { .heartbeatAccepted(try await link.heartbeat(id)) }
        case .fetchAssignments(let stamp, let wait, let number):
            await call(.assignments, number: number, wait: wait) {
                .assigned(try await link.assignments(for: node.id, after: stamp, wait: wait), number: number)
            }
        case .report(let reports):
            await call(.report) {
                try await link.report(reports, from: node.id)
                return .reported
            }
        case .fetchInquiries(let wait):
            await call(.inquiries, wait: wait) { .inquired(try await link.inquiries(for: node.id, wait: wait)) }
        case .answer(let inquiry, let rotation, let ended): await answer(inquiry, rotation, ended: ended)
        case .reply(let id, let answer): await send(answer, to: id)
        case .deliver(let id, let runs, let signal): await deliver(signal, to: runs, for: id)
        default: await performLocally(effect)
        }
    }

    // MARK: - Tasks

    private func performLocally(_ effect: AgentEffect) async -> AgentEvent? {
        switch effect {
        case .prepare(let assignment): await prepare(assignment)
        case .collect(let id): await collect(id)
        case .surveyDisk: folders.fill.map { .surveyed($0) }
        case .probe(let run, let request): await probe(run, request)
        case .execute(let run, let check, let task, let handle, let assignment):
            await execute(run, check, of: task, handle, assignment)
        case .start(let run, let assignment): await start(run, assignment)
        case .render(let run, let assignment): await templates.render(run, assignment)
        case .followTemplates(let run, let assignment): await templates.follow(run, assignment)
        case .applyTemplates(let run): await templates.apply(run)
        case .signal(let run, let handle, let signal): await send(signal, to: run, handle)
        case .watch(let run, let handle):
            await ask(handle) {
                .exited(run, blamed(try await $0.wait(for: handle), run.allocation))
            } orElse: {
                .watchFailed(run, $0)
            }
        case .stop(let run, let handle, let signal, let grace):
            await ask(handle) {
                try await $0.stop(handle, signal: signal, grace: grace)
                return .stopped(run)
            } orElse: {
                .stopFailed(run, $0)
            }
        case .remove(let run, let handle):
            await ask(handle) {
                try await $0.remove(handle)
                return .removed(run)
            } orElse: {
                .removalFailed(run, $0)
            }
        default: nil
        }
    }

    private func start(_ run: TaskRun, _ assignment: Assignment) async -> AgentEvent {
        let place = folders.folders(run.allocation, task: run.task)
        guard
            var request = TaskRequest(
                run, of: assignment, on: node, folders: place, templates: templates.variables(for: run)),
            let task = assignment.group?.task(run.task)
        else {
            return failed(run, "the job has no task \"\(run.task)\" any more")
        }
        let name = task.driver
        request.lease = lease(of: task, in: assignment)
        guard let driver = drivers[name] else {
            let known = drivers.keys.sorted().joined(separator: ", ")
            return failed(run, "node \(node.name) has no driver \"\(name)\"; it has \(known.isEmpty ? "none" : known)")
        }
        do {
            // A machine that was restarted has lost what it kept in memory, the place for secrets among it.
            try folders.prepare(run.allocation, tasks: [run.task])
            // What an earlier run told of its work is not true of this one.
            if run.attempt > 0 { WorkFile.remove(from: place) }
        } catch {
            return .startFailed(run, TaskStartFailure("\(error)", isRecoverable: true, cause: setupCause))
        }
        do {
            return .started(run, try await driver.start(request))
        } catch let failure as TaskStartFailure {
            return .startFailed(run, failure)
        } catch {
            return .startFailed(run, TaskStartFailure("\(error)", isRecoverable: true))
        }
    }

    /// A failure while the disk is full is put down to that, unless the allocation took more of it than it asked for:
    /// the task's own words may say so, but nobody reads them.
    private func blamed(_ exit: TaskExit, _ id: AllocationID) -> TaskExit {
        var exit = exit
        let isPlain = !exit.isSuccess && exit.cause == .exited
        if isPlain, folders.isDiskFull, !board.holdsTooMuch(id) { exit.cause = .diskFull }
        return exit
    }

    private var setupCause: FailureCause { folders.isDiskFull ? .disk : .setup }

    private func failed(_ run: TaskRun, _ words: String) -> AgentEvent {
        .startFailed(run, TaskStartFailure(words, isRecoverable: false))
    }

    private func ask(
        _ handle: TaskHandle, _ body: (any TaskDriver) async throws -> AgentEvent,
        orElse failure: (String) -> AgentEvent
    ) async -> AgentEvent {
        guard let driver = drivers[handle.driver] else {
            return failure("this agent has no driver \"\(handle.driver)\"; start it with that driver again")
        }
        do {
            return try await body(driver)
        } catch {
            return failure("\(error)")
        }
    }

    // MARK: - Folders

    private func prepare(_ assignment: Assignment) async -> AgentEvent {
        let id = assignment.allocation.id
        do {
            try folders.prepare(id, tasks: assignment.group?.tasks.map(\.name) ?? [])
            try deliverPayload(of: assignment)
            return .prepared(id)
        } catch {
            return .preparationFailed(id, "\(error)", setupCause)
        }
    }

    /// Caches of builds hold millions of files: they are removed on a thread that may block.
    private func collect(_ id: AllocationID) async -> AgentEvent {
        do {
            try await BlockingWork.run { [folders] in try folders.remove(id) }
            return .collected(id)
        } catch {
            return .collectionFailed(id, "\(error)")
        }
    }

    /// Leaves nothing in memory for allocations that have ended, when the agent ends: its successor may never come.
    func tidyUp(after records: [AllocationRecord]) {
        for record in records where record.hasEnded {
            do {
                try folders.dropSecrets(record.id)
            } catch {
                logger.warning("the secrets of allocation \(record.id.short) cannot be unmounted: \(error)")
            }
        }
    }

    // MARK: - Calls

    private func call(
        _ call: LinkCall, number: UInt64? = nil, patience: Duration = Self.patience, wait: Duration = .zero,
        _ body: @escaping @Sendable () async throws -> AgentEvent
    ) async -> AgentEvent {
        do {
            return try await Self.within(patience + wait, body)
        } catch let error as ClusterError {
            return .callFailed(call, error, number: number)
        } catch {
            return .callFailed(call, ClusterError(.unavailable, "\(error)"), number: number)
        }
    }

    static func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw ClusterError(.unavailable, "no answer came within \(limit.goText)")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    // MARK: - Drivers

    /// Ends what was started by an agent that was killed before it could note it. The start is then asked for again.
    func sweep(keeping records: [AllocationRecord]) async {
        let known = records.flatMap(\.tasks).compactMap(\.handle)
        for name in drivers.keys.sorted() {
            guard let driver = drivers[name] as? any TaskSweeping else { continue }
            do {
                let strays = try await driver.sweep(keeping: known.filter { $0.driver == name })
                if strays > 0 { logger.notice("driver \(name) ended \(strays) tasks that no record names") }
            } catch {
                logger.warning("driver \(name) cannot look for tasks that no record names: \(error)")
            }
        }
    }

    /// What every driver says of itself, by name.
    static func fingerprints(of drivers: [any TaskDriver]) async -> [String: DriverStatus] {
        var found: [String: DriverStatus] = [:]
        for driver in drivers where found[driver.name] == nil { found[driver.name] = await driver.fingerprint() }
        return found
    }

    /// Asks the drivers again and again, and tells when one changed its mind.
    func watchDrivers(every interval: Duration, tell: ([String: DriverStatus]) -> Void) async {
        var last = node.drivers
        while (try? await Task.sleep(for: max(.seconds(1), interval))) != nil {
            let current = await Self.fingerprints(of: drivers.keys.sorted().compactMap { drivers[$0] })
            guard current != last else { continue }
            last = current
            tell(current)
        }
    }
}
