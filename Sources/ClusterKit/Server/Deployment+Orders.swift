/// How roll-outs react to what people and time say.
extension Deployment {
    /// Takes the canaries of some groups, or of all that have any, for good.
    mutating func promote(_ names: [String]?, in head: Snapshot, at time: WallTime) throws(ClusterError) {
        let waiting = groups.filter { $0.value.desiredCanaries > 0 && !$0.value.isPromoted }.keys.sorted()
        let chosen = names.map { Array(Set($0)).sorted() } ?? waiting
        for name in chosen where groups[name] == nil {
            throw ClusterError(
                .invalid,
                "deployment \(id.short) has no group \(name); its groups are: "
                    + groups.keys.sorted().joined(separator: ", "))
        }
        let promoted = chosen.filter { waiting.contains($0) }
        guard !promoted.isEmpty else {
            throw ClusterError(.invalid, "deployment \(id.short) has no canaries to promote")
        }
        for name in promoted {
            guard let group = groups[name] else { continue }
            let healthy = group.healthyCanaries(in: head)
            guard healthy >= group.desiredCanaries else {
                throw ClusterError(
                    .invalid,
                    "Task group \"\(name)\" has \(healthy)/\(group.desiredCanaries) healthy allocations; "
                        + "wait until all canaries are well, or fail the deployment")
            }
        }
        for name in promoted { groups[name]?.promote(at: time) }
        if status == .running { describeRunning() }
        modifyTime = time
    }

    /// Goes on with a paused roll-out.
    mutating func resume(at time: WallTime) {
        status = .running
        describeRunning()
        modifyTime = time
        resumeTime = time
        for name in groups.keys where groups[name]?.requireProgressBy != nil {
            groups[name]?.expectProgress(after: time)
        }
    }

    /// Takes all canaries for good when they are well and every group that has some wants that without being asked.
    /// `verdicts` are newer than `head`.
    mutating func promoteItself(in head: Snapshot, judging verdicts: [AllocationID: Bool] = [:], at time: WallTime) {
        guard status == .running, promotesItself(in: head, judging: verdicts) else { return }
        for name in groups.keys where groups[name]?.desiredCanaries ?? 0 > 0 { groups[name]?.promote(at: time) }
        describeRunning()
    }

    private func promotesItself(in head: Snapshot, judging verdicts: [AllocationID: Bool]) -> Bool {
        #if MUTANTS
            if Sabotage.active == .forgottenPromotion { return false }
        #endif
        let waiting = groups.values.filter { $0.desiredCanaries > 0 && !$0.isPromoted }
        return !waiting.isEmpty && asksForPromotion
            && waiting.allSatisfy { group in
                guard group.placedCanaries.count >= group.desiredCanaries else { return false }
                let healthy = group.placedCanaries.count { id in
                    guard let allocation = head.allocations[id], allocation.isLive else { return false }
                    #if MUTANTS
                        if Sabotage.active == .hastyPromotion { return true }
                    #endif
                    return verdicts[id] ?? allocation.health?.isHealthy ?? false
                }
                return healthy >= group.desiredCanaries
            }
    }
}

extension DeploymentGroup {
    /// Takes the canaries for good.
    mutating func promote(at time: WallTime) {
        isPromoted = true
        expectProgress(after: time)
    }

    /// Gives the next instance a whole deadline.
    mutating func expectProgress(after time: WallTime) {
        requireProgressBy = progressDeadline > .zero ? time + progressDeadline : nil
    }

    /// Counts what was found of an instance.
    mutating func count(_ isHealthy: Bool, instead of: Bool?, at time: WallTime) {
        if of == true { healthy -= 1 }
        if of == false { unhealthy -= 1 }
        if isHealthy {
            healthy += 1
            expectProgress(after: time)
        } else {
            unhealthy += 1
        }
    }

    /// Whether the group has not come as far as it has to.
    func lacksProgress(in head: Snapshot) -> Bool { !isSettled(in: head) }
}
