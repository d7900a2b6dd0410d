/// The bounds of a group's count as autoscalers read them.
public struct ScalingPolicy: Hashable, Sendable {
    /// The identifier: it follows from the names of job and group, and stays the same for as long as those do.
    public var id: Identifier<ScalingPolicy>
    /// The job.
    public var job: JobID
    /// The group.
    public var group: String
    /// The bounds.
    public var bounds: ScalingBounds
    /// The revision that first held the job.
    public var createRevision: Revision
    /// The revision that last changed the job's statement.
    public var modifyRevision: Revision

    /// The policy of a group.
    public init(_ bounds: ScalingBounds, of group: String, in job: JobID) {
        id = Self.identifier(of: group, in: job)
        self.job = job
        self.group = group
        self.bounds = bounds
        createRevision = .zero
        modifyRevision = .zero
    }

    /// Two FNV hashes: equal names give one identifier, and nobody gains by names that collide.
    private static func identifier(of group: String, in job: JobID) -> Identifier<ScalingPolicy> {
        func hash(_ start: UInt64) -> UInt64 {
            [job.namespace, job.id, group].joined(separator: "\0").utf8.reduce(start) {
                ($0 ^ UInt64($1)) &* 0x100_0000_01b3
            }
        }
        return Identifier(high: hash(0xcbf2_9ce4_8422_2325), low: hash(0x8422_2325_cbf2_9ce4))
    }
}

extension JobRecord {
    /// The policies of its groups, in the order of the job; none while the job is stopped.
    public var scalingPolicies: [ScalingPolicy] {
        guard !stopped else { return [] }
        return job.groups.compactMap { group in
            guard let bounds = group.scaling else { return nil }
            var policy = ScalingPolicy(bounds, of: group.name, in: job.id)
            policy.createRevision = createRevision
            policy.modifyRevision = jobModifyRevision
            return policy
        }
    }
}
