extension ServerCore {
    /// Looks at whatever is due and at those who wait for room that came free, in one order: whoever comes later never
    /// takes room that one who comes earlier could use.
    mutating func evaluate(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        repeat {
            offerFreed()
            while let (evaluation, group) = nextTurn() {
                plan(evaluation, group: group, at: now, using: &entropy, into: &effects)
                queue.setAside(evaluation.job, group: group)
                if !freed.isEmpty { offerFreed() }
            }
            queue.endRound()
            keepNodes(at: now)
        } while agenda.hasReady || !freed.isEmpty
    }

    /// Lets those who wait look at the nodes that have more to give than before.
    private mutating func offerFreed() {
        defer { freed = [] }
        guard !queue.isEmpty, !freed.isEmpty else { return }
        // Who was refused before has not seen these.
        queue.endRound()
        let nodes = freed.compactMap { head.nodes[$0] }.filter(\.takesWork)
        openings.open(nodes.map { Opening($0, halls: queue.halls(admitting: $0)) })
    }

    /// The evaluation whose turn it is: one that is due, or one that waits, with the group of it that may fit now.
    private mutating func nextTurn() -> (Evaluation, group: String?)? {
        while true {
            let due = agenda.firstReady
            if let waiting = firstWaiting(), due.map({ waiting < $0 }) ?? true {
                guard let evaluation = head.evaluations[waiting.evaluation] else { return nil }
                let groups = head.jobs[evaluation.job]?.job.groups ?? []
                return (evaluation, groups.indices.contains(waiting.groupOrder) ? groups[waiting.groupOrder].name : nil)
            }
            guard let id = agenda.nextReady() else { return nil }
            if let evaluation = head.evaluations[id] { return (evaluation, nil) }
        }
    }

    /// The first of those who wait that may fit on a node which is offered.
    private mutating func firstWaiting() -> QueueRank? {
        let toAskAnywhere = queue.firstToAskAnywhere
        while let (opening, known) = openings.first {
            let (id, head) = (opening.node.id, head)
            let rank = session.vacancy(on: id).flatMap { room in
                let supply = Supply(room) { head.yielding(on: id, to: $0) }
                return queue.first(on: opening, with: supply, upTo: kept.owner(of: id)?.rank) {
                    head.ownInstances(of: $0, on: id)
                }
            }
            openings.note(rank)
            if let rank, rank == known { return toAskAnywhere.map { min($0, rank) } ?? rank }
        }
        return toAskAnywhere
    }

    // MARK: - Kept nodes

    /// The nodes that the groups of a job do not get, because they are kept for work that comes before it.
    func withheld(from evaluation: Evaluation) -> [String: Set<NodeID>] {
        guard !kept.isEmpty, let job = head.jobs[evaluation.job]?.job else { return [:] }
        return kept.withheld(from: evaluation, of: job, among: queue)
    }

    /// Notes on which nodes a batch that became true has changed something, and where it made room.
    mutating func note(_ changes: [Change], making room: FreedRoom) {
        #if MUTANTS
            if Sabotage.active == .skippedUnblock { return }
        #endif
        guard !kept.isEmpty || !room.isEmpty else { return }
        var changed: Set<NodeID> = []
        var isAnyNode = false
        for change in changes {
            switch change {
            case .putAllocation(let allocation): changed.insert(allocation.node)
            case .putNode(let node): changed.insert(node.id)
            // Where it was, nobody knows any more.
            case .removeAllocation, .putSchedulingRules: isAnyNode = true
            default: break
            }
        }
        // A look at those who wait may write evaluations. A scheduler that made room of that would have all looked at
        // again, without end.
        let made = isAnyNode ? room.nodes : room.nodes.intersection(changed)
        freed.formUnion(made)
        if !kept.isEmpty { touched.formUnion(made.union(changed)) }
    }

    /// Chooses anew which nodes are kept for those who have waited long enough. What is no longer kept is offered.
    private mutating func keepNodes(at now: Now) {
        queue.ripen(at: now.uptime)
        let isTurned = takeTurns(at: now.uptime)
        guard queue.isRipeChanged || isTurned || !touched.isEmpty else { return }
        queue.isRipeChanged = false
        let limit = configuration.reservationLimit(nodes: countTakers())
        let (earlier, session) = (kept, session)
        let survey = KeptNodes.Survey(head: head, touched: touched, vacancy: { session.vacancy(on: $0) })
        kept.update(from: &queue, limit: limit, besides: chooseForGang(survey, at: now.uptime), survey)
        touched = []
        if kept.all != earlier.all { isKeptNew = true }
        #if MUTANTS
            if Sabotage.active == .skippedUnblock { return }
        #endif
        freed.formUnion(kept.loosened(since: earlier))
    }

    /// Decides whose turn it is among gangs, when there is something to decide. Gives whether that changed.
    private mutating func takeTurns(at now: Uptime) -> Bool {
        guard queue.areGangsChanged || gangTurns.nextChange.map({ $0 <= now }) ?? false else { return false }
        queue.areGangsChanged = false
        return gangTurns.update(among: queue.waitingGangs, at: now)
    }

    /// Each takes a look at all nodes; beyond this the others wait for the next time.
    private static let mostGangsAtOnce = 32

    /// The nodes of the gang whose turn it is. One that all nodes together could not hold lets the next have its turn.
    private mutating func chooseForGang(_ survey: KeptNodes.Survey, at now: Uptime) -> [KeptNodes.Kept] {
        for _ in 0..<Self.mostGangsAtOnce {
            guard let gang = gangTurns.turn.flatMap({ queue.gangNeed($0.serial) }) else { return [] }
            let choice = kept.choice(for: gang, survey)
            if !choice.isEmpty { return choice }
            gangTurns.pass()
            _ = gangTurns.update(among: queue.waitingGangs, at: now)
        }
        queue.isRipeChanged = true
        return []
    }

    private mutating func countTakers() -> Int {
        if takers.revision != head.nodes.modifyRevision {
            takers = (head.nodes.unordered.count { $0.takesWork }, head.nodes.modifyRevision)
        }
        return takers.count
    }
}
