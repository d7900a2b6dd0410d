/// When the servers next look for a node that could come free, and how many moves they have left until then.
///
/// One node is emptied at a time, as a drain does it: by the `migrate` rules of the groups, an instance ends once its
/// successor is well. A node whose instances have not all found room after a while keeps them.
struct TidyingRound: Sendable {
    /// When to look next; `nil` while nothing is to be moved.
    private(set) var next: Uptime?
    private var movesPerHour = 0
    /// The end of the pause that the last moves asked for, whatever the rules say since.
    private var pausedUntil: Uptime?
    /// The state in which nothing was found to do.
    private var inVain: Revision?
    /// The node that was to come free last.
    private var tried: NodeID?
    /// Nodes that did not come free, and until when they are left alone.
    private var stubborn: [NodeID: Uptime] = [:]

    /// The pause after a look that found nothing to do, and before the first.
    static let pause = Duration.seconds(60)
    /// How long a node may take to come free.
    static let patience = Duration.seconds(900)
    /// For how long a node is left alone that did not come free.
    private static let respite = Duration.seconds(3600)

    init() {}

    /// Begins under a new leader, who does not know what was moved just before: it waits as long as all moves of an
    /// hour are worth.
    init(of rules: SchedulingRules, at now: Uptime) {
        movesPerHour = rules.movesPerHour
        guard movesPerHour > 0 else { return }
        pausedUntil = now + .seconds(3600)
        next = pausedUntil
    }

    /// Takes in what the rules say now.
    mutating func note(_ rules: SchedulingRules, at now: Uptime) {
        guard rules.movesPerHour != movesPerHour else { return }
        movesPerHour = rules.movesPerHour
        next = movesPerHour > 0 ? max(pausedUntil ?? now, now + Self.pause) : nil
    }

    /// How many instances may be moved now; `nil` while it is not time to look, or nothing has changed since the last.
    mutating func budget(in head: Snapshot, at now: Uptime) -> Int? {
        guard let next, next <= now else { return nil }
        guard inVain != head.revision else {
            rest(after: 0, of: nil, at: now)
            return nil
        }
        return movesPerHour
    }

    /// Notes which node is to come free.
    mutating func begin(_ node: NodeID) { tried = node }

    /// Nodes that are left alone: they were to come free not long ago, and did not.
    mutating func spared(in head: Snapshot, at now: Uptime) -> Set<NodeID> {
        if let node = tried {
            tried = nil
            let isEmpty = head.allocations(on: node).allSatisfy { allocation in
                allocation.isTerminal || head.jobs[allocation.job]?.job.kind.runsEverywhere == true
            }
            if !isEmpty { stubborn[node] = now + Self.respite }
        }
        stubborn = stubborn.filter { $0.value > now }
        return Set(stubborn.keys)
    }

    /// Waits after `moves` were begun, for as long as so many are worth. None were found in the state `looked`.
    mutating func rest(after moves: Int, of looked: Snapshot?, at now: Uptime) {
        if let looked { inVain = moves == 0 ? looked.revision : nil }
        let share = Duration.seconds(3600) * moves / max(1, movesPerHour)
        if moves > 0 { pausedUntil = now + share }
        next = now + max(Self.pause, share)
    }
}

extension ServerCore {
    /// Begins to empty a node whose instances fit elsewhere, where the rules allow that.
    mutating func tidy(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        guard let budget = tidying.budget(in: head, at: now.uptime) else { return }
        guard drainer.isIdle else { return tidying.rest(after: 0, of: nil, at: now.uptime) }
        var trial = entropy.split()
        let spared = tidying.spared(in: head, at: now.uptime)
        let plan = TidyingPlan(
            for: head, session: session, budget: budget, nodes: 1, sparing: spared,
            keeping: Set(kept.all.map(\.node)), using: &trial)
        tidying.rest(after: plan.moves.count, of: head, at: now.uptime)
        guard let emptied = plan.emptied.first, var node = head.nodes[emptied.node] else { return }
        let moves = "\(emptied.moves) \(emptied.moves == 1 ? "move" : "moves")"
        let reason = "tidying: all that it runs fits elsewhere (\(moves))"
        node.drain = NodeDrain(
            startedAt: now.wall, deadline: now.wall + TidyingRound.patience, ignoresSystemJobs: true, reason: reason,
            isTidying: true)
        node.eligibility = .ineligible
        tidying.begin(node.id)
        node.note(NodeEvent(time: now.wall, subsystem: "Drain", message: "Node drain strategy set: \(reason)"))
        effects.append(.note("node \(node.name) (\(node.id.short)) is drained; \(reason)"))
        commit([.putNode(node)], at: now, into: &effects)
    }
}
