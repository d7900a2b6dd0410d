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
        /// The instance that is explained; `nil` for the next one to be placed.
        public let allocation: Allocation?
        /// The state that is explained: the one in which the instance was given its node, as long as that is kept, else
        /// the newest without the instance.
        public let revision: Revision
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
        let waiting = waitingList
        let gates = JobGates(record.job, in: snapshot)
        return PlacementReport(
            job: job,
            groups: groups.compactMap { report(on: $0, of: record, asked, waiting, gates, in: snapshot) })
    }

    private func report(
        on group: TaskGroup, of record: JobRecord, _ asked: Allocation?, _ waiting: WaitingList, _ gates: JobGates,
        in snapshot: Snapshot
    ) -> PlacementReport.Group? {
        let job = record.job.id
        let live = snapshot.allocations(of: job).filter { $0.group == group.name && $0.isLive }
        let place = waiting.groups(of: job).first { $0.group == group.name }
        let awaits = live.count < group.count ? gates.obstacles(for: group.name) : []
        let latest = live.max { ($0.createRevision, $0.id) < ($1.createRevision, $1.id) }
        let explained = asked ?? (place == nil && awaits.isEmpty ? latest : nil)
        var state = explained.flatMap(history.state) ?? snapshot
        var request = explained.flatMap { self.request(for: $0, in: state) }
        if let explained, state.allocations[explained.id] != nil { state = state.without(explained.id) }
        if request == nil, let subject = PlacementSubject(record.job, group: group.name) {
            request = PlacementRequest(allocation: AllocationID(high: 0, low: 0), subject: subject)
            // What is kept for those behind it is not kept from it.
            let before = waiting.groups.prefix { $0.job != job || $0.group != group.name }
            request?.withheld = Set(before.flatMap(\.keptNodes))
        }
        guard let request else { return nil }
        return PlacementReport.Group(
            name: group.name, count: group.count, placed: live.count, waiting: place, awaits: awaits,
            allocation: explained, revision: state.revision, explanation: scheduler.explain(request, on: state))
    }

    /// What was asked for an instance when it was placed.
    private func request(for allocation: Allocation, in state: Snapshot) -> PlacementRequest? {
        let record =
            state.jobVersions[JobVersion(allocation.job, allocation.jobVersion)]
            ?? snapshot.jobVersions[JobVersion(allocation.job, allocation.jobVersion)]
        guard let job = record?.job, let subject = PlacementSubject(job, group: allocation.group) else { return nil }
        return PlacementRequest(
            allocation: AllocationID(high: 0, low: 0), subject: subject,
            avoided: Set(allocation.reschedules.map(\.node)))
    }
}

extension Snapshot {
    /// The state as if an allocation had never been.
    fileprivate func without(_ allocation: AllocationID) -> Snapshot {
        var copy = self
        copy.apply(
            ChangeBatch(
                revision: revision.next, epoch: epoch, time: WallTime(nanoseconds: 0),
                changes: [.removeAllocation(allocation)]))
        return copy
    }
}
