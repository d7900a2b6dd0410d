import ClusterKit

/// What must hold at a step, and once the cluster has come to rest. Written from the promises, not from the code.
extension World {
    /// A task starts: nothing may start that the servers know to have ended.
    func checkStart(of run: TaskRun, in group: TaskGroup?, on number: Int) {
        let comesLast = group?.task(run.task)?.lifecycle?.hook == .poststop
        guard let allocation = truth.allocations[run.allocation] else {
            // What comes last comes also when an agent ends what the servers know no more. An agent whose node was
            // given up and collected hears of that only when it asks again.
            guard !comesLast, truth.nodes[agents[number].node.id] != nil else { return }
            return violate(
                "a task runs only where it is placed", "\(run.allocation.short) started on node-\(number), and is gone")
        }
        if allocation.node != agents[number].node.id {
            violate("a task runs only where it is placed", "\(allocation.name) started on node-\(number)")
        }
        if let victim = allocation.preempted.first(where: { truth.allocations[$0]?.client.isTerminal == false }) {
            violate("nobody starts before there is room", "\(allocation.name) started beside \(victim.short)")
        }
        // Whoever forgot how it ended, and has only an older view, cannot know better; once it does, what it began
        // ends.
        let forgot = agents[number].viewed.map { comesLast || allocation.modifyRevision > $0 } ?? false
        if !forgot, allocation.client == .complete || allocation.client == .failed {
            for other in truth.allocations(of: allocation.job) { tell(other.summary) }
            violate("what has ended stays ended", "\(allocation.name) is \(allocation.client) and started again")
        }
    }

    /// A task is told to end: only what the servers want to end, what failed, or what was lost with its node.
    func checkStop(of run: TaskRun, in group: TaskGroup?, on number: Int) {
        guard let allocation = truth.allocations[run.allocation], allocation.isLive, !turns.restarts(run),
            !lives.mayEnd(run, of: group), !askedToRestart.contains(run.allocation),
            !endedByLease.contains(run.allocation), agents[number].machine.processes[run]?.exit == nil,
            !isRestarted(byCheckOf: allocation, in: group)
        else { return }
        let record = agents[number].core.record(run.allocation)
        // Its own agent ends it when nothing is heard of the servers, or when its time is over.
        let endsAlone = group?.atMostOne == true || group?.disconnect?.stopOnClientAfter != nil
        // What ended by itself just then has come to its last tasks.
        if record?.severance != nil || endsAlone && record?.stopReason != nil { return }
        if record?.expired != nil { return checkTime(of: run, on: number) }
        violate(
            "nothing is stopped that shall run",
            "\(run.task) of \(allocation.name) (\(run.allocation.short)), revision \(truth.revision)")
    }

    /// The cluster has had its time without faults.
    func checkAtRest() {
        guard report.violations.isEmpty else { return }
        ledger.check(truth, into: &report)
        checkEvaluations()
        checkTasksAreWanted()
        checkOrdersAreFollowed()
        checkNothingIsUnknown()
        for id in truth.jobs.sortedKeys { checkJob(id) }
        checkNothingIsLeft()
        checkServicesAtRest()
        checkLeasesAtRest()
    }

    private func checkEvaluations() {
        for evaluation in truth.evaluations.sorted where evaluation.status == .pending {
            if let time = evaluation.waitUntil, time > clocks.wall { continue }
            violate("every evaluation ends", "\(evaluation.id.short) of \(evaluation.job) (\(evaluation.trigger))")
        }
    }

    /// Whatever was told to end has ended, and the servers know.
    private func checkOrdersAreFollowed() {
        for allocation in truth.allocations.sorted where allocation.desired != .run && !allocation.isTerminal {
            violate(
                "what is told to end is known to have ended",
                "\(allocation.name) \(allocation.id.short) is \(allocation.client) on \(allocation.nodeName)")
        }
    }

    /// What is to be decided of a job has been: nothing waits for a look that nobody will ask for. The reconciler is
    /// compared with itself here, for what it wants is what the other rules are about.
    private func checkNothingIsLeft() {
        guard let leader = reachableServer else { return }
        let reconciler = Reconciler { JobChange.needsReplacement(group: $2, from: $0, to: $1) }
        for id in truth.jobs.sortedKeys {
            var left = reconciler.lookCloser(at: id, in: truth, at: clocks(ofServer: leader).wall)
            // Who was given up would be placed anew by a clock that has jumped since: how often it may, others check.
            left.wants.removeAll { want in
                let old = want.previous.flatMap { truth.allocations[$0]?.client }
                return old == .failed || old == .lost
            }
            // Whoever waits, for room or for a time, is looked at when that has come.
            let isAwaited = !truth.openEvaluations(of: id).isEmpty
            guard isAwaited ? !left.isDecided : !left.isEmpty else { continue }
            for allocation in truth.allocations(of: id) { tell(allocation.summary) }
            violate("another look decides nothing", "\(id): \(left)")
        }
    }

