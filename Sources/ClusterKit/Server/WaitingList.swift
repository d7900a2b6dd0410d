/// A group that waits for room, and where it stands.
public struct WaitingGroup: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// The group by name.
    public let group: String
    /// The evaluation that waits.
    public let evaluation: EvaluationID
    /// The job's priority.
    public let priority: Int
    /// The place in the queue of all that wait; 1 is the next.
    public let position: Int
    /// How many instances of groups with better places wait.
    public let instancesAhead: Int
    /// How many instances of the group wait.
    public let count: Int
    /// Since when the job waits.
    public let since: WallTime
    /// What stands in the way: what is short for people in `shortages`, counts of nodes by reason in the rest.
    public let refusal: Refusal
    /// The node that is kept for the group, so that room which comes free there gathers until it suffices.
    public let keptNode: NodeID?
    /// The name of that node.
    public let keptNodeName: String?
}

/// All that waits for room in the order of the queue: higher priority first, then what has waited longer.
public struct WaitingList: Hashable, Sendable {
    /// The groups, the next first.
    public let groups: [WaitingGroup]

    /// Who waits in `snapshot`, and which nodes a server of this configuration and scheduler keeps for whom.
    public init(
        of snapshot: Snapshot, configuration: ServerConfiguration = ServerConfiguration(),
        scheduler: any Scheduler = BinPackScheduler(), at now: WallTime
    ) {
        self.init(
            QueueView(of: snapshot, configuration: configuration, at: now, session: { scheduler.session(on: snapshot) })
        )
    }

    /// The same of what was found already.
    init(_ view: QueueView) {
        var ahead = 0
        var groups: [WaitingGroup] = []
        for entry in view.queue.entries.values.sorted(by: { $0.rank < $1.rank }) {
            let node = view.kept.all.first { $0.waiter == entry.waiter }
            groups.append(
                WaitingGroup(
                    job: entry.job, group: entry.waiter.group, evaluation: entry.waiter.evaluation,
                    priority: entry.rank.priority, position: groups.count + 1, instancesAhead: ahead,
                    count: entry.count, since: entry.since,
                    refusal: view.state.evaluations[entry.waiter.evaluation]?.refusals[entry.waiter.group] ?? Refusal(),
                    keptNode: node?.node, keptNodeName: node?.name))
            ahead += entry.count
        }
        self.groups = groups
    }

    /// The groups of one job, the next first.
    public func groups(of job: JobID) -> [WaitingGroup] { groups.filter { $0.job == job } }
}

extension Server {
    /// All work that waits for room, by the newest durable state.
    public var waitingList: WaitingList {
        WaitingList(of: snapshot, configuration: configuration, scheduler: scheduler, at: time.now().wall)
    }
}
