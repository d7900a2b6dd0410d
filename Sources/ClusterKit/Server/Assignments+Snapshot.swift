extension Assignments {
    /// What `node` shall run in `snapshot`: all allocations placed on it whose end is not confirmed, but those that
    /// take the place of others which have not ended yet. The end of each of those changes the node's view.
    ///
    /// Agents know nothing of the rules of placement: what tasks may use by them is stated in the job that they get.
    /// What is between servers and operators alone they are not told: an agent of an older version could not read new
    /// words.
    package init(for node: NodeID, in snapshot: Snapshot) {
        let current = snapshot.allocations(on: node).filter { !$0.isTerminal && !snapshot.awaitsRoom($0) }
        let allocations = current.map { allocation in
            // A purged job leaves nothing to run, only allocations to end.
            var job = snapshot.job(of: allocation) ?? Job(id: allocation.job)
            job.groups.removeAll { $0.name != allocation.group }
            for group in job.groups.indices {
                for task in job.groups[group].tasks.indices {
                    let resources = job.groups[group].tasks[task].resources
                    job.groups[group].tasks[task].resources = snapshot.schedulingRules.granted(resources)
                }
            }
            var allocation = allocation
            (allocation.wish, allocation.next, allocation.followUp) = (nil, nil, nil)
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

extension Snapshot {
    /// Whether others, whose place `allocation` takes, have not ended yet. What is no longer known has ended.
    func awaitsRoom(_ allocation: Allocation) -> Bool {
        allocation.preempted.contains { allocations[$0]?.isTerminal == false }
    }
}
