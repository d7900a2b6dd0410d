/// Instances of which nothing is heard, and those that return.
extension GroupReconciler {
    /// Notes an instance of which nothing is heard. It has its number still, unless another stands there.
    mutating func note(silent allocation: Allocation, because reason: String, into result: inout Reconciliation) {
        result.note(silent: allocation, because: reason, in: head)
        if allocation.desired != .run {
            note(leaving: allocation)
        } else if allocation.wish == .retire {
            retiring.insert(allocation.index)
        } else {
            silent.append(allocation)
        }
    }

    /// Whether the group says when another takes the place of an instance whose node is lost, and how often.
    var lossesCount: Bool { group.reschedule.causes[.node] != nil }

    /// Notes an instance whose node is lost. Where losses count it stays wanted, as one that failed does, and its
    /// number waits with it.
    mutating func note(lost allocation: Allocation, because loss: String, into result: inout Reconciliation) {
        let isWanted = allocation.desired == .run && claims[allocation.index] == nil
        let isFailure =
            isWanted && lossesCount && allocation.wish == nil && allocation.next == nil && !allocation.isCanary
        result.stops.append(.init(allocation: allocation.id, reason: loss, lost: true, isFailure: isFailure))
        guard isWanted, allocation.wish != .retire else { return }
        guard isFailure else { return claims[allocation.index] = .lost(allocation) }
        var failure = allocation
        (failure.client, failure.cause, failure.modifyTime) = (.lost, .node, now)
        claims[allocation.index] = failed(failure)
    }

    /// Gives the numbers that nobody else has to the silent ones; those that were replaced have none any more.
    mutating func claimSilent() {
        for allocation in silent where allocation.next == nil && claims[allocation.index] == nil {
            let policy = head.disconnectPolicy(of: allocation)
            let isReplaced = policy?.lostAfter != nil && policy?.replaces == true && head.loss(of: allocation) != nil
            claims[allocation.index] = isReplaced ? .away(allocation) : .silent(allocation)
        }
    }

    /// Nobody is placed at the number of an instance that has not ended, whatever an earlier one of it would ask for.
    mutating func keepNumbersOfLeaving() {
        for number in leaving {
            switch claims[number] {
            case .live, .silent, .away: leaving.remove(number)
            case .lost, .again, .later, .over, nil: claims[number] = nil
            }
        }
    }

    /// Whether an instance has done what another was placed, or returned, to do too, as nothing was heard of one of
    /// them for a while.
    func isDoneBeside(_ allocation: Allocation) -> Bool {
        guard allocation.client == .complete, allocation.desired == .run, allocation.jobVersion >= record.workVersion
        else { return false }
        if allocation.next != nil { return true }
        guard case .live(let other) = claims[allocation.index] else { return false }
        return allocation.previous == other.id
    }

    /// Lets an instance that returned have no successor once that is to run no more, or ends with this look.
    func forgetSuccessor(of allocation: Allocation, into result: inout Reconciliation) {
        guard let next = allocation.next, !result.returned.contains(allocation.id) else { return }
        let isWanted = head.allocations.part(of: next) { $0.isLive && $0.wish != .retire } ?? false
        guard !isWanted || result.stops.contains(where: { $0.allocation == next }) else { return }
        result.returned.append(allocation.id)
    }

    /// Whether an instance took the place of another, or of one that did.
    private func follows(_ later: Allocation, _ earlier: Allocation) -> Bool {
        var (previous, revision) = (later.previous, later.createRevision)
        while let id = previous {
            if id == earlier.id { return true }
            // Whoever took a place is newer than who had it.
            guard let other = head.allocations[id], other.createRevision < revision,
                earlier.createRevision < other.createRevision
            else { return false }
            (previous, revision) = (other.previous, other.createRevision)
        }
        return false
    }

    /// Batch work that is done is not done once more.
    mutating func endDoubles(ofDone allocation: Allocation, into result: inout Reconciliation) {
        if case .live(let double) = claims[allocation.index] {
            let reason = "allocation \(allocation.id.short) has done its work"
            result.stops.append(.init(allocation: double.id, reason: reason))
        }
        claims[allocation.index] = .over(allocation, isDone: true)
    }

    /// Why one of two with the same number ends.
    func reason(toKeep kept: Allocation, andNot extra: Allocation) -> String {
        if extra.previous == kept.id { return "the instance whose place it took has returned" }
        if kept.previous == extra.id { return "another has taken its place" }
        return "allocation \(kept.id.short) has the same number"
    }

    /// Of an instance that returned and the one that took its place, which both fit the job, the one that stays by the
    /// group's choice; `nil` when they are no such two. An original that does not run has lost what there was to keep.
    func keeps(_ left: Allocation, _ right: Allocation) -> Bool? {
        let isFirst = follows(right, left)
        guard isFirst || follows(left, right) else { return nil }
        let (original, successor) = isFirst ? (left, right) : (right, left)
        guard original.client == .running, let policy = head.disconnectPolicy(of: original) else { return nil }
        let keepsOriginal =
            switch policy.choice {
            case .keepOriginal: true
            case .keepReplacement: false
            case .bestScore: successor.client != .running || successor.score <= original.score
            case .longestRunning: successor.client != .running || original.startTime <= successor.startTime
            }
        return keepsOriginal == isFirst
    }
}

extension Allocation {
    /// Since when something of it runs without a break.
    fileprivate var startTime: WallTime {
        tasks.values.filter { $0.phase == .running }.compactMap(\.startedAt).min() ?? WallTime(nanoseconds: .max)
    }
}
