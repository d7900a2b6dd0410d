import ClusterKit

/// What a job is doing, computed from what is known of it: nothing of this is stored.
enum JobStatus: String {
    /// Something of it is still to be placed or looked at.
    case pending
    /// Something of it runs, or is meant to.
    case running
    /// Nothing of it runs, and nothing will.
    case dead

    /// The status by Nomad's rules: running while an allocation is wanted and not at its end, pending while an
    /// evaluation is open, else dead. A periodic or parameterized job runs until it is stopped.
    init(of job: JobID, in snapshot: Snapshot) {
        if let record = snapshot.jobs[job], record.job.isParent {
            self = record.stopped ? .dead : .running
        } else if snapshot.allocations(of: job).contains(where: \.isLive) {
            self = .running
        } else if !snapshot.openEvaluations(of: job).isEmpty {
            self = .pending
        } else {
            self = .dead
        }
    }
}

/// Counts of a job's allocations, by group and by what they do.
struct JobSummary {
    /// The counts of one group.
    struct Counts: Equatable {
        var queued = 0
        var starting = 0
        var running = 0
        var complete = 0
        var failed = 0
        var lost = 0
        var unknown = 0
    }

    let job: JobID
    /// By group; groups without allocations are there as well.
    private(set) var groups: [String: Counts] = [:]
    /// How many jobs that it made are at which point.
    private(set) var children: [JobStatus: Int] = [:]
    /// The revision that first held the job.
    let createRevision: Revision
    /// The revision that last changed a count.
    let modifyRevision: Revision

    init(of record: JobRecord, in snapshot: Snapshot) {
        job = record.job.id
        createRevision = record.createRevision
        modifyRevision = max(
            record.createRevision, snapshot.allocationsByJob.modifyRevision(of: job),
            snapshot.evaluationsByJob.modifyRevision(of: job))
        for child in snapshot.childrenByJob.members(of: job) {
            children[JobStatus(of: child, in: snapshot), default: 0] += 1
        }
        for group in record.job.groups { groups[group.name] = Counts() }
        for allocation in snapshot.allocations(of: job) {
            groups[allocation.group, default: Counts()].count(allocation.client)
        }
        // A job has at most one evaluation that waits for room, and that one says how much waits.
        let waiting = snapshot.openEvaluations(of: job).first { $0.status == .blocked }
        for name in groups.keys where !record.stopped {
            groups[name]?.queued = waiting?.queued[name] ?? 0
        }
    }
}

extension JobSummary.Counts {
    fileprivate mutating func count(_ status: ClientStatus) {
        switch status {
        case .pending: starting += 1
        case .running: running += 1
        case .complete: complete += 1
        case .failed: failed += 1
        case .lost: lost += 1
        case .unknown: unknown += 1
        }
    }
}
