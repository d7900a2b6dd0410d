/// The rules that a node meets or not, whatever room it has: the first of the two phases of a placement.
///
/// The answer depends on the job, the group and the node's own description only, so it is worth keeping.
struct NodeFilter {
    private let job: Job
    private let drivers: [String]
    private let constraints: [Constraint]

    init(_ job: Job, _ group: TaskGroup) {
        self.job = job
        drivers = Set(group.tasks.map(\.driver)).sorted()
        constraints = job.constraints + group.constraints + group.tasks.flatMap(\.constraints)
    }

    /// The first rule that `node` breaks, by the name under which refusals count it; `nil` when it meets all.
    func failure(on node: Node) -> String? {
        if node.status != .ready { return "node is not ready" }
        if node.eligibility != .eligible { return "node is not eligible" }
        return mismatch(on: node)
    }

    /// Like `failure` without asking whether the node takes new work: what holds for instances that run there already.
    func mismatch(on node: Node) -> String? {
        if !job.datacenters.contains(where: { Glob.matches($0, node.datacenter) }) { return "datacenter" }
        if job.nodePool != "all", job.nodePool != node.pool { return "node pool" }
        let missing = drivers.filter { node.drivers[$0] == nil }
        if !missing.isEmpty { return "missing drivers \(Self.quoted(missing))" }
        let unhealthy = drivers.filter { node.drivers[$0]?.healthy == false }
        if !unhealthy.isEmpty { return "unhealthy drivers \(Self.quoted(unhealthy))" }
        return constraints.first { !ConstraintCheck.holds($0, on: node) }?.description
    }

    private static func quoted(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
