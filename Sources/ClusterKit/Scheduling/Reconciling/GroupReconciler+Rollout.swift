/// What a roll-out asks of the instances of a group: how many change at a time, and which run beside the others.
extension GroupReconciler {
    /// An instance that has to be replaced for the newest version to hold.
    struct Outdated {
        let number: Int
        let allocation: AllocationID
        let reason: String
    }

    /// Replaces as many as the roll-out allows now, the lowest numbers first: those that are placed for other reasons
    /// count, unless they find no room.
    func replace(
        _ outdated: [Outdated], beside placements: Int, awaiting awaited: Int, among allocations: [Allocation],
        into result: inout Reconciliation
    ) -> [Reconciliation.Want] {
        guard !outdated.isEmpty, rollout.state != nil || canariesAtFirst() == 0 else { return [] }
        let limit = rollout.allowance(
            beside: awaited, among: allocations, ending: result.stops,
            unproven: rollout.state == nil ? unproven(among: allocations, upgrades: result.upgrades) : [])
        let allowance = max(0, limit - placements)
        if limit > 0 {
            result.allowances[group.name] = limit
            let others = outdated.dropFirst(allowance).prefix(Reconciliation.mostAlternatives)
            result.alternatives += others.map(want)
        }
        return outdated.prefix(allowance).map(want)
    }

    /// Those that go on under the newest version and are watched by a roll-out that this one takes the place of.
    private func unproven(among allocations: [Allocation], upgrades: [AllocationID]) -> [Allocation] {
        let upgraded = Set(upgrades)
        return allocations.filter { allocation in
            upgraded.contains(allocation.id)
                && allocation.deployment.flatMap { head.deployments[$0] }?.isActive == true
        }
    }

    private func want(_ old: Outdated) -> Reconciliation.Want {
        .init(
            group: group.name, index: old.number, previous: old.allocation, retirement: .givingRoom(old.reason),
            reason: old.reason)
    }

    /// The older version that an instance keeps when it is placed anew; `nil` when it gets the newest.
    func keptVersion(of allocation: Allocation) -> Int? {
        guard keepsVersions, !versions.runsNewest(allocation), head.job(of: allocation) != nil else {
            return nil
        }
        return allocation.jobVersion
    }

    // MARK: Canaries

    /// Takes out of `ordered` whoever runs beside an instance of the same number. Returns who claims to be a canary of
    /// this roll-out. Those of another, or of one that failed, end; promoted ones are like any other instance.
    mutating func takeCanaries(from ordered: inout [Allocation], into result: inout Reconciliation) -> [Int: Claim] {
        guard ordered.contains(where: \.isCanary) else { return [:] }
        var (canaries, stale, others): ([Allocation], [Allocation], [Allocation]) = ([], [], [])
        for allocation in ordered {
            if !allocation.isCanary {
                others.append(allocation)
            } else if isPromoted(allocation) {
                result.rollout.promoted.append(allocation.id)
                others.append(allocation)
            } else if rollout.isCanarying, !rollout.hasFailed, rollout.owns(allocation) {
                canaries.append(allocation)
            } else if !allocation.isTerminal {
                stale.append(allocation)
            }
        }
        ordered = others
        for allocation in stale {
            if let loss = head.loss(of: allocation) {
                result.stops.append(.init(allocation: allocation.id, reason: loss, lost: true))
                continue
            }
            if group.atMostOne || allocation.fence != nil { note(leaving: allocation) }
            #if MUTANTS
                if Sabotage.active == .forgottenCanary { continue }
            #endif
            if allocation.desired == .run {
                let reason = "canary of version \(allocation.jobVersion), which was not promoted"
                result.stops.append(.init(allocation: allocation.id, reason: reason))
            }
        }
        claimRunning(canaries, into: &result)
        for allocation in canaries.reversed() where allocation.isTerminal { claimEnded(allocation, into: &result) }
        defer { claims = [:] }
        return claims
    }

    private func isPromoted(_ canary: Allocation) -> Bool {
        let deployment = canary.deployment.flatMap { head.deployments[$0] }
        return deployment?.groups[group.name]?.isPromoted == true
    }

