/// How many instances of each group of each job hold something, by node; nodes that are not known (any more) included.
struct InstanceCounts: Sendable {
    private var counts: [JobID: [String: [NodeID: Int]]] = [:]

    mutating func add(_ instance: InstanceKey, on node: NodeID) {
        counts[instance.job, default: [:]][instance.group, default: [:]][node, default: 0] += 1
    }

    mutating func remove(_ instance: InstanceKey, from node: NodeID) {
        guard let count = counts[instance.job]?[instance.group]?[node] else { return }
        counts[instance.job]?[instance.group]?[node] = count > 1 ? count - 1 : nil
        if counts[instance.job]?[instance.group]?.isEmpty == true { counts[instance.job]?[instance.group] = nil }
        if counts[instance.job]?.isEmpty == true { counts[instance.job] = nil }
    }

    /// Those of one group.
    func ofGroup(_ instance: InstanceKey) -> [NodeID: Int] { counts[instance.job]?[instance.group] ?? [:] }

    /// Those of all groups of a job.
    func ofJob(_ job: JobID) -> [NodeID: Int] {
        let groups = counts[job] ?? [:]
        guard groups.count != 1, var sum = groups.first?.value else { return groups.first?.value ?? [:] }
        for group in groups.dropFirst() { sum.merge(group.value, uniquingKeysWith: +) }
        return sum
    }
}

/// A group of a job: what anti-affinity counts.
struct InstanceKey: Hashable, Sendable {
    var job: JobID
    var group: String
}
