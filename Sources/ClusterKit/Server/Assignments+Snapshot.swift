extension Assignments {
    /// What `node` shall run in `snapshot`: all allocations placed on it whose end is not confirmed.
    package init(for node: NodeID, in snapshot: Snapshot) {
        let allocations = snapshot.allocations(on: node).filter { !$0.isTerminal }.map { allocation in
            // A purged job leaves nothing to run, only allocations to end.
            var job = snapshot.job(of: allocation) ?? Job(id: allocation.job)
            job.groups.removeAll { $0.name != allocation.group }
            return Assignment(allocation: allocation, job: job)
        }
        self.init(stamp: ViewStamp(epoch: snapshot.epoch, revision: snapshot.revision), allocations: allocations)
    }

    /// Whether `snapshot` holds something for `node` that a view of `stamp` does not show. A view of another leadership
    /// may be of another history, so it is always replaced.
    package static func isNewer(for node: NodeID, than stamp: ViewStamp, in snapshot: Snapshot) -> Bool {
        stamp.epoch != snapshot.epoch || stamp.revision > snapshot.revision
            || snapshot.allocationsByNode.modifyRevision(of: node) > stamp.revision
    }
}