    /// Whether a roll-out begins of which something that runs has to be replaced, and which shows canaries first. What
    /// is about to leave its node counts: it takes its version along.
    mutating func findsNeedOfCanaries() -> Bool {
        guard rollout.state == nil, let strategy = rollout.strategy, strategy.canary > 0 else { return false }
        for case .live(let allocation) in claims.values where versions.outdated(allocation, in: group) != nil {
            return true
        }
        return false
    }

    /// How many canaries a roll-out begins with.
    private func canariesAtFirst() -> Int {
        guard beginsWithCanaries, let strategy = rollout.strategy else { return 0 }
        return min(max(0, strategy.canary), max(0, group.count))
    }

    /// Canaries to place: at the numbers of what they shall replace, then at free ones, then beside whatever else has
    /// a number, for all that are asked for have to be well.
    func want(
        _ canaries: [Int: Claim], _ outdated: [Outdated], after ordered: [Allocation], upTo count: Int,
        into result: inout Reconciliation
    ) -> [Reconciliation.Want] {
        let wanted = rollout.isCanarying ? rollout.state?.desiredCanaries ?? 0 : canariesAtFirst()
        var wants: [Reconciliation.Want] = []
        for number in canaries.keys.sorted() {
            // Canaries leave a drained node as others do, also while the roll-out stands still.
            guard case .live(let canary) = canaries[number], let want = leave(canary, into: &result) else { continue }
            if wanted > 0 { wants.append(want) }
        }
        guard wanted > 0, !rollout.isHalted else { return wants.asCanaries() }
        for number in canaries.keys.sorted() {
            if let want = successor(of: canaries[number], at: number, into: &result) { wants.append(want) }
        }
        let reason = "canary \(wanted == 1 ? "" : "one of \(wanted) ")for version \(record.version)"
        let replaced = Set(outdated.map(\.number))
        let others = (0..<count).filter { !replaced.contains($0) }
        let places =
            outdated.map(\.number) + others.filter { claims[$0] == nil } + others.filter { claims[$0] != nil }
        let free = places.filter { canaries[$0] == nil }
        for number in Self.first(max(0, wanted - canaries.count), of: free) {
            wants.append(want(number, after: nil, nil, reason: reason))
        }
        return wants.asCanaries()
    }

    /// The numbers of so many canaries as are missing.
    private static func first(_ missing: Int, of free: [Int]) -> some Sequence<Int> {
        #if MUTANTS
            if Sabotage.active == .extraCanary { return free.prefix(missing + 1) }
            if Sabotage.active == .doubledCanary, let first = free.first {
                return free.map { _ in first }.prefix(missing)
            }
        #endif
        return free.prefix(missing)
    }

    // MARK: Progress

    /// States how far the roll-out is with this group.
    func noteProgress(
        _ numbers: some Sequence<Int>, _ canaries: [Int: Claim], isDone: Bool, into result: inout Reconciliation
    ) {
        guard let state = rollout.state, result.rollout.current != nil else { return }
        var healthy = canaries.values.count { isHealthy($0) }
        for number in numbers where isHealthy(claims[number]) { healthy += 1 }
        result.rollout.healthy[group.name] = healthy
        if rollout.isCanarying || !isDone || healthy < state.desiredTotal {
            result.rollout.unsettled.insert(group.name)
        }
    }

    private func isHealthy(_ claim: Claim?) -> Bool {
        guard case .live(let allocation) = claim else { return false }
        return rollout.owns(allocation) && allocation.health?.isHealthy == true
    }

    /// States that a roll-out begins, if one does.
    func noteBeginning(into result: inout Reconciliation) {
        guard let strategy = rollout.strategy, rollout.state == nil, group.count > 0 else { return }
        result.rollout.begins[group.name] = DeploymentGroup(
            desiredTotal: min(group.count, largestCount), desiredCanaries: canariesAtFirst(),
            autoPromote: strategy.autoPromote, autoRevert: strategy.autoRevert,
            progressDeadline: strategy.progressDeadline)
    }
}

extension [Reconciliation.Want] {
    /// The same for canaries, which run the newest version.
    fileprivate func asCanaries() -> Self {
        map { want in
            var want = want
            want.isCanary = true
            want.jobVersion = nil
            return want
        }
    }
}
