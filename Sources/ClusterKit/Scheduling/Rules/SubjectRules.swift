/// All that a group asks of nodes, made ready once for many nodes, and kept apart by what each part depends on.
final class SubjectRules: Sendable {
    let subject: PlacementSubject
    let groupKey: GroupKey

    // MARK: Rules

    /// On a node's description alone.
    let filter: NodeFilter
    /// On where instances of the job run.
    let distinct: DistinctRules
    /// On what is free.
    let needs: GroupNeeds

    // MARK: Parts of the score

    /// On a node's description alone.
    let wishes: Wishes<NodeAttribute>
    /// On where instances of the group run.
    let spreads: [SpreadRule]

    init(_ subject: PlacementSubject) {
        let (job, group) = (subject.job, subject.group)
        self.subject = subject
        groupKey = subject.key
        filter = NodeFilter(job, group)
        distinct = DistinctRules(job, group)
        needs = GroupNeeds(group)
        wishes = Wishes(job.affinities + group.affinities + group.tasks.flatMap(\.affinities))
        spreads = SpreadRule.all(of: job, group)
    }
}
