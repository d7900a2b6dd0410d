/// How much of a job is looked at. What is not looked at stays as it is.
package enum PlanScope: Hashable, Sendable {
    /// All of it.
    case whole
    /// One group, of which instances wait that a node may have room for.
    case group(String)
    /// One node, of a job that runs on every node.
    case node(NodeID)

    /// The one node that `evaluation` is about, where looking at that node is enough: its job runs on every node, and
    /// nothing that waits for room can have counted the node.
    static func node(of evaluation: Evaluation, in head: Snapshot) -> NodeID? {
        guard evaluation.status == .pending, evaluation.trigger == .nodeUpdate, let id = evaluation.node,
            let record = head.jobs[evaluation.job], !record.stopped, record.job.kind.runsEverywhere
        else { return nil }
        let joined = head.nodes.part(of: id, \.createRevision) ?? .zero
        let counted = head.openEvaluations(of: evaluation.job).contains {
            $0.status == .blocked && $0.snapshotRevision >= joined
        }
        return counted ? nil : id
    }

    /// Whether a group is looked at.
    func includes(_ group: String) -> Bool {
        if case .group(let name) = self { name == group } else { true }
    }
}