    /// Of whatever nothing was heard, it returned or was given up.
    private func checkNothingIsUnknown() {
        for allocation in truth.allocations.sorted where allocation.client == .unknown {
            violate(
                "what is unknown returns or is lost",
                "\(allocation.name) \(allocation.id.short) on \(allocation.nodeName)")
        }
    }

    /// It was decided at `time` that a node is lost: none that was heard of just before.
    func checkLoss(of node: Node, decidedAt time: WallTime) {
        guard let agent = agents.firstIndex(where: { $0.node.id == node.id }),
            let (server, heard) = agents[agent].lastHeard, server == reachableServer
        else { return }
        let silence = time - clocks.wall - (heard - now)
        let shortest = (options.server.heartbeatTTL + options.server.heartbeatGrace) / 2
        guard silence >= .zero, silence < shortest else { return }
        violate("who is heard of is not lost", "\(node.name) was heard of \(silence) before")
    }

    /// Whatever runs is meant to run, there.
    private func checkTasksAreWanted() {
        for (number, agent) in agents.enumerated() {
            for process in agent.machine.running {
                let allocation = truth.allocations[process.run.allocation]
                guard let allocation, allocation.isLive, allocation.node == agent.node.id else {
                    let name = allocation?.name ?? process.run.allocation.short
                    violate("what shall not run does not run", "\(name) on node-\(number)")
                    continue
                }
                if truth.jobs[allocation.job]?.stopped != false {
                    violate("a stopped job ends with nothing running", "\(allocation.name) on node-\(number)")
                }
            }
        }
    }

    /// As many instances as wanted live and run, each under a name of its own, or it is known why not.
    private func checkJob(_ id: JobID) {
        guard let record = truth.jobs[id] else { return }
        guard !record.job.isParent else { return checkSchedule(of: record) }
        guard !record.job.kind.runsEverywhere else { return checkIsEverywhere(record) }
        for group in record.job.groups { check(group, of: record) }
    }

    /// A job that runs everywhere has one instance on each node that takes work, or waits, or failed there.
    private func checkIsEverywhere(_ record: JobRecord) {
        let allocations = truth.allocations(of: record.job.id)
        let live = allocations.filter(\.isLive)
        for (node, group) in Dictionary(grouping: live, by: \.node).sorted(by: { $0.key < $1.key }) {
            guard let first = group.first, group.count > record.job.groups.count else { continue }
            violate("one instance a node", "\(first.name) has \(group.count) on node \(node.short)")
        }
        for allocation in live { checkRuns(allocation) }
        checkVersions(of: live.filter { truth.nodes[$0.node]?.takesWork == true }, of: record)
        guard !record.stopped else { return }
        for group in record.job.groups {
            for node in takers(of: group, in: record.job) where node.drain == nil {
                let here = allocations.filter { $0.node == node.id && $0.group == group.name }
                let stands = here.contains { $0.isLive || $0.isOver(for: record) }
                // What a schedule or a dispatch began is not for nodes that come later.
                let isLate = record.job.origin != nil && record.createRevision < node.createRevision
                guard !stands, !isLate || !here.isEmpty,
                    GateChecker.isOpen(for: group, of: record, in: truth),
                    !isKept(node, from: group, in: record.job)
                else { continue }
                violate("what runs everywhere runs on each node", "\(record.job.id) is not on \(node.name)")
            }
        }
    }

    private func check(_ group: TaskGroup, of record: JobRecord) {
        let id = record.job.id
        let allocations = truth.allocations(of: id).filter { $0.group == group.name }
        // One that retires is no longer counted.
        let live = allocations.filter { $0.desired == .run && !$0.client.isTerminal && $0.wish != .retire }
        let wanted = record.stopped ? 0 : group.count
        // A canary stands beside the instance whose number it has, until it is found good.
        for isCanary in [false, true] {
            var names: Set<Int> = []
            for allocation in live where allocation.isCanary == isCanary {
                if !names.insert(allocation.index).inserted {
                    violate("one live allocation a name", "\(allocation.name) twice")
                }
                checkRuns(allocation)
            }
            // An instance keeps its number for life, so numbers may lie above the count; there are only not more of
            // them.
            if !isCanary, names.count > wanted {
                violate("no more than wanted live", "\(id) has \(names.count) of \(wanted)")
            }
        }
        checkCanaries(live)
        checkVersions(of: live, of: record)
        let names = Set(live.map(\.index))
        let done =
            record.job.kind == .batch
            ? Set(
                allocations.filter { $0.client == .complete && $0.jobVersion >= record.workVersion }
                    .map(\.index)
            ).subtracting(names).count : 0
        // What failed, or was lost, as often as it may is given up.
        let over = Set(
            allocations.filter { isGivenUp($0, by: group.reschedule) && runsNewest($0, group, of: record) }.map(\.index)
        ).subtracting(names).count
        guard names.count + done + over < wanted, !isHeldBack(group, of: record) else { return }
        let waits = truth.evaluations(of: id).contains {
            $0.status == .blocked || ($0.status == .pending && ($0.waitUntil ?? clocks.wall) > clocks.wall)
        }
        for allocation in allocations.sorted(by: { $0.createRevision < $1.createRevision }) { tell(allocation.summary) }
        for evaluation in truth.evaluations(of: id) where evaluation.status != .complete {
            let wait = evaluation.waitUntil.map { "\(($0 - clocks.wall).fractionalSeconds) s" } ?? "room"
            tell("evaluation \(evaluation.id.short) is \(evaluation.status), \(evaluation.trigger), waits for \(wait)")
            for (name, refusal) in evaluation.refusals.sorted(by: { $0.key < $1.key }) { tell("\(name): \(refusal)") }
        }
        // Of those that are placed together none is placed before there is room for all.
        let places = group.gang == nil ? 1 : wanted - names.count - done - over
        if wanted > 0, GateChecker.isOpen(for: group, of: record, in: truth),
            let node = unusedRoom(for: places, of: group, in: record.job)
        {
            violate("what fits is placed", "\(id) has \(names.count + done) of \(wanted), and \(node.name) has room")
        }
        if !waits {
            violate("what is wanted runs or waits", "\(id) has \(names.count) live and \(done) done of \(wanted)")
        }
    }

