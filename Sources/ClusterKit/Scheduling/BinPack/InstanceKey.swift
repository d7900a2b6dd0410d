/// A group of a job: what anti-affinity counts.
struct InstanceKey: Hashable, Sendable {
    var job: JobID
    var group: String
}
