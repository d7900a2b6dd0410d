/// Perfect agents: what they do with the orders that they find and get.
extension Simulation {
    /// Goes on with what was in motion when the copy was taken, in the order in which it was placed.
    mutating func resume() {
        let open = snapshot.allocations.unordered.filter { !$0.isTerminal }.sorted {
            ($0.createRevision, $0.job, $0.group, $0.index, $0.id)
                < ($1.createRevision, $1.job, $1.group, $1.index, $1.id)
        }
        for allocation in open where allocation.client == .running && allocation.desired == .run {
            planEnd(of: allocation, since: allocation.firstStart)
        }
        react(to: open.map(\.id))
    }

    /// Starts and ends what the servers want started and ended.
    mutating func react(to touched: [AllocationID]) {
        var (starting, ending, returning): ([AllocationID], [AllocationID], [AllocationID]) = ([], [], [])
        var seen: Set<AllocationID> = []
        for id in touched where seen.insert(id).inserted {
            guard let allocation = snapshot.allocations[id], !allocation.isTerminal,
                snapshot.nodes[allocation.node]?.status == .ready
            else { continue }
            if allocation.desired != .run {
                ending.append(id)
            } else if allocation.client == .unknown {
                returning.append(id)
            } else if allocation.client == .pending {
                if snapshot.awaitsRoom(allocation) { wait(for: allocation.preempted, id) } else { starting.append(id) }
            }
        }
        if !ending.isEmpty { report(ending, as: .complete) }
        if !returning.isEmpty { report(returning, as: .running) }
        for id in returning {
            if let allocation = snapshot.allocations[id] { planEnd(of: allocation, since: allocation.firstStart) }
        }
        if !starting.isEmpty { run(starting) }
    }

    /// Agents are not told of an instance before those have ended whose room it has.
    private mutating func wait(for ends: [AllocationID], _ id: AllocationID) {
        for end in ends where snapshot.allocations[end]?.isTerminal == false {
            if waiting[end]?.contains(id) != true { waiting[end, default: []].append(id) }
        }
    }

    private mutating func run(_ ids: [AllocationID]) {
        for id in ids {
            guard let allocation = snapshot.allocations[id] else { continue }
            let evicted = allocation.preempted.count { snapshot.allocations[$0]?.preemptedBy == id }
            report.note(allocation, evicted: evicted, wantedSince: wantedSince(allocation), at: time)
            planEnd(of: allocation, since: time)
        }
        report(ids, as: .running)
    }

    /// Since when there should have been this instance: its predecessor's end, or the job's registration.
    private func wantedSince(_ allocation: Allocation) -> WallTime {
        let previous = allocation.previous.flatMap { snapshot.allocations[$0]?.modifyTime }
        let submitted = snapshot.jobVersions[JobVersion(allocation.job, allocation.jobVersion)]?.submitTime
        return max(start, previous ?? submitted ?? start)
    }

    // MARK: - Ends

    private mutating func planEnd(of allocation: Allocation, since begin: WallTime) {
        let job = snapshot.job(of: allocation)
        let parent = job?.origin?.parent
        let limit = job?.group(allocation.group)?.runLimit?.duration
        // What a periodic or parameterized job began runs as long as was said of that.
        let stated = lengths[allocation.job] ?? parent.flatMap { lengths[$0] }
        if let length = [stated, limit].compactMap(\.self).min() {
            plan(.end(allocation.id), at: max(time, begin + length))
        } else if job?.kind.isFinite == true {
            report.endless[parent ?? allocation.job, default: 0] += 1
        }
    }

    /// Tells the core what became of allocations, node by node. Nodes that are not there tell nothing.
    mutating func report(_ ids: [AllocationID], as status: ClientStatus) {
        let allocations = ids.compactMap { snapshot.allocations[$0] }.filter {
            !$0.isTerminal && snapshot.nodes[$0.node]?.status == .ready
        }
        let byNode = Dictionary(grouping: allocations, by: \.node).sorted { $0.key < $1.key }
        for (told, (node, group)) in byNode.enumerated() {
            // Of a job that runs everywhere all machines may have something to tell at one moment.
            guard mayPlayMore(), told % 256 != 255 || goesOn() else { return }
            for allocation in group where status == .complete { report.noteEnd(of: allocation) }
            let reports = group.map { allocation in
                let group = snapshot.job(of: allocation)?.group(allocation.group)
                return AllocationReport(
                    id: allocation.id, client: status, tasks: group?.tasks(status, of: allocation, at: time) ?? [:],
                    checks: group?.passingChecks(at: time) ?? [])
            }
            handle(.request(0, .report(node, reports)))
        }
    }
}

extension Allocation {
    /// When its first task started first, as far as is known here: a task's last ten events are kept.
    fileprivate var firstStart: WallTime {
        let starts = tasks.values.flatMap { state in
            state.events.filter { $0.kind == .started }.map(\.time) + [state.startedAt].compactMap(\.self)
        }
        return starts.min() ?? createTime
    }
}

extension TaskGroup {
    /// What perfect agents report of the tasks.
    fileprivate func tasks(_ status: ClientStatus, of allocation: Allocation, at time: WallTime) -> [String: TaskState]
    {
        let states = tasks.map { task in
            var state = allocation.tasks[task.name] ?? TaskState()
            state.phase = status.isTerminal ? .dead : .running
            state.startedAt = state.startedAt ?? time
            state.finishedAt = status.isTerminal ? time : nil
            return (task.name, state)
        }
        return Dictionary(states) { first, _ in first }
    }

    /// And of the checks.
    fileprivate func passingChecks(at time: WallTime) -> [CheckStatus] {
        placedServices.flatMap { service in
            service.spec.checks.enumerated().map { index, check in
                CheckStatus(
                    service: service.key, index: index, name: check.name, kind: check.kind, health: .passing,
                    since: time)
            }
        }
    }
}
