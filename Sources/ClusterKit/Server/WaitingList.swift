import Synchronization

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
    /// Since when the group waits for room; when more instances joined those that waited, since when all do on average.
    public let since: WallTime
    /// What stands in the way: what is short for people in `shortages`, counts of nodes by reason in the rest.
    public let refusal: Refusal
    /// The nodes that are kept for the group, so that room which comes free there gathers until it suffices: one, or
    /// several for instances that are placed together. None is kept for most.
    public let keptNodes: [NodeID]
    /// The names of those nodes.
    public let keptNodeNames: [String]
}

/// All that waits for room in the order of the queue: higher priority first, then what has waited longer.
public struct WaitingList: Hashable, Sendable {
    /// The groups, the next first.
    public let groups: [WaitingGroup]

    /// Who waits in `snapshot`, and which nodes a server of this configuration and scheduler keeps for whom. Those that
    /// it keeps for instances which are placed together, by turns, follow from what was before and are not among them:
    /// `Server.waitingList` of the server that leads knows them too.
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
        let nodes = Dictionary(grouping: view.kept.all, by: \.waiter)
        var ahead = 0
        var groups: [WaitingGroup] = []
        for entry in view.queue.entries.values.sorted(by: { $0.rank < $1.rank }) {
            let group = view.state.jobs[entry.job]?.job.group(entry.waiter.group)
            let refusal = view.state.evaluations[entry.waiter.evaluation]?.refusals[entry.waiter.group] ?? Refusal()
            groups.append(
                WaitingGroup(
                    job: entry.job, group: entry.waiter.group, evaluation: entry.waiter.evaluation,
                    priority: entry.rank.priority, position: groups.count + 1, instancesAhead: ahead,
                    count: entry.count, since: entry.since, refusal: refusal.shown(for: group),
                    keptNodes: nodes[entry.waiter]?.map(\.node) ?? [],
                    keptNodeNames: nodes[entry.waiter]?.map(\.name) ?? []))
            ahead += entry.count
        }
        self.groups = groups
    }

    /// The groups of one job, the next first.
    public func groups(of job: JobID) -> [WaitingGroup] { groups.filter { $0.job == job } }
}

extension Server {
    /// All work that waits for room, by the newest durable state. Which nodes are kept is what this server does; one
    /// that does not lead tells what it would do.
    public var waitingList: WaitingList {
        WaitingList(
            QueueView(
                of: snapshot, configuration: configuration, keeping: kept.withLock { $0 }, at: time.now().wall,
                session: { scheduler.session(on: snapshot) }))
    }
}
