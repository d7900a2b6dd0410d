import ClusterKit

/// Whoever is first in line gets its room in time. Written from the promises, not from the code.
extension World {
    /// Room that the first in line has and does not use yet.
    struct Opening {
        let evaluation: EvaluationID
        let group: String
        let node: NodeID
        /// What the store held when it was seen.
        let revision: Revision
        let since: Uptime
    }

    /// How long room may stay unused.
    private static let openingPatience = Duration.seconds(10)

    /// Called every ten seconds. Asking the reference scheduler costs more than all that happens meanwhile, so room is
    /// sought in each third call; what is found is looked at again in the next.
    func checkLine() {
        let known = opening
        opening = nil
        guard areServersUndisturbed, known != nil || looks.isMultiple(of: 15), let found = findOpening() else { return }
        guard let known, known.isStill(found, in: truth) else { return opening = found }
        opening = known
        guard now - max(known.since, disturbed) > Self.openingPatience,
            let node = truth.nodes[known.node], let evaluation = truth.evaluations[known.evaluation]
        else { return }
        tell("\(evaluation.id.short) is \(evaluation.status), \(evaluation.trigger), queued: \(evaluation.queued)")
        for (name, refusal) in evaluation.refusals.sorted(by: { $0.key < $1.key }) { tell("\(name): \(refusal)") }
        violate(
            "who is first in line is placed in time",
            "\(evaluation.job).\(known.group) waits though \(node.name) has room since \(known.since)")
    }

    /// Room for the first in line that nothing keeps back. What gangs keep for themselves other rules are about, and
    /// what runs on every node waits for a node of its own.
    private func findOpening() -> Opening? {
        let waiting = waitingForRoom
        guard !waiting.contains(where: { $0.group.gang != nil }), let first = waiting.min(by: { $0.order < $1.order }),
            let record = truth.jobs[first.job.id], !record.job.kind.runsEverywhere,
            !isHeldBack(first.group, of: record), GateChecker.isOpen(for: first.group, of: record, in: truth)
        else { return nil }
        report.outcomes["first in line", default: 0] += 1
        return unusedRoom(for: 1, of: first.group, in: first.job).map {
            Opening(
                evaluation: first.evaluation, group: first.group.name, node: $0.id, revision: truth.revision, since: now
            )
        }
    }
}

extension World.Opening {
    /// Whether nothing has been written since that could have used the room, or taken and freed it again.
    fileprivate func isStill(_ other: Self, in truth: Snapshot) -> Bool {
        other.evaluation == evaluation && other.group == group && other.node == node
            && truth.evaluations[evaluation].map { $0.modifyRevision <= revision } == true
            && truth.nodes[node].map { $0.modifyRevision <= revision } == true
            && truth.allocations(on: node).allSatisfy { $0.modifyRevision <= revision }
    }
}
