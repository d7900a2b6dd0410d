import ClusterKit

/// Looks at every durable state and says which promise it breaks. Shares no code with what it checks: it adds up by
/// itself.
struct StateChecker {
    private var seen: Revision = .zero
    /// The newest leadership that wrote something.
    private var newest: Epoch = .zero
    /// What each allocation had come to.
    private var known: [AllocationID: (client: ClientStatus, desired: DesiredStatus)] = [:]
    /// Instances that came to their end while they were to run.
    private var finished: Set<AllocationID> = []
    /// Instances that are well after the batch that is looked at: a later one of the same write may begin a roll-out
    /// that has not looked at them yet.
    private var well: Set<AllocationID> = []
    /// Groups of roll-outs whose canaries were promoted.
    private var promoted: Set<String> = []
    /// The child of each parent and token.
    private var dispatched: [String: JobID] = [:]
    /// Instances of which nothing was heard at some time: others may have taken their places.
    private var returning: Set<AllocationID> = []
    /// Instances that were to end for another reason before they were lost: of a stopped job, or beyond the count.
    private var wereGivenUp: Set<AllocationID> = []
    /// Since when nodes are lost, on the clock that nobody sets and on the other one, and by how much that was ahead at
    /// most since then.
    private var losses: [NodeID: (uptime: Uptime, wall: WallTime, ahead: Duration)] = [:]

    /// Takes in what becomes true with several batches at once: each of them is checked in the state after all.
    mutating func foresee(_ group: [ChangeBatch]) {
        for batch in group {
            for case .putAllocation(let allocation) in batch.changes where allocation.client == .unknown {
                returning.insert(allocation.id)
            }
        }
    }

    /// Checks what `batch` made true in `truth`.
    mutating func check(
        _ batch: ChangeBatch, leadingTo truth: Snapshot, at now: Now, into report: inout WorldReport
    ) {
        var nodes: Set<NodeID> = []
        var jobs: Set<JobID> = []
        if batch.revision <= seen {
            report.violations.append(
                Violation(rule: "one history", detail: "revision \(batch.revision) was written a second time"))
        }
        seen = max(seen, batch.revision)
        if batch.epoch < newest {
            report.violations.append(
                Violation(
                    rule: "an old leader writes no more",
                    detail: "revision \(batch.revision) is of epoch \(batch.epoch), after one of \(newest)"))
        }
        newest = max(newest, batch.epoch)
        for (node, loss) in losses {
            losses[node]?.ahead = max(loss.ahead, batch.time - loss.wall - (now.uptime - loss.uptime))
        }
        for case .putAllocation(let allocation) in batch.changes {
            if allocation.health?.isHealthy == true { well.insert(allocation.id) } else { well.remove(allocation.id) }
        }
        for change in batch.changes {
            checkLife(change, in: truth, into: &report)
            noteLoss(change, at: now, in: truth)
            guard case .putAllocation(let allocation) = change else { continue }
            nodes.insert(allocation.node)
            jobs.insert(allocation.job)
            if allocation.client == .complete, allocation.desired == .run { finished.insert(allocation.id) }
            if allocation.desired != .run, allocation.client != .lost || known[allocation.id]?.client == .unknown {
                wereGivenUp.insert(allocation.id)
            }
            checkPatience(with: allocation, now, in: truth, into: &report)
            checkCourse(of: allocation, in: truth, into: &report)
        }
        for node in nodes.sorted() { checkCapacity(of: node, in: truth, into: &report) }
        for job in jobs.sorted() { checkNames(of: job, in: truth, into: &report) }
    }

    /// No node holds more than it has, and no port twice. What ended unconfirmed still holds.
    private func checkCapacity(of id: NodeID, in truth: Snapshot, into report: inout WorldReport) {
        guard let node = truth.nodes[id] else { return }
        var (cpu, memory, disk) = (0, 0, 0)
        var ports = Set(node.reservedPorts)
        var held: Set<String> = []
        for allocation in truth.allocations(on: id) where !allocation.client.isTerminal {
            // Whoever waits for others to make room does not run yet.
            if allocation.preempted.contains(where: { truth.allocations[$0]?.client.isTerminal == false }) { continue }
            cpu += allocation.resources.total.cpuMHz
            memory += allocation.resources.total.memoryMiB
            disk += allocation.resources.total.diskMiB
            for port in allocation.resources.ports where !ports.insert(port.value).inserted {
                report.violations.append(
                    Violation(rule: "no port twice", detail: "port \(port.value) on \(node.name)"))
            }
            for thing in Self.things(of: allocation.resources) where !held.insert(thing).inserted {
                report.violations.append(
                    Violation(rule: "no core and no device twice", detail: "\(thing) on \(node.name)"))
            }
        }
        let (has, kept) = (node.capacity, node.reserved)
        let room = (has.cpuMHz - kept.cpuMHz, has.memoryMiB - kept.memoryMiB, has.diskMiB - kept.diskMiB)
        if cpu > room.0 || memory > room.1 || disk > room.2 {
            report.violations.append(
                Violation(
                    rule: "no node over capacity",
                    detail: "\(node.name) holds \(cpu) MHz, \(memory) MiB, \(disk) MiB disk of \(room)"))
        }
    }

