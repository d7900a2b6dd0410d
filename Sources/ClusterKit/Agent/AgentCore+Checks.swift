import Logging

/// Checks of services: when they are made, and what their results mean.
extension AgentCore {
    /// Brings the board in line with what runs of an allocation.
    mutating func followChecks(of id: AllocationID, _ turn: inout AgentTurn) {
        guard let allocation = allocations[id], !allocation.isEnding, !allocation.record.hasEnded else {
            return board.follow([], of: id, at: turn.now.uptime, using: &turn.entropy)
        }
        let checks = allocation.record.runningChecks
        board.follow(checks, of: id, at: turn.now.uptime, using: &turn.entropy)
        // What was found before a restart says nothing about what runs now.
        let isCurrent: (CheckStatus) -> Bool = { status in
            checks.contains {
                $0.service.key == status.service && $0.id.index == status.index && $0.spec.kind == status.kind
            }
        }
        let kept = allocation.record.checks.filter(isCurrent)
        if kept.count != allocation.record.checks.count { allocations[id]?.note(kept, &turn) }
    }

    /// Begins every check that is due, and judges those that took too long.
    mutating func makeChecks(_ turn: inout AgentTurn) {
        for duty in board.duties(at: turn.now.uptime) {
            switch duty {
            case .ask(let run, let check): ask(run, check, &turn)
            case .timedOut(let check): judge(.timedOut(after: check.spec.timeout), check, &turn)
            }
        }
    }

    /// Takes the answer to a check.
    mutating func probed(_ run: CheckRun, _ outcome: ProbeOutcome, _ turn: inout AgentTurn) {
        guard let check = board.answered(run, at: turn.now.uptime) else { return }
        judge(outcome, check, &turn)
    }

    private mutating func ask(_ run: CheckRun, _ check: PlacedCheck, _ turn: inout AgentTurn) {
        // What cannot be asked must be answered all the same: the board waits for it.
        guard let record = allocations[run.check.allocation]?.record else {
            return probed(run, ProbeOutcome(.critical, "the allocation is gone"), &turn)
        }
        if check.spec.kind == "script", !check.task.isEmpty {
            guard let task = record.tasks.first(where: { $0.name == check.task }), let handle = task.handle else {
                return probed(run, ProbeOutcome(.critical, "the task has no handle"), &turn)
            }
            let life = TaskRun(record.id, task.name, attempt: task.attempt)
            turn.effects.append(.execute(run, check.spec, life, handle, record.assignment))
        } else {
            turn.effects.append(.probe(run, request(for: check, of: record.assignment)))
        }
    }

    private func request(for check: PlacedCheck, of assignment: Assignment) -> ProbeRequest {
        let allocation = assignment.allocation
        let (address, port) = allocation.endpoint(check.portLabel, on: node)
        guard check.spec.mayHoldVariables, let group = assignment.group else {
            return ProbeRequest(check: check.spec, address: address, port: port)
        }
        let words = Interpolation(node: node, environment: allocation.words(group, on: node))
        var spec = check.spec
        spec.path = words.resolve(spec.path)
        spec.body = words.resolve(spec.body)
        spec.header = spec.header.mapValues { $0.map(words.resolve) }
        spec.command = words.resolve(spec.command)
        spec.arguments = spec.arguments.map(words.resolve)
        return ProbeRequest(check: spec, address: address, port: port)
    }

    private mutating func judge(_ outcome: ProbeOutcome, _ check: PlacedCheck, _ turn: inout AgentTurn) {
        let id = check.id.allocation
        guard let record = allocations[id]?.record else { return }
        let place = record.checks.firstIndex { $0.service == check.id.service && $0.index == check.id.index }
        let names = ServiceNames(
            job: record.assignment.job.name, group: record.assignment.allocation.group, task: check.service.task)
        var known =
            place.map { record.checks[$0] }
            ?? CheckStatus(
                initial: check.spec, of: check.service, index: check.id.index, named: names, since: turn.now.wall)
        known.name = check.spec.name
        guard
            let verdict = board.judge(outcome, of: check.id, known: known, isTold: place != nil, at: turn.now)
        else { return }
        if let news = verdict.news {
            var statuses = record.checks
            if let place { statuses[place] = news } else { statuses.append(news) }
            allocations[id]?.note(statuses, &turn)
            if place == nil || known.health != news.health { tell(news, of: record, &turn) }
        }
        guard verdict.restarts else { return }
        let reason = "healthcheck: check \"\(check.spec.name)\" unhealthy"
        for task in record.tasks where check.task.isEmpty || task.name == check.task {
            allocations[id]?.restartTask(task.name, reason: reason, countsAsFailure: true, &turn)
        }
    }

    private func tell(_ news: CheckStatus, of record: AllocationRecord, _ turn: inout AgentTurn) {
        let level: Logger.Level = news.health == .critical ? .warning : .info
        turn.effects.append(
            .log(level, "allocation \(record.id.short): check \"\(news.name)\" is \(news.health.rawValue)"))
    }
}

extension AllocationCore {
    /// Takes what the checks of its services found.
    mutating func note(_ checks: [CheckStatus], _ turn: inout AgentTurn) {
        let order = record.checkOrder
        record.checks = checks.sorted {
            (order[$0.service] ?? .max, $0.index) < (order[$1.service] ?? .max, $1.index)
        }
        commit(&turn)
    }
}

extension AllocationRecord {
    /// The place of each service in the job.
    fileprivate var checkOrder: [String: Int] {
        let keys = (assignment.group?.placedServices ?? []).map(\.key)
        return Dictionary(zip(keys, keys.indices)) { first, _ in first }
    }
}

extension CheckSpec {
    /// Whether some text of it may name a variable: most name none, and need no list of all there are.
    fileprivate var mayHoldVariables: Bool {
        let isPlain = { (text: String) in !text.utf8.contains(UInt8(ascii: "$")) }
        return !isPlain(path) || !isPlain(body) || !isPlain(command) || !arguments.allSatisfy(isPlain)
            || !header.values.allSatisfy { $0.allSatisfy(isPlain) }
    }
}
