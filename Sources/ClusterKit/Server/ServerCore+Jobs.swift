extension ServerCore {
    /// Does what a request asks for and answers it, now or when it is durable.
    mutating func answer(
        _ request: ServerRequest, _ id: RequestID, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) {
        // Answered at the end of the look.
        if case .collect = request { return collection.force(for: id) }
        let before = head.revision
        do throws(ClusterError) {
            if case .work(let request) = request {
                return try serve(request, id, at: now, using: &entropy, into: &effects)
            }
            let answer: ServerReply =
                switch request {
                case .register(let job, let source, let expected, let note, let keepingCounts):
                    .receipt(
                        try register(
                            job, source, expected, note, keepingCounts: keepingCounts, at: now, using: &entropy,
                            into: &effects))
                case .revert(let job, let version, let newest, let note):
                    .receipt(
                        try revert(job, to: version, ifVersion: newest, note, at: now, using: &entropy, into: &effects))
                case .setStability(let job, let version, let isStable):
                    .receipt(try setStability(job, version, isStable, at: now, into: &effects))
                case .tag(let job, let version, let tag):
                    .receipt(try self.tag(job, version, tag, at: now, into: &effects))
                case .untag(let job, let name): .receipt(try untag(job, name, at: now, into: &effects))
                case .orderDeployment(let id, let order):
                    .receipt(try self.order(order, of: id, at: now, using: &entropy, into: &effects))
                case .stop(let job, let purge):
                    .receipt(try stop(job, purge: purge, at: now, using: &entropy, into: &effects))
                case .scale(let job, let wish):
                    .receipt(try scale(job, wish, at: now, using: &entropy, into: &effects))
                case .retire(let allocation):
                    .receipt(try retire(allocation, at: now, using: &entropy, into: &effects))
                case .setWork(let allocation, let work):
                    .receipt(try setWork(work, of: allocation, at: now, using: &entropy, into: &effects))
                case .force(let job): .receipt(try force(job, at: now, using: &entropy, into: &effects))
                case .dispatch(let job, let order):
                    .receipt(try dispatch(job, order, at: now, using: &entropy, into: &effects))
                case .evaluate(let job, let replacingFailed):
                    .receipt(
                        try evaluate(job, replacingFailed: replacingFailed, at: now, using: &entropy, into: &effects))
                case .stopAllocation(let allocation):
                    .receipt(try stopAllocation(allocation, at: now, using: &entropy, into: &effects))
                case .setSchedulingRules(let rules, let expected):
                    .receipt(try setSchedulingRules(rules, ifUnchangedSince: expected, at: now, into: &effects))
                case .keep(let changes, let preconditions):
                    .receipt(try keep(changes, if: preconditions, at: now, into: &effects))
                default: try answerAboutNodes(request, at: now, using: &entropy, into: &effects)
                }
            if needsNoWrite(request) {
                vouch(id, answer, at: now, into: &effects)
            } else {
                confirm(id, answer, since: before, at: now, into: &effects)
            }
        } catch {
            effects.append(.reply(id, .failure(error)))
        }
    }

    /// Whether nothing was written for a request of an agent: a node stays alive, and one whose agent starts anew comes
    /// back, also while the store is slow or refuses.
    private func needsNoWrite(_ request: ServerRequest) -> Bool {
        switch request {
        case .heartbeat: true
        case .registerNode(let node): durable.nodes[node.id] == head.nodes[node.id]
        default: false
        }
    }

    /// What operators and agents ask about nodes.
    private mutating func answerAboutNodes(
        _ request: ServerRequest, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> ServerReply {
        switch request {
        case .setEligibility(let node, let eligibility):
            .receipt(try setEligibility(node, eligibility, at: now, using: &entropy, into: &effects))
        case .drain(let node, let limit, let ignoringSystemJobs, let reason):
            .receipt(try drain(node, limit, ignoringSystemJobs, reason, at: now, into: &effects))
        case .endDrain(let node, let makingEligible):
            .receipt(try endDrain(node, makingEligible, at: now, using: &entropy, into: &effects))
        case .purgeNode(let node): .receipt(try purge(node, at: now, using: &entropy, into: &effects))
        case .evaluateNode(let node): .receipt(try evaluate(node, at: now, using: &entropy, into: &effects))
        case .registerNode(let node): .registration(register(node, at: now, using: &entropy, into: &effects))
        case .heartbeat(let node): .registration(try heartbeat(node, at: now, into: &effects))
        case .report(let node, let reports):
            try report(reports, from: node, at: now, using: &entropy, into: &effects)
        // Everything else was served before.
        default: .done
        }
    }

    // MARK: - Jobs

    private mutating func register(
        _ job: Job, _ source: JobSource?, _ expected: Revision?, _ note: ChangeNote?, keepingCounts: Bool, at now: Now,
        using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let known = head.jobs[job.id]
        if let expected { try Self.check(known, isUnchangedSince: expected) }
        try Self.requireTimes(of: job, at: now.wall)
        var job = job
        if keepingCounts, let known { job = try job.keepingCounts(of: known.job) }
        // Whoever registers a job that another made does not make it one of its own.
        job.origin = known?.job.origin
        let record = try Self.record(for: job, source: source, note: note, after: known, in: head, at: now.wall)
        let warnings = try head.checkGates(of: job) + job.canaryWarnings
        let changes: [Change] = record == known ? [] : [.putJob(record)]
        var receipt: Receipt
        if job.isParent, !head.allocations(of: job.id).contains(where: { !$0.isTerminal }) {
            receipt = try write(changes, of: job.id, at: now, into: &effects)
        } else {
            let evaluation = makeEvaluation(of: job, .jobRegister, at: now, using: &entropy)
            receipt = try write(changes, with: evaluation, at: now, into: &effects)
        }
        receipt.warnings = warnings
        return receipt
    }

    /// What the store keeps of a job that is registered now: `known` itself when the statement says nothing new.
    static func record(
        for job: Job, source: JobSource?, note: ChangeNote?, after known: JobRecord?, in head: Snapshot,
        at time: WallTime
    ) throws(ClusterError) -> JobRecord {
        if let known, known.job.kind != job.kind {
            throw ClusterError(
                .invalid,
                "job \(job.id) is of type \(known.job.kind.rawValue) and cannot become \(job.kind.rawValue); "
                    + "stop it with -purge first, or use another name")
        }
        if let known, JobChange.isSame(known.job, job), !known.stopped { return known }
        // What is left of a purged job of this name must not pass for work of the new one.
        let last = known?.version ?? head.allocations(of: job.id).map(\.jobVersion).max()
        var record = JobRecord(job: job, version: (last ?? -1) + 1, submitTime: time, source: source)
        record.note = note
        return record
    }

    static func check(_ known: JobRecord?, isUnchangedSince expected: Revision) throws(ClusterError) {
        let current = known?.jobModifyRevision ?? .zero
        guard current != expected else { return }
        let reason =
            if known == nil {
                "job does not exist"
            } else if expected == .zero {
                "job already exists"
            } else {
                "job exists with conflicting job modify index: \(current)\(known?.lastChange ?? "")"
            }
        throw ClusterError(.conflict, "Enforcing job modify index \(expected): \(reason)")
    }

    func record(of job: JobID) throws(ClusterError) -> JobRecord {
        guard let record = head.jobs[job] else { throw ClusterError(.notFound, "job not found") }
        return record
    }

    private mutating func stop(
        _ id: JobID, purge: Bool, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        var record = try record(of: id)
        let evaluation = makeEvaluation(of: record.job, .jobDeregister, at: now, using: &entropy)
        if !record.stopped { record.stopTime = now.wall }
        record.stopped = true
        return try write([purge ? .removeJob(id) : .putJob(record)], with: evaluation, at: now, into: &effects)
    }

    private mutating func evaluate(
        _ id: JobID, replacingFailed: Bool, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let record = try record(of: id)
        guard !record.job.isParent else {
            throw ClusterError(
                .invalid, "job \(id) runs nothing itself; begin it with periodic force or dispatch instead")
        }
        let evaluation = makeEvaluation(of: record.job, .evaluate, at: now, using: &entropy)
        let failed = head.allocations(of: id).filter { allocation in
            replacingFailed && [.failed, .lost].contains(allocation.client) && allocation.desired == .run
                && allocation.next == nil && allocation.wish == nil
        }
        let changes = failed.map { allocation in
            var allocation = allocation
            allocation.wish = .replace
            allocation.modifyTime = now.wall
            return Change.putAllocation(allocation)
        }
        return try write(changes, with: evaluation, at: now, into: &effects)
    }

    private mutating func stopAllocation(
        _ id: AllocationID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard var allocation = head.allocations[id] else { throw ClusterError(.notFound, "alloc not found") }
        let job = head.jobs[allocation.job]?.job ?? head.job(of: allocation) ?? Job(id: allocation.job)
        let evaluation = makeEvaluation(of: job, .allocationStop, at: now, using: &entropy)
        guard allocation.isLive else { return try write([], with: evaluation, at: now, into: &effects) }
        allocation.desired = .stop
        allocation.desiredDescription = "alloc was stopped by a user"
        if allocation.wish == nil { allocation.wish = .replace }
        allocation.modifyTime = now.wall
        return try write([.putAllocation(allocation)], with: evaluation, at: now, into: &effects)
    }

    // MARK: - Evaluations

    /// A reason to look at `job` now.
    func makeEvaluation(
        of job: Job, _ trigger: EvaluationTrigger, at now: Now, using entropy: inout Entropy
    ) -> Evaluation {
        var evaluation = Evaluation(
            id: entropy.identifier(), job: job.id, kind: job.kind, priority: job.priority, trigger: trigger,
            time: now.wall)
        evaluation.jobModifyRevision = head.jobs[job.id]?.jobModifyRevision ?? .zero
        return evaluation
    }

    /// Writes what nothing follows from.
    private mutating func write(
        _ changes: [Change], of job: JobID, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        guard commit(changes, at: now, into: &effects) else {
            throw ClusterError(.internal, "the change could not be made; see the server's log")
        }
        return Receipt(jobModifyRevision: head.jobs[job]?.jobModifyRevision ?? .zero, revision: head.revision)
    }

    mutating func write(
        _ changes: [Change], with evaluation: Evaluation, at now: Now, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        var evaluation = evaluation
        if changes.contains(where: { if case .putJob = $0 { true } else { false } }) {
            evaluation.jobModifyRevision = head.revision.next
        }
        guard commit(changes + [.putEvaluation(evaluation)], at: now, into: &effects) else {
            throw ClusterError(.internal, "the change could not be made; see the server's log")
        }
        let modified = head.jobs[evaluation.job]?.jobModifyRevision ?? head.revision
        return Receipt(evaluation: evaluation.id, jobModifyRevision: modified, revision: head.revision)
    }
}

extension Job {
    /// The same with the counts of those groups that `known` has too. Throws `.invalid` where that is not allowed any
    /// more, outside of new bounds for one.
    fileprivate func keepingCounts(of known: Job) throws(ClusterError) -> Job {
        var job = self
        for place in job.groups.indices {
            guard let count = known.group(job.groups[place].name)?.count else { continue }
            job.groups[place].count = count
        }
        return try job.validated()
    }
}
