import ClusterKit

/// What must hold of those that are placed together. Written from the promises, not from the code.
extension World {
    /// What became durable places all of a gang that was never placed, or none of it.
    func checkGangs(_ batch: ChangeBatch) {
        var placed: [JobID: Set<String>] = [:]
        for change in batch.changes {
            if case .putEvaluation(let evaluation) = change,
                evaluation.refusals.values.contains(where: { !$0.awaits.isEmpty })
            {
                report.outcomes["waits for other work", default: 0] += 1
            }
            if case .putEvaluation(let evaluation) = change, evaluation.status == .blocked, !evaluation.queued.isEmpty,
                truth.jobs[evaluation.job]?.job.groups.contains(where: { $0.gang != nil }) == true
            {
                report.outcomes["gang waits", default: 0] += 1
            }
            switch change {
            // What becomes of an older version, which may have been stopped once, ends nothing.
            case .putJob(let record) where record.stopped && truth.jobs[record.job.id]?.stopped == true:
                ended[record.job.id] = batch.revision
            case .removeJob(let id): ended[id] = batch.revision
            default: break
            }
            guard case .putAllocation(let allocation) = change, isNew(allocation),
                truth.allocations[allocation.id]?.createRevision == batch.revision
            else { continue }
            placed[allocation.job, default: []].insert(allocation.group)
        }
        for (id, groups) in placed.sorted(by: { $0.key < $1.key }) {
            // What was asked for since says nothing of what was asked for then.
            guard let record = truth.jobs[id], !record.stopped, record.modifyRevision < batch.revision else {
                continue
            }
            for group in record.job.groups where group.gang != nil && groups.contains(group.name) {
                report.outcomes["gang placed", default: 0] += 1
                let own = truth.allocations(of: id).filter {
                    $0.group == group.name && $0.createRevision > ended[id] ?? .zero
                }
                let numbers = Set(own.map(\.index))
                // Instances keep their numbers, so there may be gaps.
                guard Set(own.filter(\.isLive).map(\.index)).count < group.count,
                    let missing = (0..<group.count).first(where: { !numbers.contains($0) })
                else { continue }
                violate(
                    "a gang is placed whole or not at all",
                    "\(id) has numbers \(numbers.sorted()) of \(group.count), and never had \(missing): "
                        + truth.allocations(of: id).map(\.standing).joined(separator: ", "))
            }
        }
    }

    /// Whether an instance takes the place of none: one that does is placed alone. What ended with its job, as far as
    /// is known, has no place any more when the job begins anew; what ends only now for its sake has.
    private func isNew(_ allocation: Allocation) -> Bool {
        guard let previous = allocation.previous else { return true }
        guard let old = truth.allocations[previous], let end = ended[allocation.job] else { return false }
        return old.createRevision < end && old.client != .lost && old.desired == .stop && old.followUp == nil
            && old.modifyRevision < allocation.createRevision
    }

    /// At rest, with nobody new in line: work that fits waits no longer for gangs than their windows together, for then
    /// what was kept for them is given up for a while. Looked at every ten seconds: a wait is measured to that, and one
    /// that begins and ends between two looks is not seen.
    func checkReservations() {
        guard isSettling, !options.isCalm, reachableServer != nil else { return }
        var waiting = truth.evaluations.unordered.filter { $0.status == .blocked && !$0.queued.isEmpty }
        func since(_ evaluation: Evaluation) -> Revision {
            let groups = truth.jobs[evaluation.job]?.job.groups ?? []
            return evaluation.waitStart(of: groups.first { evaluation.waitsForRoom($0.name) }?.name ?? "").revision
        }
        waiting.sort { ($0.priority, since($1), $1.id) > ($1.priority, since($0), $0.id) }
        // What runs on every node waits for a node of its own, and after a roll-out that failed older versions come
        // back, which may need more.
        let groups = waiting.compactMap { evaluation -> (Job, TaskGroup)? in
            guard let record = truth.jobs[evaluation.job], !record.job.kind.runsEverywhere else { return nil }
            return record.job.groups.first { evaluation.waitsForRoom($0.name) && !isHeldBack($0, of: record) }
                .map { (record.job, $0) }
        }
        let windows = groups.compactMap(\.1.gang?.window).reduce(.zero, +)
        guard let (job, group) = groups.first(where: { $0.1.gang == nil }), windows > .zero,
            let node = takers(of: group, in: job).first
        else { return heldBack = nil }
        // Other gangs in line are another wait.
        guard let known = heldBack, known.job == job.id, known.windows == windows else {
            return heldBack = (job.id, now, windows)
        }
        guard now - known.since > windows * 2 + .seconds(60) else { return }
        violate(
            "a reservation ends", "\(job.id) waits since \(known.since) for what \(node.name) has, behind gangs alone")
    }
}