    /// What only one may have at a time; most have nothing of that.
    private static func things(of resources: AllocatedResources) -> [String] {
        guard !resources.cores.isEmpty || !resources.devices.isEmpty else { return [] }
        let cores = resources.cores.sorted { $0.key < $1.key }.flatMap(\.value).map { "core \($0)" }
        return cores + resources.devices.flatMap { device in device.instances.map { "\(device.name) \($0)" } }
    }

    /// What has ended stays as it is, and finished work is not begun again.
    private mutating func checkCourse(of allocation: Allocation, in truth: Snapshot, into report: inout WorldReport) {
        defer { known[allocation.id] = (allocation.client, allocation.desired) }
        guard let before = known[allocation.id] else {
            checkPlace(of: allocation, in: truth, into: &report)
            return checkIsNeeded(allocation, in: truth, into: &report)
        }
        let isBack = before.client == .running && allocation.client == .pending
        let isRevived = before.client.isTerminal && before.client != allocation.client
        let isWantedAgain = before.desired != .run && allocation.desired == .run
        guard isBack || isRevived || isWantedAgain else { return }
        report.violations.append(
            Violation(
                rule: "states only move forward",
                detail: "\(allocation.name) \(allocation.id.short) was \(before.desired)/\(before.client) and is "
                    + "\(allocation.desired)/\(allocation.client)"))
    }

    /// What is said of jobs, roll-outs and what is forgotten.
    private mutating func checkLife(_ change: Change, in truth: Snapshot, into report: inout WorldReport) {
        switch change {
        case .removeAllocation(let id):
            well.remove(id)
            guard known.removeValue(forKey: id)?.client.isTerminal == false else { return }
            report.violations.append(
                Violation(rule: "nothing that may run is forgotten", detail: "allocation \(id.short)"))
        case .removeNode(let id):
            // Someone knows better than to wait for what runs there.
            for allocation in truth.allocations(on: id) { wereGivenUp.insert(allocation.id) }
        case .putDeployment(let deployment):
            for (name, group) in deployment.groups.sorted(by: { $0.key < $1.key }) where group.isPromoted {
                guard promoted.insert("\(deployment.id) \(name)").inserted else { continue }
                let unproven = group.placedCanaries.first { !well.contains($0) }
                guard let unproven, truth.allocations[unproven]?.isLive == true else { continue }
                report.violations.append(
                    Violation(
                        rule: "only what is well is promoted",
                        detail: "\(deployment.job) \(name): canary \(unproven.short) was not found well"))
            }
        case .putJob(let record):
            guard let origin = record.job.origin, origin.isDispatched, !origin.idempotencyToken.isEmpty,
                record.version == 0, !record.stopped
            else { return }
            let key = "\(origin.parent) \(origin.idempotencyToken)"
            if let first = dispatched[key], first != record.job.id, truth.jobs[first] != nil {
                report.violations.append(
                    Violation(rule: "one child for each token", detail: "\(first) and \(record.job.id)"))
            }
            dispatched[key] = record.job.id
        default: break
        }
    }

    /// New work goes only to nodes that take it, and apart where its job says so.
    private func checkPlace(of allocation: Allocation, in truth: Snapshot, into report: inout WorldReport) {
        guard let node = truth.nodes[allocation.node] else { return }
        if node.eligibility == .ineligible, node.modifyRevision < allocation.createRevision {
            report.violations.append(
                Violation(
                    rule: "new work goes to nodes that take it", detail: "\(allocation.name) went to \(node.name)"))
        }
        guard let group = truth.job(of: allocation)?.group(allocation.group) else { return }
        checkRacks(of: allocation, on: node, group, in: truth, into: &report)
        guard group.constraints.contains(where: { $0.comparison == .distinctHosts }) else { return }
        let beside = truth.allocations(on: node.id).contains {
            $0.id != allocation.id && $0.job == allocation.job && $0.group == allocation.group && $0.isLive
                && $0.createRevision < allocation.createRevision
        }
        guard beside else { return }
        report.violations.append(
            Violation(rule: "hosts are distinct", detail: "\(allocation.name) is not alone on \(node.name)"))
    }

