extension ServerCore {
    mutating func setEligibility(
        _ id: NodeID, _ eligibility: NodeEligibility, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var node = head.nodes[id] else { throw ClusterError(.notFound, "node not found") }
        guard node.drain == nil || eligibility == .ineligible else {
            throw ClusterError(
                .invalid,
                "node \(node.name) is being drained and takes no work until that is over; end the drain first")
        }
        if node.drain?.isTidying == true {
            // Whoever wants the node out of use means more than that it come free.
            node.drain?.isTidying = false
            node.drain?.deadline = nil
            commit([.putNode(node)], at: now, into: &effects)
        }
        if node.eligibility != eligibility {
            node.eligibility = eligibility
            node.setAside = nil
            if eligibility == .eligible { node.wellSince = now.wall }
            if eligibility == .eligible { conduct.forgive(id) }
            node.note(NodeEvent(time: now.wall, message: "Node marked as \(eligibility.rawValue) for scheduling"))
            // What runs everywhere already runs there unless it came while the node took nothing.
            let looks = eligibility == .eligible ? looksEverywhere(because: id, at: now, using: &entropy) : []
            commit([.putNode(node)] + looks, at: now, into: &effects)
        }
        return Receipt(revision: head.revision)
    }

    /// An agent says who it is: at its start, after it was taken for lost, or when its machine changed.
    mutating func register(
        _ registered: Node, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) -> Registration {
        if let node = described(registered, at: now) {
            let looks = looksEverywhere(because: node.id, at: now, using: &entropy)
            commit([.putNode(node)] + looks, at: now, into: &effects)
        }
        return grant(registered.id, at: now, into: &effects)
    }

    /// A node as it stands in the state once it has registered; `nil` where it does so already.
    func described(_ registered: Node, at now: Now) -> Node? {
        var node = registered
        let known = head.nodes[node.id]
        node.status = .ready
        node.statusTime = known?.statusTime ?? now.wall
        node.statusDescription = ""
        node.eligibility = known?.eligibility ?? .eligible
        node.setAside = known?.setAside
        node.wellSince = known?.wellSince
        node.drain = known?.drain
        node.events = known?.events ?? []
        node.createRevision = known?.createRevision ?? .zero
        node.modifyRevision = known?.modifyRevision ?? .zero
        guard node != known else { return nil }
        if known?.status != .ready {
            node.statusTime = now.wall
            node.note(NodeEvent(time: now.wall, message: known == nil ? "Node registered" : "Node re-registered"))
        }
        return node
    }

    /// Reasons to look at all jobs that run everywhere, for `node` is another than before.
    ///
    /// Each look goes over all nodes. In a large cluster nodes that come together are therefore gathered: the look
    /// waits for ten times as long as it takes, unless `pause` says otherwise, and stands for all that came until then.
    func looksEverywhere(
        because node: NodeID, after pause: Duration? = nil, at now: Now, using entropy: inout Entropy
    ) -> [Change] {
        let pause = pause ?? Self.pauseForEachNode * head.nodes.count
        return everywhere.sorted().compactMap { head.jobs[$0] }.compactMap { record in
            guard concerns(record, node) else { return nil }
            var evaluation = makeEvaluation(of: record.job, .nodeUpdate, at: now, using: &entropy)
            evaluation.node = node
            guard pause >= Self.shortestPause else { return .putEvaluation(evaluation) }
            let isAwaited = head.evaluations(of: record.job.id).contains {
                $0.status == .pending && $0.trigger == .nodeUpdate && $0.waitUntil.map { $0 > now.wall } == true
            }
            guard !isAwaited else { return nil }
            evaluation.waitUntil = now.wall + pause
            return .putEvaluation(evaluation)
        }
    }

