/// Names a group across all jobs.
struct GroupKey: Hashable, Sendable {
    var job: JobID
    var group: String
}

extension PlacementSubject {
    var key: GroupKey { GroupKey(job: job.id, group: group.name) }
}
