/// When the servers next look for a node that could come free, and how many moves they have left until then.
///
/// One node is emptied at a time, as a drain does it: by the `migrate` rules of the groups, an instance ends once its
/// successor is well. A node whose instances have not all found room after a while keeps them.
struct TidyingRound: Sendable {
    /// When to look next; `nil` while nothing is to be moved.
    private(set) var next: Uptime?
    private var movesPerHour = 0
    /// The state in which nothing was found to do.
    private var inVain: Revision?

    /// The pause after a look that found nothing to do, and before the first.
    static let pause = Duration.seconds(60)
    /// How long a node may take to come free.
    static let patience = Duration.seconds(900)

    init() {}

    /// Takes in what the rules say now.
    mutating func note(_ rules: SchedulingRules, at now: Uptime) {
        guard rules.movesPerHour != movesPerHour else { return }
        movesPerHour = rules.movesPerHour
        next = movesPerHour > 0 ? now + Self.pause : nil
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

    /// Waits after `moves` were begun, for as long as so many are worth. None were found in the state `looked`.
    mutating func rest(after moves: Int, of looked: Snapshot?, at now: Uptime) {
        if let looked { inVain = moves == 0 ? looked.revision : nil }
        let share = Duration.seconds(3600) * moves / max(1, movesPerHour)
        next = now + max(Self.pause, share)
    }
}

extension ServerCore {
    /// Begins to empty a node whose instances fit elsewhere, where the rules allow that.
    mutating func tidy(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        guard let budget = tidying.budget(in: head, at: now.uptime) else { return }
        guard drainer.isIdle else { return tidying.rest(after: 0, of: nil, at: now.uptime) }
        var trial = entropy.split()
        let plan = TidyingPlan(for: head, session: session, budget: budget, nodes: 1, using: &trial)
        tidying.rest(after: plan.moves.count, of: head, at: now.uptime)
        guard let emptied = plan.emptied.first, var node = head.nodes[emptied.node] else { return }
        let moves = "\(emptied.moves) \(emptied.moves == 1 ? "move" : "moves")"
        let reason = "tidying: all that it runs fits elsewhere (\(moves))"
        node.drain = NodeDrain(
            startedAt: now.wall, deadline: now.wall + TidyingRound.patience, ignoresSystemJobs: true, reason: reason,
            isTidying: true)
        node.eligibility = .ineligible
        node.note(NodeEvent(time: now.wall, subsystem: "Drain", message: "Node drain strategy set: \(reason)"))
        effects.append(.note("node \(node.name) (\(node.id.short)) is drained; \(reason)"))
        commit([.putNode(node)], at: now, into: &effects)
    }
}
