extension Server {
    // MARK: - Reading

    /// The newest durable state.
    public var snapshot: Snapshot { store.durable }

    /// The state as soon as `topic` has changed since `revision`, or after `wait`.
    public func snapshot(of topic: Topic, beyond revision: Revision, atMost wait: Duration) async -> Snapshot {
        let store = store
        await hub.wait(for: topic, atMost: wait) { topic.revision(in: store.durable) > revision }
        return store.durable
    }

    /// All durable changes after `cursor`, as they come.
    public func changes(after cursor: Cursor) -> Follow { store.follow(after: cursor) }

    /// Throws `ClusterError.Code.denied` when `caller` may not do `action`.
    public func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {
        try authorizer.authorize(caller, to: action)
    }

    // MARK: - Writing

    /// Runs a job, or runs it like this from now on. Returns when that is durable.
    ///
    /// - Parameters:
    ///   - source: the text it was made from, kept for those who want to see it again.
    ///   - revision: write only if the job's statement has not changed since; `.zero` means that there must be none.
    ///   - note: who wants it, and why: kept with the version.
    ///   - keepingCounts: whether groups that are there keep the counts that they have.
    /// - Throws: `.invalid` with every mistake in the job, and for a note that is longer than `ChangeNote` allows,
    ///   `.conflict` when it has changed, `.storeRefused` when the disk is full.
    public func register(
        _ spec: some JobSpec, source: JobSource? = nil, ifUnchangedSince revision: Revision? = nil,
        note: ChangeNote? = nil, keepingCounts: Bool = false, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        let job = try spec.job().validated()
        try authorize(caller, to: .writeJobs(namespace: job.id.namespace))
        if let mistake = note?.mistake { throw ClusterError(.invalid, mistake) }
        if let periodic = job.periodic { _ = try zones.rules(of: periodic.timeZone) }
        return try await receipt(
            for: .register(job, source: source, ifUnchangedSince: revision, note: note, keepingCounts: keepingCounts))
    }