    /// Whether an instance was placed anew as often as a policy allows. Failures of a cause that has a rule are counted
    /// for themselves; of all others those that are not the work's own, of which three are forgiven.
    private func isGivenUp(_ allocation: Allocation, by policy: ReschedulePolicy) -> Bool {
        let (cause, rule) = (allocation.cause, policy.rule(for: allocation.cause))
        guard allocation.desired == .run, allocation.next == nil, !rule.unlimited else { return false }
        if let cause, policy.causes[cause] != nil {
            return (allocation.client == .failed || allocation.client == .lost)
                && allocation.reschedules.count { $0.cause == cause } >= rule.attempts
        }
        let isForgiven = cause?.isInfrastructure == true && rule.attempts > 0
        let alike = allocation.reschedules.count {
            ($0.cause.map { policy.causes[$0] == nil } ?? true) && ($0.cause?.isInfrastructure == true) == isForgiven
        }
        return allocation.client == .failed && alike >= (isForgiven ? 3 : rule.attempts)
    }

    /// Whether nothing that an instance runs has changed since its version.
    private func runsNewest(_ allocation: Allocation, _ group: TaskGroup, of record: JobRecord) -> Bool {
        guard allocation.jobVersion < record.workVersion else { return true }
        let old = truth.job(of: allocation)?.group(group.name)
        return old?.tasks == group.tasks && old?.network == group.network && old?.disk == group.disk
    }

    /// Whether a roll-out keeps a group from its full number: it was paused or given up, or waits to be promoted.
    func isHeldBack(_ group: TaskGroup, of record: JobRecord) -> Bool {
        guard let newest = truth.deployments(of: record.job.id).last, newest.jobVersion == record.version else {
            return false
        }
        let state = newest.groups[group.name]
        let showsCanaries = (state?.desiredCanaries ?? 0) > 0 && state?.isPromoted == false
        return newest.status == .paused || newest.status == .failed || (newest.isActive && showsCanaries)
    }

    /// A live allocation has a task on its node, or one that is about to start again there.
    private func checkRuns(_ allocation: Allocation) {
        guard let number = agents.firstIndex(where: { $0.node.id == allocation.node }) else { return }
        if goneForGood.contains(number) {
            return violate("work leaves a lost machine", "\(allocation.name) is meant to run on node-\(number)")
        }
        checkTurn(of: allocation)
        let runs = agents[number].machine.running.contains { $0.run.allocation == allocation.id }
        let returns = allocation.tasks.values.contains { $0.phase == .pending && $0.startedAt != nil }
        // What takes the place of one whose time was over may have been placed a moment ago.
        let isNew = (Duration.zero..<Duration.seconds(5)).contains(clocks.wall - allocation.createTime)
        // A batch task may have ended a moment ago, its report still on the way.
        if !runs && !returns && !isNew && !lives.hasEnded(allocation.id) {
            violate("what is live runs", "\(allocation.name) on node-\(number), known as \(allocation.client)")
        }
    }
}

extension Allocation {
    /// Whether it has done what the newest version asks of its node, or cannot do it.
    fileprivate func isOver(for record: JobRecord) -> Bool {
        guard desired == .run, next == nil, jobVersion == record.version else { return false }
        return client == .failed || client == .complete && record.job.kind.isFinite
    }

    /// One line for the story.
    fileprivate var summary: String {
        let steps = "\(desired.rawValue)/\(client.rawValue), \(desiredDescription); \(clientDescription)"
        return "\(name) \(id.short) v\(jobVersion) on \(nodeName) [\(createRevision)...\(modifyRevision)] \(steps)"
    }
}

extension Reconciliation {
    /// Whether nothing is to be done but what waits for room, for other work or for a time.
    fileprivate var isDecided: Bool {
        stops.isEmpty && unknowns.isEmpty && upgrades.isEmpty && returned.isEmpty && rollout.isEmpty
    }
}