    /// Whether a node is a reason to look at a job that runs everywhere. What a schedule or a dispatch began has no use
    /// for one that came later, unless it was there before, under a node of that name, and has not ended by itself.
    private func concerns(_ record: JobRecord, _ node: NodeID) -> Bool {
        guard !record.stopped else { return false }
        guard record.job.origin != nil, head.nodes[node].map({ record.reaches($0) }) != true else { return true }
        return head.allocations(on: node).contains {
            $0.job == record.job.id && ($0.desired != .run || $0.client != .complete && $0.client != .failed)
        }
    }

    private static let pauseForEachNode = Duration.microseconds(10)
    private static let shortestPause = Duration.milliseconds(10)

    /// Notes which jobs there are that run on every node.
    mutating func noteEverywhere(_ change: Change) {
        switch change {
        case .putJob(let record) where record.job.kind.runsEverywhere: everywhere.insert(record.job.id)
        case .removeJob(let id): everywhere.remove(id)
        default: break
        }
    }

    mutating func heartbeat(_ id: NodeID, at now: Now, into effects: inout [Effect]) throws(ClusterError)
        -> Registration
    {
        guard let node = head.nodes[id], node.status == .ready else {
            throw ClusterError(.notFound, "node not found; register it again")
        }
        return grant(id, at: now, into: &effects)
    }

    /// A node was not heard of in time: what ran there is looked at again, job by job.
    mutating func loseNode(_ id: NodeID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        guard var node = head.nodes[id], node.status != .down else { return }
        node.status = .down
        node.statusDescription = "no heartbeat came in time"
        node.statusTime = now.wall
        node.note(NodeEvent(time: now.wall, message: "Node heartbeat missed"))
        let jobs = Set(head.allocations(on: id).filter { !$0.isTerminal }.map(\.job)).sorted()
        let evaluations = jobs.map { id -> Change in
            let job = head.jobs[id]?.job ?? Job(id: id)
            var evaluation = makeEvaluation(of: job, .nodeUpdate, at: now, using: &entropy)
            evaluation.node = node.id
            return .putEvaluation(evaluation)
        }
        commit([.putNode(node)] + evaluations, at: now, into: &effects)
        effects.append(.warning("node \(node.name) (\(id.short)) is down: no heartbeat came in time"))
    }

    /// Forgets a node: what ran there is lost. An agent that still runs registers the node anew.
    mutating func purge(
        _ id: NodeID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard head.nodes[id] != nil else { throw ClusterError(.notFound, "node not found") }
        let looks = looksAtJobs(on: id, at: now, using: &entropy)
        commit([.removeNode(id)] + looks, at: now, into: &effects)
        return Receipt(evaluation: looks.firstEvaluation, revision: head.revision)
    }

    /// Looks again at the jobs that have something on a node, and at those that run everywhere.
    mutating func evaluate(
        _ id: NodeID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard head.nodes[id] != nil else { throw ClusterError(.notFound, "node not found") }
        var looks = looksAtJobs(on: id, at: now, using: &entropy)
        looks += looksEverywhere(because: id, at: now, using: &entropy)
        commit(looks, at: now, into: &effects)
        return Receipt(evaluation: looks.firstEvaluation, revision: head.revision)
    }

    private func looksAtJobs(on node: NodeID, at now: Now, using entropy: inout Entropy) -> [Change] {
        looks(
            at: head.allocations(on: node).filter { !$0.isTerminal }, because: .nodeUpdate, at: now, using: &entropy)
    }

    // MARK: - Reports

