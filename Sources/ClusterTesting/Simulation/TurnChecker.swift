import ClusterKit

/// Looks at who acts on changed templates, and when: never more of a group at a time than its rules allow, unless they
/// were not well before.
struct TurnChecker {
    /// Instances that have a turn, by job and group.
    private var acting: [String: Set<AllocationID>] = [:]
    /// Runs whose end was asked for by their changed templates.
    private var restarting: Set<TaskRun> = []

    mutating func check(_ batch: ChangeBatch, in truth: Snapshot, into report: inout WorldReport) {
        for case .putAllocation(let allocation) in batch.changes {
            let group = "\(allocation.job) \(allocation.group)"
            guard let turn = allocation.reload else {
                acting[group]?.remove(allocation.id)
                continue
            }
            report.transitions["reload \(turn.phase.rawValue)", default: 0] += 1
            guard turn.isActing else {
                acting[group]?.remove(allocation.id)
                continue
            }
            guard acting[group]?.contains(allocation.id) != true, turn.phase != .waiting else { continue }
            // One of which nothing is heard holds nobody up.
            let others = (acting[group] ?? []).sorted().compactMap { truth.allocations[$0] }
                .filter { $0.isLive && $0.client != .unknown }
            let limit = Self.limit(of: allocation, in: truth)
            if limit > 0, others.count >= limit, Self.isWell(allocation, in: truth) {
                let beside = others.map { "\($0.id.short) that is \($0.client)" }.joined(separator: ", ")
                report.violations.append(
                    Violation(
                        rule: "by turns",
                        detail: "\(allocation.name) acts on changed templates beside \(beside), of at most \(limit)"))
            }
            acting[group, default: []].insert(allocation.id)
        }
    }

    /// Notes that a run is to end so that the next one has the changed templates.
    mutating func restart(_ run: TaskRun) { restarting.insert(run) }

    /// Whether a run ends for its changed templates, and not because someone wants it stopped.
    func restarts(_ run: TaskRun) -> Bool { restarting.contains(run) }

    private static func limit(of allocation: Allocation, in truth: Snapshot) -> Int {
        guard let job = truth.job(of: allocation), let group = job.group(allocation.group) else { return 0 }
        return (group.update ?? job.update)?.maxParallel ?? 0
    }

    /// Whether all that it has runs. Where checks count as well, that is not asked here.
    private static func isWell(_ allocation: Allocation, in truth: Snapshot) -> Bool {
        guard let group = truth.job(of: allocation)?.group(allocation.group), group.services.isEmpty else {
            return false
        }
        return allocation.client == .running && group.tasks.allSatisfy { allocation.tasks[$0.name]?.phase == .running }
    }
}

extension World {
    /// Files of a task that runs may change while it does: by what is in them, or by chance.
    func follow(_ run: TaskRun, _ assignment: Assignment, on number: Int) {
        guard !options.isCalm else { return followTemplates(of: run, assignment, on: number) }
        guard !isSettling, entropy.below(2) == 0 else { return }
        let delay = Duration.seconds(10 + entropy.below(240))
        later(delay, .agentHears(number, life: agents[number].life, .templatesDue(run)))
    }

    /// Changes the files of a task.
    func apply(_ run: TaskRun, on number: Int) {
        guard !options.isCalm else { return applyFollowed(run, on: number) }
        hear(number, .templatesChanged(run, drawnReaction(of: run)), within: 20)
    }

    /// Gives what the change of its files means for a task; rarely they are as they were, after all.
    private func drawnReaction(of run: TaskRun) -> TemplateReaction? {
        guard entropy.below(8) > 0 else { return nil }
        if entropy.below(4) == 0 { return .signals(["SIGHUP"]) }
        turns.restart(run)
        return .restart
    }

    /// At rest nobody waits for a turn, unless one that acted has failed and finds no room for another attempt.
    func checkTurn(of allocation: Allocation) {
        guard let phase = allocation.reload?.phase else { return }
        let isHeldUp = truth.allocations(of: allocation.job).contains { other in
            let isHolder = other.group == allocation.group && other.reload?.isActing == true
            return isHolder && other.client == .failed && other.next == nil
        }
        guard !isHeldUp else { return }
        for other in truth.allocations(of: allocation.job) {
            guard let turn = other.reload else { continue }
            tell("\(other.name) (\(other.id.short)) is \(turn.phase.rawValue), \(other.desired) and \(other.client)")
        }
        violate("each has its turn", "\(allocation.name) is still \(phase.rawValue) to act on changed templates")
    }
}
