extension ServerCore {
    /// Runs a job as an older version states it: a new version that says the same.
    mutating func revert(
        _ id: JobID, to version: Int, ifVersion newest: Int?, _ note: ChangeNote?, at now: Now,
        using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let record = try record(of: id)
        if let newest, newest != record.version {
            throw ClusterError(
                .conflict,
                "Current job has version \(record.version); enforcing version \(newest)\(record.lastChange)")
        }
        guard version != record.version else {
            throw ClusterError(.invalid, "can't revert to current version")
        }
        let old = try self.record(of: id, version)
        let warnings = try head.checkGates(of: old.job)
        let why = note ?? ChangeNote(author: "", reason: "reverted to version \(version)")
        let evaluation = makeEvaluation(of: old.job, .jobRegister, at: now, using: &entropy)
        var receipt = try write(
            [.putJob(old.returning(after: record, why, at: now.wall))], with: evaluation, at: now, into: &effects)
        receipt.warnings = warnings
        return receipt
    }

    /// Notes whether a failed roll-out may return to a version.
    mutating func setStability(
        _ id: JobID, _ version: Int, _ isStable: Bool, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        var record = try record(of: id, version)
        guard record.isStable != isStable else { return receipt(for: id) }
        record.isStable = isStable
        commit([.putJob(record)], at: now, into: &effects)
        return receipt(for: id)
    }

    /// Gives a version a name, or takes it away.
    mutating func tag(
        _ id: JobID, _ version: Int, _ tag: VersionTag?, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        var record = try record(of: id, version)
        if var tag {
            let others = head.versionsByJob.members(of: id).compactMap { head.jobVersions[$0] }
            if let other = others.first(where: { $0.tag?.name == tag.name && $0.version != version }) {
                throw ClusterError(
                    .conflict,
                    "tag \"\(tag.name)\" already exists on a different version of job \"\(id.id)\": "
                        + "\(other.version); remove it there first")
            }
            tag.time = now.wall
            record.tag = tag
        } else {
            record.tag = nil
        }
        commit([.putJob(record)], at: now, into: &effects)
        return receipt(for: id)
    }

    /// Takes a name away from whichever version has it now.
    mutating func untag(
        _ id: JobID, _ name: String, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let versions = head.versionsByJob.members(of: id).compactMap { head.jobVersions[$0] }
        guard var record = versions.first(where: { $0.tag?.name == name }) else {
            throw ClusterError(.notFound, "job \(id.id) has no version tagged \"\(name)\"")
        }
        record.tag = nil
        commit([.putJob(record)], at: now, into: &effects)
        return receipt(for: id)
    }

    private func record(of id: JobID, _ version: Int) throws(ClusterError) -> JobRecord {
        _ = try record(of: id)
        guard let record = head.jobVersions[JobVersion(id, version)] else {
            let kept = head.versionsByJob.members(of: id).map { "\($0.version)" }.joined(separator: ", ")
            throw ClusterError(
                .notFound,
                "job \"\(id.id)\" in namespace \"\(id.namespace)\" at version \(version) not found; "
                    + "versions that are kept: \(kept)")
        }
        return record
    }

    private func receipt(for job: JobID) -> Receipt {
        Receipt(jobModifyRevision: head.jobs[job]?.jobModifyRevision ?? .zero, revision: head.revision)
    }
}

extension JobRecord {
    /// Who changed the job last and why, as the end of a sentence; empty when nobody said.
    var lastChange: String {
        guard let note, !note.author.isEmpty || !note.reason.isEmpty else { return " (version \(version))" }
        let author = note.author.isEmpty ? "" : " by \(note.author)"
        return " (version \(version)\(author)\(note.reason.isEmpty ? "" : ": \(note.reason)"))"
    }

    /// Lets go of what belongs to the version before.
    mutating func makeNew() {
        isStable = false
        tag = nil
        note = nil
    }
}
