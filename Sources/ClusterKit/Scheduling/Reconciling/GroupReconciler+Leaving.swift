/// Instances that leave.
extension GroupReconciler {
    /// An instance that finishes its present work ends once it has none.
    mutating func retire(_ allocation: Allocation, into result: inout Reconciliation) {
        retiring.insert(allocation.index)
        guard allocation.work?.isBusy != true else { return }
        result.stops.append(.init(allocation: allocation.id, reason: "instance was retired, and its work is done"))
    }

    /// The successor of an instance whose node is to be empty. Until the drain's deadline it runs on while no other
    /// node has room; after that it ends in any case.
    func leave(_ allocation: Allocation, into result: inout Reconciliation) -> Reconciliation.Want? {
        // Asked of every instance, and hardly one leaves.
        guard allocation.wish?.leavesNode == true else { return nil }
        let node = head.nodes[allocation.node]?.name ?? allocation.nodeName
        switch allocation.wish {
        case .migrate:
            let reason = "node \(node) is drained"
            return successor(of: allocation, .whenPlaced(reason), reason)
        case .forceMigrate:
            let reason = "node \(node) is drained, and the time for that is over"
            result.stops.append(.init(allocation: allocation.id, reason: reason))
            return successor(of: allocation, nil, reason)
        case .retire, .replace, nil: return nil
        }
    }

    /// It runs the version that the group has there: a drain rolls nothing out that has not proved itself.
    private func successor(
        of allocation: Allocation, _ retirement: Reconciliation.Retirement?, _ reason: String
    ) -> Reconciliation.Want {
        var want = want(allocation.index, after: allocation, retirement, reason: reason)
        want.jobVersion = keptVersion(of: allocation)
        return want
    }
}
