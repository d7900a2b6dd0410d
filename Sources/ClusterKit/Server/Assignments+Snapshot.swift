extension Assignments {
    /// What `node` shall run in `snapshot`: all allocations placed on it whose end is not confirmed. Agents do not know
    /// the rules of placement: what tasks may use by them is stated in the job that they get.
    package init(for node: NodeID, in snapshot: Snapshot) {
        let allocations = snapshot.allocations(on: node).filter { !$0.isTerminal }.map { allocation in
            // A purged job leaves nothing to run, only allocations to end.
            var job = snapshot.job(of: allocation) ?? Job(id: allocation.job)
            job.groups.removeAll { $0.name != allocation.group }
            for group in job.groups.indices {
                for task in job.groups[group].tasks.indices {
                    let resources = job.groups[group].tasks[task].resources
                    job.groups[group].tasks[task].resources = snapshot.schedulingRules.granted(resources)
                }
            }
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
