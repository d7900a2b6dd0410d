import ClusterKit

/// Room as the reference scheduler sees it, which shares no code with the one that is tested.
extension World {
    /// The machines that take one more instance of a group as they are: nothing has to end for it.
    func takers(of group: TaskGroup, in job: Job) -> [Node] {
        guard let request = roomRequest(for: group, in: job) else { return [] }
        return ReferenceSession(truth).judge(request).compactMap { verdict in
            verdict.offer?.evicting.isEmpty == true ? verdict.node : nil
        }
    }

    /// A machine that would take the first of `count` instances which wait, if all of them find room on machines that
    /// are not kept for what comes before them; `nil` when they do not.
    func unusedRoom(for count: Int, of group: TaskGroup, in job: Job) -> Node? {
        let takers = takers(of: group, in: job)
        let kept = takers.filter { isKept($0, from: group, in: job) }
        guard let first = takers.first(where: { !kept.contains($0) }) else { return nil }
        var (session, chance) = (ReferenceSession(truth), Entropy(seed: 1))
        for _ in 0..<max(1, count) {
            guard var request = roomRequest(for: group, in: job, using: &chance) else { return nil }
            request.withheld = Set(kept.map(\.id))
            guard case .placed(let placement) = session.place([request], using: &chance)[0],
                placement.evicting.isEmpty
            else { return nil }
        }
        return first
    }

    private func roomRequest(for group: TaskGroup, in job: Job) -> PlacementRequest? {
        var chance = Entropy(seed: 1)
        return roomRequest(for: group, in: job, using: &chance)
    }

    /// Somebody who is not there yet.
    private func roomRequest(
        for group: TaskGroup, in job: Job, using chance: inout Entropy
    ) -> PlacementRequest? {
        PlacementSubject(job, group: group.name).map {
            PlacementRequest(allocation: chance.identifier(), subject: $0)
        }
    }

    /// A group that waits for room, and its place in line.
    struct Waiting {
        let evaluation: EvaluationID
        let job: Job
        let group: TaskGroup
        let order: (Int, Revision)
    }

    var waitingForRoom: [Waiting] {
        truth.evaluations.sorted.filter { $0.status == .blocked }.flatMap { evaluation -> [Waiting] in
            guard let job = truth.jobs[evaluation.job]?.job else { return [] }
            return job.groups.filter { evaluation.waitsForRoom($0.name) }.map {
                Waiting(
                    evaluation: evaluation.id, job: job, group: $0,
                    order: (-evaluation.priority, evaluation.waitStart(of: $0.name).revision))
            }
        }
    }

    /// Whether a node may stand idle: a group that comes before this one waits, and would fit there if less ran. Of ten
    /// nodes at most one is kept so, beside those for one gang.
    func isKept(_ node: Node, from group: TaskGroup, in job: Job) -> Bool {
        let waiting = waitingForRoom
        guard let mine = waiting.first(where: { $0.job.id == job.id && $0.group.name == group.name }) else {
            return false
        }
        let isWanted = waiting.contains { other in
            guard other.order < mine.order, other.group.resources.fits(in: node.capacity) else { return false }
            // Room for one of a gang is not room for the gang.
            return other.group.gang != nil || !takers(of: other.group, in: other.job).contains { $0.id == node.id }
        }
        if isWanted { idle.insert(node.id) }
        let machines = truth.nodes.sorted.count { $0.status == .ready && $0.eligibility == .eligible }
        let gangs = waiting.filter { $0.group.gang != nil }.map(\.group.count)
        return isWanted && idle.count <= max(1, machines / 10) + (gangs.max() ?? 0)
    }
}

extension Evaluation {
    /// Whether instances of a group wait for room, and not for other work alone.
    func waitsForRoom(_ group: String) -> Bool {
        (queued[group] ?? 0) > 0 && refusals[group]?.awaits.isEmpty != false
    }
}