    /// Takes in what became of allocations. States only move forward: what is terminal stays as it is.
    mutating func report(
        _ reports: [AllocationReport], from node: NodeID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> ServerReply {
        guard let sender = head.nodes[node] else {
            throw ClusterError(.notFound, "node not found; register it again")
        }
        var changes: [Change] = []
        var (jobs, returned): (Set<JobID>, Set<JobID>) = ([], [])
        for report in reports {
            guard let allocation = head.allocations[report.id], allocation.node == node,
                let updated = allocation.updated(by: report, of: head.job(of: allocation), at: now.wall)
            else { continue }
            // A node that counts as lost may be so again at once: its agent tells once more when it is registered.
            if sender.status == .down, allocation.client == .unknown, !updated.isTerminal { continue }
            #if MUTANTS
                if Sabotage.active == .deafToEnds, updated.isTerminal, updated.desired != .run { continue }
            #endif
            changes.append(.putAllocation(updated))
            if updated.isTerminal && (needsSuccessor(updated) || freesName(updated)) { jobs.insert(updated.job) }
            if allocation.client == .unknown { returned.insert(updated.job) }
            if updated.isLive, updated.wish == .retire, updated.work?.isBusy != true { jobs.insert(updated.job) }
        }
        for id in jobs.union(returned).sorted() {
            guard let job = head.jobs[id]?.job else { continue }
            let trigger = jobs.contains(id) ? EvaluationTrigger.allocationFailure : .reconnect
            changes.append(.putEvaluation(makeEvaluation(of: job, trigger, at: now, using: &entropy)))
        }
        commit(changes, at: now, into: &effects)
        setAsideFaultyNodes(at: now, into: &effects)
        return .done
    }

    /// Whether another of its name may have waited for its end.
    private func freesName(_ allocation: Allocation) -> Bool {
        guard let record = head.jobs[allocation.job], !record.stopped else { return false }
        return allocation.fence != nil || record.job.group(allocation.group)?.atMostOne == true
    }

    private func needsSuccessor(_ allocation: Allocation) -> Bool {
        guard allocation.desired == .run, let record = head.jobs[allocation.job], !record.stopped else { return false }
        return allocation.client != .complete || !record.job.kind.isFinite
    }
}

extension Allocation {
    /// This allocation of `job` after a report; `nil` when the report is not newer than what is known.
    fileprivate func updated(by report: AllocationReport, of job: Job?, at time: WallTime) -> Allocation? {
        #if MUTANTS
            let mayRevive = Sabotage.active == .revivedAllocation
        #else
            let mayRevive = false
        #endif
        guard mayRevive || !isTerminal, !(client == .running && report.client == .pending) else { return nil }
        guard mayRevive || report.serial == 0 || report.serial >= reportSerial else { return nil }
        var updated = self
        updated.client = report.client
        updated.clientDescription = report.description
        updated.tasks = report.tasks
        updated.checks = report.checks
        updated.cause = report.cause
        updated.reload = reload(after: report)
        // Whoever tells last is right: a task may use its file, or ask the servers itself.
        if let work = report.work, work.time > updated.work?.time ?? WallTime(nanoseconds: .min) {
            updated.work = work
        }
        // What was told over HTTP is true of the run that told it. What stands in a file its agent takes back.
        if let told = updated.work, told.time != report.work?.time, let group = job?.group(group),
            group.restarts(in: report.tasks) > group.restarts(in: tasks)
        {
            let idle = WorkStatus(isBusy: false, time: told.time + .nanoseconds(1))
            if !told.saysTheSame(as: idle) { updated.work = idle }
        }
        guard updated != self else { return nil }
        updated.reportSerial = report.serial
        updated.modifyTime = time
        return updated
    }

    /// Whose turn it is to act on changed files, once `report` came.
    private func reload(after report: AllocationReport) -> ReloadTurn? {
        if let since = report.reloadSince {
            return reload?.since == since ? reload : ReloadTurn(since: since, isUnsettled: reload?.isActing == true)
        }
        guard var turn = reload, turn.isActing else { return nil }
        (turn.phase, turn.isUnsettled) = (.settling, false)
        return turn
    }
}

extension TaskGroup {
    /// How often the tasks that do its work were started again; what helps them, a sidecar say, does none.
    fileprivate func restarts(in states: [String: TaskState]) -> Int {
        tasks.reduce(0) { $1.lifecycle == nil ? $0 &+ (states[$1.name]?.restarts ?? 0) : $0 }
    }
}

extension [Change] {
    /// The first evaluation among them.
    fileprivate var firstEvaluation: EvaluationID? {
        for case .putEvaluation(let evaluation) in self { return evaluation.id }
        return nil
    }
}
