/// The nodes whose rules admit a group, each with the score that the next instance would get there.
///
/// Between two instances of one group only the node that took the first has another score, so a run of `count` equal
/// requests computes each score once, and once more for each placement.
struct Candidates {
    /// What is placed, and the rules that depend on what runs on a node already.
    struct Subject {
        let job: Job
        let group: TaskGroup
        let needs: GroupNeeds
        let instance: InstanceKey
        private let distinctJob: Bool
        private let distinctGroup: Bool

        init(_ subject: PlacementSubject) {
            (job, group) = (subject.job, subject.group)
            needs = GroupNeeds(group)
            instance = InstanceKey(job: job.id, group: group.name)
            distinctJob = job.constraints.contains(where: Self.isDistinct)
            distinctGroup = (group.constraints + group.tasks.flatMap(\.constraints)).contains(where: Self.isDistinct)
        }

        /// As in Nomad the rule may be stated and switched off by the value `false`.
        private static func isDistinct(_ constraint: Constraint) -> Bool {
            constraint.comparison == .distinctHosts && constraint.value != "false"
        }

        /// How many instances keep the next one off `room` by `distinct_hosts`; `nil` when none does.
        func excluding(_ room: NodeRoom) -> Int? {
            if distinctJob, let count = room.jobs[job.id] { return count }
            return distinctGroup ? room.instances[instance] : nil
        }

        func score(on room: NodeRoom, avoided: Bool) -> FitScore {
            FitScore(
                needs, on: room, siblings: room.instances[instance] ?? 0, count: group.count, avoided: avoided)
        }
    }

    let subject: Subject
    /// Nodes whose rules forbid the group, by rule.
    let filtered: [String: Int]
    /// Positions of the admitting nodes, in the order of their names.
    let admitting: [Int]
    /// Parallel to `admitting`; below every score when the node has no room.
    private var scores: [Double]
    /// Why nothing was found last; nothing becomes free while requests are answered, so it holds for the rest of them.
    var refusal: Refusal?
    /// Nodes that are kept for others.
    private(set) var withheld: Set<NodeID> = []

    private static let noRoom = -Double.infinity

    init(_ subject: Subject, admitting: [Int], filtered: [String: Int], rooms: [NodeRoom]) {
        self.subject = subject
        self.admitting = admitting
        self.filtered = filtered
        scores = admitting.map { Self.score(subject, rooms[$0], avoided: false) }
    }

    private static func score(_ subject: Subject, _ room: NodeRoom, avoided: Bool) -> Double {
        guard Shortage.fits(subject.needs, on: room), subject.excluding(room) == nil else { return noRoom }
        return subject.score(on: room, avoided: avoided).mean
    }

    /// The place in `admitting` of the best node, and its score.
    func best(avoiding avoided: Set<NodeID>, rooms: [NodeRoom]) -> (place: Int, score: Double)? {
        var best: (place: Int, score: Double)?
        for place in scores.indices where scores[place] > best?.score ?? Self.noRoom {
            if !withheld.isEmpty, withheld.contains(rooms[admitting[place]].node.id) { continue }
            var score = scores[place]
            // A penalty only lowers a score, so a node that loses without it need not be looked at again.
            if !avoided.isEmpty, avoided.contains(rooms[admitting[place]].node.id) {
                score = Self.score(subject, rooms[admitting[place]], avoided: true)
                guard score > best?.score ?? Self.noRoom else { continue }
            }
            best = (place, score)
        }
        return best
    }

    /// Leaves out nodes that are kept for others.
    mutating func withhold(_ nodes: Set<NodeID>) {
        guard nodes != withheld else { return }
        withheld = nodes
        refusal = nil
    }

    /// Notes that the node at `place` took an instance.
    mutating func changed(_ place: Int, rooms: [NodeRoom]) {
        scores[place] = Self.score(subject, rooms[admitting[place]], avoided: false)
    }
}
