extension ServerCore {
    /// Changes the count of a group within its bounds, and keeps why.
    mutating func scale(
        _ id: JobID, _ wish: ScalingRequest, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        var record = try record(of: id)
        if let expected = wish.revision { try Self.check(record, isUnchangedSince: expected) }
        let place = try self.place(of: wish.group, in: record)
        try check(wish, of: record)
        var event = ScalingEvent(
            time: now.wall, count: wish.count, previousCount: record.job.groups[place].count, message: wish.message,
            isError: wish.isError, meta: wish.meta)
        guard let count = wish.count else {
            commit([note(event, of: wish.group, in: id)], at: now, into: &effects)
            return Receipt(jobModifyRevision: record.jobModifyRevision, revision: head.revision)
        }
        let evaluation = makeEvaluation(of: record.job, .jobScaling, at: now, using: &entropy)
        event.evaluation = evaluation.id
        let noted = note(event, of: wish.group, in: id)
        guard record.job.groups[place].count != count else {
            return try write([noted], with: evaluation, at: now, into: &effects)
        }
        try requireNoHalt(of: record, wish.group)
        record.job.groups[place].count = count
        record.version += 1
        record.makeNew()
        record.submitTime = now.wall
        return try write([.putJob(record), noted], with: evaluation, at: now, into: &effects)
    }

    /// A new version would go on with a roll-out that someone stopped, or draw its canaries anew.
    private func requireNoHalt(of record: JobRecord, _ group: String) throws(ClusterError) {
        guard let newest = head.deployments(of: record.job.id).last(where: \.isActive) else { return }
        let state: String
        if newest.status == .paused {
            state = "is paused; resume"
        } else if newest.groups.values.contains(where: { $0.desiredCanaries > 0 && !$0.isPromoted }) {
            state = "waits for its canaries; promote"
        } else if newest.groups[group]?.desiredCanaries ?? 0 > 0, isOutdated(group, of: record) {
            state = "has not ended; wait for it"
        } else {
            return
        }
        throw ClusterError(
            .conflict,
            "job scaling blocked due to active deployment: the roll-out of version \(newest.jobVersion) \(state) "
                + "or fail deployment \(newest.id.short) first")
    }

    /// Whether an instance of a group has still to be replaced for the newest version to hold.
    private func isOutdated(_ name: String, of record: JobRecord) -> Bool {
        guard let group = record.job.group(name) else { return false }
        var versions = VersionCheck(record, [group], head: head) {
            JobChange.needsReplacement(group: $2, from: $0, to: $1)
        }
        return head.allocations(of: record.job.id).contains {
            $0.group == name && $0.isLive && versions.outdated($0, in: group) != nil
        }
    }

    private func place(of group: String, in record: JobRecord) throws(ClusterError) -> Int {
        let id = record.job.id
        guard !record.stopped else {
            throw ClusterError(.invalid, "job \(id) is stopped; register it again before scaling it")
        }
        guard let place = record.job.groups.firstIndex(where: { $0.name == group }) else {
            let names = record.job.groups.map(\.name).joined(separator: ", ")
            throw ClusterError(.invalid, "job \(id) has no group \(group); its groups are: \(names)")
        }
        guard !record.job.kind.runsEverywhere else {
            throw ClusterError(
                .invalid,
                "job \(id) is of type \(record.job.kind.rawValue), which has one instance on each node that passes; "
                    + "change its constraints instead")
        }
        return place
    }

    private func check(_ wish: ScalingRequest, of record: JobRecord) throws(ClusterError) {
        guard wish.message.utf8.count <= 1024, wish.meta.count <= 64 else {
            throw ClusterError(.invalid, "the message of a scaling event has at most 1024 bytes, its meta 64 words")
        }
        let metaBytes = wish.meta.encoded.count
        guard metaBytes <= ScalingRequest.longestMeta else {
            throw ClusterError(
                .invalid,
                "the meta of a scaling event has at most \(ScalingRequest.longestMeta) bytes as it is kept, this has "
                    + "\(metaBytes)")
        }
        guard let count = wish.count else { return }
        guard !wish.isError else {
            throw ClusterError(.invalid, "an event that tells of an error changes no count; leave Count out")
        }
        guard (0...JobLimits.count).contains(count) else {
            throw ClusterError(
                .invalid, "count of group \(wish.group) must lie in 0...\(JobLimits.count), it is \(count)")
        }
        guard let bounds = record.job.group(wish.group)?.scaling else { return }
        if count < bounds.min {
            throw ClusterError(
                .invalid,
                "group count was less than scaling policy minimum: \(count) < \(bounds.min); change the scaling block "
                    + "of group \(wish.group) to allow it")
        }
        if count > bounds.max {
            throw ClusterError(
                .invalid,
                "group count was greater than scaling policy maximum: \(count) > \(bounds.max); change the scaling "
                    + "block of group \(wish.group) to allow it")
        }
    }

    private func note(_ event: ScalingEvent, of group: String, in job: JobID) -> Change {
        var history = head.scaling[job] ?? ScalingHistory(job: job)
        history.note(event, of: group)
        return .putScalingEvents(history)
    }

    // MARK: - Work

    /// Lets an instance finish its present work. Its group wants one less at once, so nothing takes its place.
    mutating func retire(
        _ id: AllocationID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var allocation = head.allocations[id] else { throw ClusterError(.notFound, "alloc not found") }
        guard allocation.isLive else {
            throw ClusterError(.invalid, "allocation \(id.short) has ended, or is about to; there is nothing to retire")
        }
        guard allocation.wish != .retire else { return Receipt(revision: head.revision) }
        var record = try record(of: allocation.job)
        try requireNoHalt(of: record, allocation.group)
        let place = try self.place(of: allocation.group, in: record)
        let count = record.job.groups[place].count
        let wish = ScalingRequest(
            group: allocation.group, count: max(0, count - 1), message: "allocation \(id.short) was retired")
        try check(wish, of: record)
        allocation.wish = .retire
        allocation.modifyTime = now.wall
        let evaluation = makeEvaluation(of: record.job, .jobScaling, at: now, using: &entropy)
        let event = ScalingEvent(
            time: now.wall, count: wish.count, previousCount: count, message: wish.message, evaluation: evaluation.id)
        record.job.groups[place].count = max(0, count - 1)
        record.version += 1
        record.makeNew()
        record.submitTime = now.wall
        return try write(
            [.putJob(record), .putAllocation(allocation), note(event, of: wish.group, in: allocation.job)],
            with: evaluation, at: now, into: &effects)
    }

    /// Takes in how an instance's work stands, from whoever knows.
    mutating func setWork(
        _ work: WorkStatus, of id: AllocationID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var allocation = head.allocations[id] else { throw ClusterError(.notFound, "alloc not found") }
        guard work.keepCost.isFinite, work.progress.map({ (0...1).contains($0) }) ?? true else {
            throw ClusterError(.invalid, "the progress of work lies in 0...1, and what is lost with it is a number")
        }
        guard allocation.isLive else {
            throw ClusterError(.invalid, "allocation \(id.short) has ended, or is about to; it has no work")
        }
        guard allocation.work?.saysTheSame(as: work) != true else { return Receipt(revision: head.revision) }
        allocation.work = work
        allocation.work?.time = now.wall
        allocation.modifyTime = now.wall
        var changes: [Change] = [.putAllocation(allocation)]
        if allocation.wish == .retire, !work.isBusy {
            changes += looks(at: [allocation], because: .jobScaling, at: now, using: &entropy)
        }
        commit(changes, at: now, into: &effects)
        return Receipt(revision: head.revision)
    }
}
