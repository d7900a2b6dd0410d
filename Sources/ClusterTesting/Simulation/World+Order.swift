import ClusterKit

/// In which order the tasks of an instance begin and end, and when it is over. Written from the promises, not from the
/// code.
extension World {
    /// Why all tasks of an instance have to end, but those that come last.
    enum Ending {
        case leaderEnded, timeIsOver

        fileprivate var rule: String {
            switch self {
            case .leaderEnded: "the others end with the leader"
            case .timeIsOver: "nothing runs longer than it may"
            }
        }
    }

    /// How long agents may need for what a driver has to be asked for again.
    private static let patience = Duration.seconds(60)

    /// The group of an instance as its agent was told last: of a purged job nobody else knows.
    func group(of allocation: AllocationID, on number: Int) -> TaskGroup? {
        agents[number].core.record(allocation)?.assignment.group
    }

    // MARK: - Beginning

    /// A task starts: those that come before it are done, or run if they go on beside it, and what comes last begins
    /// when nothing else is left.
    func checkTurn(of run: TaskRun, in group: TaskGroup?, on number: Int) {
        if let group, group.tasks.count > 1, let task = group.task(run.task) {
            checkPredecessors(of: task, run, in: group, on: number)
        }
        guard lives.started(run, at: now), let most = longestLife(of: group) else { return }
        later(most, .mustHaveEnded(number, run.allocation, .timeIsOver, since: now))
    }

    private func checkPredecessors(of task: TaskSpec, _ run: TaskRun, in group: TaskGroup, on number: Int) {
        let life = lives.life(of: run.allocation)
        let missing: TaskSpec? =
            switch task.lifecycle?.hook {
            case .prestart: nil
            case .poststop:
                agents[number].machine.running.first {
                    $0.run.allocation == run.allocation && group.task($0.run.task)?.lifecycle?.hook != .poststop
                }.flatMap { group.task($0.run.task) }
            case nil, .poststart:
                group.tasks.first { other in
                    switch other.lifecycle {
                    case TaskLifecycle(.prestart): !life.isDone(other.name)
                    case TaskLifecycle(.prestart, isSidecar: true): !life.started.contains(other.name)
                    case nil: task.lifecycle != nil && !life.started.contains(other.name)
                    default: false
                    }
                }
            }
        guard let missing else { return }
        violate(
            "tasks begin in their order",
            "\(task.name) of \(run.allocation.short) starts on node-\(number), and \(missing.name) comes first"
        )
    }

    // MARK: - Ending

    /// A task is told to end: the leader goes first, those that only run beside others last.
    func checkOrder(ofEnding run: TaskRun, in group: TaskGroup?, on number: Int) {
        // What may run only once ends all at once when nothing is heard of the servers.
        guard let group, group.tasks.count > 1, !group.atMostOne, let task = group.task(run.task),
            !turns.restarts(run), !askedToRestart.contains(run.allocation)
        else { return }
        let rank = Self.rank(of: task)
        let first = agents[number].machine.running.first { other in
            guard other.run.allocation == run.allocation, let spec = group.task(other.run.task) else { return false }
            return Self.rank(of: spec) < rank
        }
        guard let first else { return }
        violate(
            "tasks end in their order",
            "\(task.name) of \(run.allocation.short) on node-\(number) is told to end before \(first.run.task)")
    }

    private static func rank(of task: TaskSpec) -> Int {
        if task.lifecycle?.hook == .poststop { return 3 }
        return task.isLeader ? 0 : task.lifecycle?.isSidecar == true ? 2 : 1
    }

    /// A task has ended by itself: when it leads, the others have to end.
    func noteLeader(_ run: TaskRun, endedWell: Bool, on number: Int) {
        guard endedWell, !turns.restarts(run), let assignment = agents[number].core.record(run.allocation)?.assignment,
            assignment.job.kind.isFinite, let group = assignment.group, group.task(run.task)?.isLeader == true
        else { return }
        later(time(toEnd: group), .mustHaveEnded(number, run.allocation, .leaderEnded, since: now))
    }

    /// How long an instance may take to end.
    private func time(toEnd group: TaskGroup?) -> Duration {
        let tasks = group?.tasks ?? []
        let kill = tasks.map { $0.killTimeout + $0.shutdownDelay }.reduce(group?.shutdownDelay ?? .zero, +)
        return kill + Self.patience
    }

    /// How long an instance may live that has a limit, by a clock that may be slow.
    private func longestLife(of group: TaskGroup?) -> Duration? {
        group?.runLimit.map { $0.duration + $0.duration / 50 + time(toEnd: group) }
    }

    /// Nothing kept an agent from its work since it had to end an instance: by now it has.
    func checkHasEnded(_ id: AllocationID, on number: Int, because ending: Ending, since: Uptime) {
        guard agents[number].isAlive, agents[number].disturbed < since else { return }
        let record = agents[number].core.record(id)
        guard let group = record?.assignment.group else { return }
        if ending == .timeIsOver {
            guard let most = longestLife(of: group) else { return }
            // It may have been given more time meanwhile.
            let left = since + most - now
            if left > .zero { return later(left, .mustHaveEnded(number, id, ending, since: since)) }
        }
        let left = agents[number].machine.running.first {
            $0.run.allocation == id && group.task($0.run.task)?.lifecycle?.hook != .poststop
        }
        guard let left else { return }
        violate(
            ending.rule, "\(left.run.task) of \(id.short) on node-\(number) still runs, and should not since \(since)")
    }

    /// An instance is told to end because its time is over: it had all of it.
    func checkTime(of run: TaskRun, on number: Int) {
        guard let begun = lives.life(of: run.allocation).begun, agents[number].disturbed < begun,
            let limit = group(of: run.allocation, on: number)?.runLimit?.duration
        else { return }
        report.outcomes["its time is over", default: 0] += 1
        guard now - begun < limit - limit / 50 else { return }
        violate(
            "an instance has all of its time",
            "\(run.allocation.short) on node-\(number) ends \(now - begun) after it began, of \(limit)")
    }

    // MARK: - Checks that restart

    /// Notes what a check of an instance found.
    func noteAnswer(_ outcome: ProbeOutcome, of check: CheckID) {
        badAnswers[check] = outcome.health == .passing ? nil : (badAnswers[check] ?? 0) + 1
    }

    /// Whether a check that restarts its tasks has failed often enough in a row.
    func isRestarted(byCheckOf allocation: Allocation, in group: TaskGroup?) -> Bool {
        let isRestarted = (group?.placedServices ?? []).contains { service in
            service.spec.checks.enumerated().contains { place, check in
                let id = CheckID(allocation.id, service: service.key, index: place)
                return check.restartLimit > 0 && badAnswers[id] ?? 0 >= check.restartLimit
            }
        }
        if isRestarted { report.outcomes["restarted by its check", default: 0] += 1 }
        return isRestarted
    }
}
