/// What has to change so that a job is as it is wanted: stated, not done. The planner finds nodes for it.
package struct Reconciliation: Hashable, Sendable {
    /// An instance that shall end.
    package struct Stop: Hashable, Sendable {
        /// Which one.
        package var allocation: AllocationID
        /// Why, in words.
        package var reason: String
        /// Whether its node is lost, so that nobody can confirm its end.
        package var lost = false
        /// Whether the loss counts as a failure: it is wanted still, until another takes its place.
        package var isFailure = false
    }

    /// An instance of which nothing is heard any more, and which may return.
    package struct Silence: Hashable, Sendable {
        /// Which one.
        package var allocation: AllocationID
        /// Why, in words.
        package var reason: String
    }

    /// What becomes of the instance that a new one replaces, beyond what `stops` says.
    package enum Retirement: Hashable, Sendable {
        /// It stays as it is until its successor has a node: it has ended already, or its node is drained.
        case whenPlaced(String)
        /// It runs until its successor has a node, and gives it its own room where there is no other.
        case givingRoom(String)
    }

    /// An instance that shall be placed.
    package struct Want: Hashable, Sendable {
        /// The group by name.
        package var group: String
        /// The instance's number.
        package var index: Int
        /// The instance that had the number before.
        package var previous: AllocationID?
        /// What becomes of that one.
        package var retirement: Retirement?
        /// The node that it belongs to, for jobs that run on every node.
        package var pinned: NodeID?
        /// Nodes to avoid, in order.
        package var avoided: [NodeID] = []
        /// The failures that led here, this one included.
        package var reschedules: [RescheduleEvent] = []
        /// The older version of the job that it shall run; `nil` for the newest.
        package var jobVersion: Int?
        /// Whether it runs beside the instance that has its number.
        package var isCanary = false
        /// Why, in words.
        package var reason: String
    }

    /// What becomes of roll-outs.
    package struct RolloutStep: Hashable, Sendable {
        /// Those that a newer version, or the end of the job, has taken the place of, and why they end.
        package var ends: [DeploymentID: String] = [:]
        /// The groups of the roll-out that begins; empty when none does.
        package var begins: [String: DeploymentGroup] = [:]
        /// The one that runs for the newest version.
        package var current: DeploymentID?
        /// How many live instances of each of its groups are well.
        package var healthy: [String: Int] = [:]
        /// Groups of it in which something is still to be done.
        package var unsettled: Set<String> = []
        /// Canaries that were found good: ordinary instances from now on.
        package var promoted: [AllocationID] = []

        /// Whether nothing changes.
        package var isEmpty: Bool { ends.isEmpty && begins.isEmpty && promoted.isEmpty }
    }

    /// A failed instance whose successor has to wait.
    package struct Delay: Hashable, Sendable {
        /// The failed instance.
        package var allocation: AllocationID
        /// When its successor may be placed.
        package var until: WallTime
    }

    /// New instances of a group that wait for other work.
    package struct Hold: Hashable, Sendable {
        /// The group by name.
        package var group: String
        /// How many.
        package var count: Int
        /// What they wait for, in words.
        package var obstacles: [String]
    }

    /// Instances that shall end, by group and number.
    package var stops: [Stop] = []
    /// Instances that are unknown from now on.
    package var unknowns: [Silence] = []
    /// Instances to place, by group in the order of the job, then by number.
    package var wants: [Want] = []
    /// Instances that may change instead of those of `wants` that find no room or have to wait, by group in order: who
    /// has no room for the newest version holds nobody else up.
    package var alternatives: [Want] = []
    /// How many instances the roll-out of a group lets come with this look, those of `wants` before `alternatives`.
    package var allowances: [String: Int] = [:]
    /// Instances that go on as they are under the newest version of the job.
    package var upgrades: [AllocationID] = []
    /// Instances that stay although another had taken their place.
    package var returned: [AllocationID] = []
    /// Failed instances that wait without an evaluation that wakes them.
    package var delays: [Delay] = []
    /// New instances that wait for other work, by group in the order of the job.
    package var holds: [Hold] = []
    /// What becomes of roll-outs.
    package var rollout = RolloutStep()
    /// How long to wait before the next nodes get the newest version; `nil` when none is left behind.
    package var stagger: Duration?

    /// Whether all is as wanted.
    package var isEmpty: Bool {
        stops.isEmpty && unknowns.isEmpty && wants.isEmpty && upgrades.isEmpty && returned.isEmpty && delays.isEmpty
            && holds.isEmpty
            && rollout.isEmpty
            && stagger == nil
    }
}

extension Reconciliation {
    /// No more of a group are tried instead of others in one look.
    static let mostAlternatives = 64

    /// Notes that nothing is heard of an instance any more, unless that is known.
    mutating func note(silent allocation: Allocation, because reason: String, in head: Snapshot) {
        guard allocation.client != .unknown, head.loss(of: allocation) != nil else { return }
        unknowns.append(Silence(allocation: allocation.id, reason: reason))
    }

    /// Ends an instance of which nothing is heard, for another reason than that. Nobody waits for it any more, unless
    /// it may run on and nothing may run beside it.
    mutating func giveUp(_ allocation: Allocation, because reason: String, in head: Snapshot) {
        let loss = head.loss(of: allocation)
        let isLost = loss != nil && allocation.fence == nil
        if isLost { unknowns.removeAll { $0.allocation == allocation.id } }
        if allocation.fence != nil, let loss { note(silent: allocation, because: loss, in: head) }
        guard isLost || allocation.desired == .run else { return }
        stops.append(Stop(allocation: allocation.id, reason: reason, lost: isLost))
    }

    /// Takes the new instances out again that the wants of a group, which begin at `start`, hold: they wait.
    mutating func hold(_ group: String, from start: Int, _ obstacles: [String], in head: Snapshot) {
        guard !obstacles.isEmpty, start < wants.count else { return }
        let going = wants[start...].filter { $0.goesOn(in: head) }
        let held = wants.count - start - going.count
        guard held > 0 else { return }
        wants.replaceSubrange(start..., with: going)
        holds.append(Hold(group: group, count: held, obstacles: obstacles))
    }
}

extension Reconciliation.Want {
    /// The instance whose room the new one may have.
    var replaced: AllocationID? {
        if case .givingRoom = retirement { previous } else { nil }
    }

    /// Whether it counts among those that a roll-out lets come at a time. What a job that runs everywhere gets on a
    /// node that had none is no part of it.
    var countsInRollout: Bool { pinned == nil || replaced != nil }

    /// Whether it takes the place of an instance that would run on if it could, or that someone stopped so that another
    /// does; one that ended because fewer were wanted, or none, would not.
    func goesOn(in head: Snapshot) -> Bool {
        guard let previous, let allocation = head.allocations[previous] else { return false }
        // Work that was done is done again because someone asked for that.
        if allocation.client == .complete, head.jobs[allocation.job]?.job.kind.isFinite == true { return false }
        // Whoever was gone when the job was stopped has no place that another could take.
        if head.wasBegunAnew(allocation.job, since: allocation.jobVersion) { return false }
        if retirement != nil { return true }
        if allocation.desired != .stop || allocation.client == .lost { return true }
        // It ended for a successor that has found no room so far.
        if allocation.wish == .forceMigrate || allocation.wish == .replace { return true }
        // Or had to end before it, as nothing of its name may run beside it.
        let isAlone = allocation.fence != nil || head.jobs[allocation.job]?.job.group(group)?.atMostOne == true
        if isAlone, allocation.followUp != nil { return true }
        return allocation.followUp.map { head.evaluations[$0]?.status == .blocked } == true
    }
}