    /// No more of a group stand in one rack than its rules allow.
    private func checkRacks(
        of allocation: Allocation, on node: Node, _ group: TaskGroup, in truth: Snapshot, into report: inout WorldReport
    ) {
        guard let rule = group.constraints.first(where: { $0.comparison == .distinctProperty }),
            let limit = Int(rule.value)
        else { return }
        let beside = truth.allocations(of: allocation.job).count {
            $0.id != allocation.id && $0.group == allocation.group && $0.isLive && $0.client != .unknown
                && $0.createRevision < allocation.createRevision
                && truth.nodes[$0.node]?.meta["rack"] == node.meta["rack"]
        }
        guard beside >= limit else { return }
        report.violations.append(
            Violation(
                rule: "racks are distinct",
                detail: "\(allocation.name) is with \(beside) others in the rack of \(node.name), of at most \(limit)"))
    }

    private func checkIsNeeded(_ allocation: Allocation, in truth: Snapshot, into report: inout WorldReport) {
        guard let kind = truth.jobs[allocation.job]?.job.kind, kind.isFinite else { return }
        let done = truth.allocations(of: allocation.job).first {
            guard finished.contains($0.id), $0.group == allocation.group, $0.jobVersion == allocation.jobVersion else {
                return false
            }
            return kind == .batch
                ? $0.desired == .run && $0.index == allocation.index : $0.node == allocation.node
        }
        guard let done else { return }
        report.violations.append(
            Violation(
                rule: "finished work is not begun again",
                detail: "\(allocation.name) \(allocation.id.short), which \(done.id.short) has done"))
    }

    private mutating func noteLoss(_ change: Change, at now: Now, in truth: Snapshot) {
        guard case .putNode(let node) = change else { return }
        if node.status == .down, losses[node.id] == nil {
            // What was lost before, and has had its time, waits for no other loss of its node.
            let lost = truth.allocations(on: node.id).filter { known[$0.id]?.client == .lost }
            wereGivenUp.formUnion(lost.map(\.id))
        }
        losses[node.id] = node.status == .down ? losses[node.id] ?? (now.uptime, node.statusTime, .zero) : nil
    }

    /// What its own agent is to stop is replaced when that has had its time, by one clock or the other: a server that
    /// takes the lead reads on the one how much is left, and waits for that on the other. Canaries are lost with their
    /// nodes.
    private func checkPatience(
        with allocation: Allocation, _ now: Now, in truth: Snapshot, into report: inout WorldReport
    ) {
        guard known[allocation.id] == nil, let previous = allocation.previous.flatMap({ truth.allocations[$0] }),
            previous.client == .lost, !previous.isCanary, !wereGivenUp.contains(previous.id),
            let loss = losses[previous.node],
            let patience = truth.job(of: previous)?.group(previous.group)?.disconnect?.stopOnClientAfter
        else { return }
        // What is durable was decided up to a few seconds before.
        guard now.uptime - loss.uptime + loss.ahead + .seconds(3) < patience else { return }
        report.violations.append(
            Violation(
                rule: "what its agent stops is not replaced before",
                detail: "\(allocation.name) was placed \(now.uptime - loss.uptime) after the loss of its node"))
    }

    /// Never two allocations of one name that are both meant to run; canaries apart, those of which nothing is heard,
    /// and those that returned while another had taken their place: of these one ends, which is seen at rest. One that
    /// retires finishes its work beside the canary that got its number.
    private func checkNames(of job: JobID, in truth: Snapshot, into report: inout WorldReport) {
        var names: [String: Allocation] = [:]
        for allocation in truth.allocations(of: job) where allocation.desired == .run && !allocation.isCanary {
            guard !allocation.client.isTerminal, allocation.wish != .retire, !returning.contains(allocation.id) else {
                continue
            }
            let name = "\(job).\(allocation.group)[\(allocation.index)]"
            guard let other = names.updateValue(allocation, forKey: name) else { continue }
            let pair =
                "\(other.id.short) [\(other.createRevision)] and \(allocation.id.short) [\(allocation.createRevision)]"
            report.violations.append(
                Violation(
                    rule: "one live allocation a name", detail: "\(name), \(pair), at revision \(truth.revision)"))
        }
    }
}
