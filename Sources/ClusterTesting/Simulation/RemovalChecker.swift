import ClusterKit

/// What is let go of: nothing that may still run, that is still to be looked at, or to which something leads that
/// stays. Written from the promises, not from the code.
extension World {
    /// Checks what `batch` took out of `before`.
    func checkRemovals(_ batch: ChangeBatch, from before: Snapshot, to after: Snapshot) {
        for change in batch.changes {
            switch change {
            case .removeAllocation(let id): checkRemoval(of: id, from: before)
            case .removeEvaluation(let id):
                guard let evaluation = before.evaluations[id], evaluation.isOpen else { continue }
                forgotten("evaluation \(id.short) of \(evaluation.job) is \(evaluation.status)")
            case .removeDeployment(let id):
                guard let deployment = before.deployments[id], deployment.isActive else { continue }
                forgotten("the roll-out of \(deployment.job) version \(deployment.jobVersion) goes on")
            case .removeJobVersion(let version): checkRemoval(of: version, in: after)
            case .removeNode(let id): checkRemoval(of: id, batch, from: before)
            case .removeJob(let id): checkRemoval(of: id, batch, from: before)
            default: break
            }
        }
    }

    private func forgotten(_ detail: String) { violate("nothing that is needed is forgotten", detail) }

    /// What a machine runs is known as long as its node is: an agent that is heard of ends what counts as lost.
    private func checkRemoval(of id: AllocationID, from before: Snapshot) {
        guard let allocation = before.allocations[id], let node = before.nodes[allocation.node],
            allocation.client != .lost || node.status == .down,
            let agent = agents.first(where: { $0.node.id == node.id }),
            agent.machine.running.contains(where: { $0.run.allocation == id })
        else { return }
        violate(
            "nothing that runs is forgotten",
            "\(allocation.name) \(id.short) is \(allocation.client), and runs on \(node.name), which is \(node.status)")
    }

    /// The version of what runs, of what is rolled out, and the newest one stay.
    private func checkRemoval(of version: JobVersion, in after: Snapshot) {
        let user = after.allocations(of: version.job).first { !$0.isTerminal && $0.jobVersion == version.version }
        if let user { return forgotten("version \(version.version) of \(version.job), which \(user.id.short) runs") }
        let isRolledOut = after.deployments(of: version.job).contains {
            $0.isActive && $0.jobVersion == version.version
        }
        guard isRolledOut || after.jobs[version.job]?.version == version.version else { return }
        forgotten("version \(version.version) of \(version.job), which is the newest, or is rolled out")
    }

    /// A node goes when nothing is heard of it and nothing is taken to run there, or because someone asks for it: then
    /// the jobs on it are looked at.
    private func checkRemoval(of id: NodeID, _ batch: ChangeBatch, from before: Snapshot) {
        guard let node = before.nodes[id] else { return }
        let looks = Set(
            batch.changes.compactMap { change -> JobID? in
                guard case .putEvaluation(let evaluation) = change, evaluation.trigger == .nodeUpdate else {
                    return nil
                }
                return evaluation.job
            })
        let left = before.allocations(on: id).first { !$0.isTerminal && !looks.contains($0.job) }
        if let left { forgotten("\(node.name), where \(left.name) is \(left.client)") }
    }

    /// A job goes because someone asks for it, and then it is looked at once more, or because it is over.
    private func checkRemoval(of id: JobID, _ batch: ChangeBatch, from before: Snapshot) {
        let isAskedFor = batch.changes.contains { change in
            guard case .putEvaluation(let evaluation) = change else { return false }
            return evaluation.job == id && evaluation.trigger == .jobDeregister
        }
        guard !isAskedFor, let record = before.jobs[id] else { return }
        if !record.stopped, record.job.isParent || !record.job.kind.isFinite {
            return forgotten("\(id), which stands until someone stops it")
        }
        if let left = before.allocations(of: id).first(where: { !$0.isTerminal }) {
            return forgotten("\(id), of which \(left.id.short) is \(left.client)")
        }
        if let open = before.openEvaluations(of: id).first {
            forgotten("\(id), of which evaluation \(open.id.short) is \(open.status)")
        }
    }
}