    /// Ends everything of a job; with `purge`, forgets it as well.
    public func stop(_ job: JobID, purge: Bool = false, as caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .stop(job, purge: purge))
    }

    /// Changes how many instances of a group run. What runs already is not touched when the count grows; when it is
    /// lowered, what failed goes first, then what is idle, then what would lose least.
    ///
    /// - Throws: `.invalid` when the group's scaling block does not allow the count.
    public func scale(
        _ job: JobID, group: String, to count: Int, message: String = "", as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try await scale(job, ScalingRequest(group: group, count: count, message: message), as: caller)
    }

    /// Changes how many instances of a group run, or leaves words about that; the last twenty events are kept.
    ///
    /// - Throws: `.invalid` when the group's scaling block does not allow the count, and for a meta that is longer than
    ///   `ScalingRequest.longestMeta`, `.conflict` when the job has changed since the revision that the wish names.
    public func scale(
        _ job: JobID, _ wish: ScalingRequest, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .scale(job, wish))
    }

    /// Lets an instance finish its present work and end. Its group wants one less at once, so that nothing takes its
    /// place, and the instance no longer counts; one that tells nothing of its work ends at once.
    ///
    /// - Throws: `.invalid` when it has ended, or the group's scaling block allows no smaller count.
    public func retire(_ id: AllocationID, as caller: Caller = .anonymous) async throws -> Receipt {
        let namespace = snapshot.allocations[id]?.job.namespace ?? "default"
        try authorize(caller, to: .writeJobs(namespace: namespace))
        return try await receipt(for: .retire(id))
    }

    /// Tells how an instance's work stands, so that the right one goes when fewer are wanted.
    ///
    /// - Throws: `.invalid` for a progress outside of 0...1, and for an instance that has ended.
    public func setWork(
        _ work: WorkStatus, of id: AllocationID, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        let namespace = snapshot.allocations[id]?.job.namespace ?? "default"
        try authorize(caller, to: .writeJobs(namespace: namespace))
        return try await receipt(for: .setWork(id, work))
    }

    /// Forgets a node; what ran there counts as lost. An agent that still runs makes the node known again.
    public func purge(_ node: NodeID, as caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeNodes)
        return try await receipt(for: .purgeNode(node))
    }

    /// Looks again at the jobs that have something on a node, and at those that run on every node.
    public func evaluate(_ node: NodeID, as caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeNodes)
        return try await receipt(for: .evaluateNode(node))
    }

    /// Begins the work of a periodic job now, whatever its schedule says. The receipt names the job that this made.
    public func force(_ job: JobID, as caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .force(job))
    }

    /// Begins the work of a parameterized job with what `order` gives. The receipt names the job that this made; for a
    /// repeated order with the same token, the one that the first made.
    ///
    /// - Throws: `.invalid` when the order gives other words or bytes than the job asks for.
    public func dispatch(
        _ job: JobID, _ order: DispatchOrder = DispatchOrder(), as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .dispatch(job, order))
    }

    /// When the schedule of a periodic job begins it next; `nil` when it does not.
    public func nextLaunch(of job: JobID) -> WallTime? {
        let snapshot = snapshot
        guard let record = snapshot.jobs[job], !record.stopped, let spec = record.job.periodic, spec.isEnabled,
            let rules = try? zones.rules(of: spec.timeZone), let schedule = try? Schedule(spec, in: rules)
        else { return nil }
        let now = time.now().wall
        let done = Timetable.done(of: record, launched: snapshot.launches[job]?.time, at: now)
        return schedule.next(after: max(now, done))
    }

    /// Looks at a job again.
    ///
    /// - Parameter replacingFailed: places what failed anew at once, without the waits and limits of `reschedule`.
    public func evaluate(
        _ job: JobID, replacingFailed: Bool = false, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .evaluate(job, replacingFailed: replacingFailed))
    }

    /// Ends one allocation; another takes its place.
    public func stopAllocation(_ id: AllocationID, as caller: Caller = .anonymous) async throws -> Receipt {
        let namespace = snapshot.allocations[id]?.job.namespace ?? "default"
        try authorize(caller, to: .writeJobs(namespace: namespace))
        return try await receipt(for: .stopAllocation(id))
    }

    /// Lets a node take new work, or not.
    public func setEligibility(
        _ node: NodeID, _ eligibility: NodeEligibility, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeNodes)
        return try await receipt(for: .setEligibility(node, eligibility))
    }

    /// Moves away what runs on a node: instances of services by their groups' rules, what ends by itself when it ended,
    /// and what runs everywhere last. The node takes no new work, also after that, until it is made eligible.
    ///
    /// - Parameters:
    ///   - limit: when what still runs is stopped.
    ///   - ignoringSystemJobs: leaves what runs everywhere where it is.
    ///   - reason: why, in at most 256 bytes, for whoever looks at the node.
    /// - Throws: `.notFound` when there is no such node, `.invalid` for a time limit of nothing or of more than a year.
    public func drain(
        _ node: NodeID, limit: DrainLimit = .standard, ignoringSystemJobs: Bool = false, reason: String = "",
        as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeNodes)
        return try await receipt(for: .drain(node, limit, ignoringSystemJobs: ignoringSystemJobs, reason: reason))
    }

    /// Ends a drain: what has not left its node stays there.
    ///
    /// - Parameter makingEligible: whether the node takes new work again.
    public func endDrain(
        _ node: NodeID, makingEligible: Bool = true, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeNodes)
        return try await receipt(for: .endDrain(node, makingEligible: makingEligible))
    }

    /// Has new work placed by other rules; what runs already is left alone.
    ///
    /// - Parameter revision: write only if that was the last to change the rules; `.zero` means that nobody has.
    /// - Throws: `.conflict` when they have changed since.
    public func setSchedulingRules(
        _ rules: SchedulingRules, ifUnchangedSince revision: Revision? = nil, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeServers)
        return try await receipt(for: .setSchedulingRules(rules, ifUnchangedSince: revision))
    }

    /// Lets go of all that has ended and that nothing leads to, whatever its age: jobs, allocations, evaluations,
    /// roll-outs and nodes that are down. Returns when that is durable.
    public func collectGarbage(as caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeServers)
        return try await receipt(for: .collect)
    }
}
