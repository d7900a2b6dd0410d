import Synchronization

/// Roll-outs and versions.
extension Server {
    /// Changes how a roll-out goes on: promotes canaries, pauses, resumes, gives it up, or says which instances are
    /// well.
    ///
    /// - Throws: `.notFound` when there is no such roll-out, `.invalid` when it has ended or canaries are not well.
    public func order(
        _ order: DeploymentOrder, of id: DeploymentID, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: snapshot.deployments[id]?.job.namespace ?? "default"))
        return try await receipt(for: .orderDeployment(id, order))
    }

    /// Runs a job as an older version states it: a new version that says the same.
    ///
    /// - Parameter newest: revert only if this is the newest version.
    /// - Throws: `.notFound` when the version is not kept, `.invalid` when it is the newest, and for a note that is
    ///   longer than `ChangeNote` allows, `.conflict` when another is the newest.
    public func revert(
        _ job: JobID, to version: Int, ifVersion newest: Int? = nil, note: ChangeNote? = nil,
        as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        if let mistake = note?.mistake { throw ClusterError(.invalid, mistake) }
        return try await receipt(for: .revert(job, to: version, ifVersion: newest, note: note))
    }

    /// Says whether a failed roll-out may return to a version.
    ///
    /// - Throws: `.notFound` when the version is not kept.
    public func setStability(
        _ job: JobID, version: Int, isStable: Bool, as caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .setStability(job, version: version, isStable: isStable))
    }

    /// Gives a version a name, by which it is kept; `nil` takes the name away.
    ///
    /// - Throws: `.notFound` when the version is not kept, `.conflict` when another version has the name, `.invalid`
    ///   for a name of no or more than `VersionTag.longestName` bytes or with control characters, and for a description
    ///   that is longer than a reason may be.
    public func tag(
        _ job: JobID, version: Int, as name: String?, description: String = "", by caller: Caller = .anonymous
    ) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        let tag = name.map { VersionTag(name: $0, description: description, time: time.now().wall) }
        if let mistake = tag?.mistake { throw ClusterError(.invalid, mistake) }
        return try await receipt(for: .tag(job, version: version, tag))
    }

    /// Takes a name away from the version of a job that has it.
    ///
    /// - Throws: `.notFound` when none has it.
    public func untag(_ job: JobID, name: String, by caller: Caller = .anonymous) async throws -> Receipt {
        try authorize(caller, to: .writeJobs(namespace: job.namespace))
        return try await receipt(for: .untag(job, name: name))
    }

    /// What registering a job would change, and which instances it would restart. Changes nothing.
    ///
    /// - Parameter revision: plan only if the job's statement has not changed since; `.zero` means that there must be
    ///   none.
    /// - Throws: `.invalid` with every mistake in the job, `.conflict` when it has changed.
    public func plan(
        _ spec: some JobSpec, ifUnchangedSince revision: Revision? = nil, as caller: Caller = .anonymous
    ) async throws -> JobPlan {
        let job = try spec.job().validated()
        try authorize(caller, to: .readJobs(namespace: job.id.namespace))
        if let periodic = job.periodic { _ = try zones.rules(of: periodic.timeZone) }
        // Every node may be looked at, which the threads that serve requests must not feel.
        return try await BlockingWork.run { [self] in
            let snapshot = self.snapshot
            var entropy = Entropy(seed: UInt64(truncatingIfNeeded: snapshot.revision.number))
            return try JobPlan(
                for: job, on: snapshot, ifUnchangedSince: revision, scheduler: scheduler,
                configuration: configuration, keeping: kept.withLock { $0 }, at: time.now().wall, using: &entropy)
        }
    }
}
