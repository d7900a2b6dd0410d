/// Instances that leave.
extension GroupReconciler {
    /// An instance that finishes its present work ends once it has none.
    mutating func retire(_ allocation: Allocation, into result: inout Reconciliation) {
        retiring.insert(allocation.index)
        guard allocation.work?.isBusy != true else { return }
        retired.insert(allocation.index)
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

    /// Notes an instance that was told to end, and beside which nothing of its name may run.
    mutating func note(leaving allocation: Allocation) {
        leaving.insert(allocation.index)
        if allocation.endsForSuccessor { followed.insert(allocation.index) }
    }

    /// How many of `missing` instances wait for the numbers of those that are leaving: the successors of those that
    /// ended for one, and others as far as nobody left a number below `count` free. Whoever leaves because fewer are
    /// wanted is waited for by nobody.
    func awaited(by missing: Int, below count: Int) -> Int {
        guard missing > 0, !leaving.isEmpty else { return 0 }
        let followers = min(missing, leaving.intersection(followed).count)
        let free = (0..<count).count(where: isFree)
        return followers + max(0, min(leaving.count - followers, missing - followers - free))
    }
}

extension Allocation {
    /// Whether it was told to end so that another may have its number.
    fileprivate var endsForSuccessor: Bool { followUp != nil || wish?.leavesNode == true }
}
