import Synchronization

/// Why the instances of a job are where they are, and what keeps others waiting.
public struct PlacementReport: Sendable {
    /// One group of the job.
    public struct Group: Sendable {
        /// The group.
        public let name: String
        /// How many instances are wanted.
        public let count: Int
        /// How many live.
        public let placed: Int
        /// Where the group stands in the queue; `nil` when nothing of it waits.
        public let waiting: WaitingGroup?
        /// The other work that new instances of the group wait for, in words.
        public let awaits: [String]
        /// Why nothing of the group runs, waits or is to be placed, in words: its work is done, or has failed for good.
        /// Then what one more instance would find is explained. Or why fewer live than are wanted and none waits: the
        /// roll-out stands still. `nil` otherwise.
        public let rest: String?
        /// The instance that is explained; `nil` for the next one to be placed.
        public let allocation: Allocation?
        /// The state that is explained: the one in which the instance was given its node, as long as that is kept, else
        /// the newest without the instance.
        public let revision: Revision
        /// How many others of its gang look for room before the instance. What those take that find some counts as
        /// taken in the explanation, though nobody has it.
        public let besides: Int
        /// What each node says to the instance.
        public let explanation: Explanation
    }

    /// The job.
    public let job: JobID
    /// Its groups, in the order of the job.
    public let groups: [Group]
}

extension Server {
    /// Explains the placement of a job: of each group the instance that waits or, when none does, the latest that was
    /// placed. Computed when it is asked for.
    ///
    /// - Parameters:
    ///   - group: only this group.
    ///   - allocation: this instance instead.
    /// - Throws: `.notFound` when there is no such job, group or instance of the job.
    public func placement(
        of job: JobID, group: String? = nil, allocation: AllocationID? = nil
    ) throws(ClusterError) -> PlacementReport {
        let snapshot = snapshot
        guard let record = snapshot.jobs[job] else { throw ClusterError(.notFound, "job not found") }
        var groups = record.job.groups
        if let group {
            groups.removeAll { $0.name != group }
            guard !groups.isEmpty else {
                let names = record.job.groups.map(\.name).joined(separator: ", ")
                throw ClusterError(.notFound, "job \(job) has no group \"\(group)\"; its groups are: \(names)")
            }
        }
        var asked: Allocation?
        if let allocation {
            guard let found = snapshot.allocations[allocation], found.job == job else {
                throw ClusterError(.notFound, "job \(job) has no alloc \(allocation.short)")
            }
            asked = found
            groups.removeAll { $0.name != found.group }
        }
        var inquiry = PlacementInquiry(
            into: snapshot, scheduler: scheduler, configuration: configuration, history: history,
            keeping: kept.withLock { $0 }, at: time.now().wall)
        return inquiry.report(on: groups, of: record, asked)
    }
}
