import HeapModule

/// When the health of instances that a roll-out watches is decided, and when a roll-out has gone without progress for
/// too long. Kept in step with the head of the state, from which it can be made anew at any time.
///
/// The server decides, from what agents report: an instance is well once its tasks have run and its checks have passed
/// for `min_healthy_time` without a break, by the server's clock from the report that said so; it is unwell when it
/// ends, or when that has not come about by `healthy_deadline` after it was placed. While its roll-out is paused it can
/// only be found well; afterwards it has a whole `healthy_deadline` more.
struct RolloutWatch: Sendable {
    /// What was found of one instance.
    struct Verdict: Hashable, Sendable {
        let allocation: AllocationID
        let isHealthy: Bool
    }

    /// What has come due.
    struct Due: Sendable {
        var verdicts: [Verdict] = []
        var overdue: [DeploymentID] = []

        var isEmpty: Bool { verdicts.isEmpty && overdue.isEmpty }
    }

    private enum Subject: Hashable, Comparable, Sendable {
        case allocation(AllocationID)
        case deployment(DeploymentID)
    }

    private struct Alarm: Comparable, Sendable {
        let time: Uptime
        let subject: Subject

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.subject) < (right.time, right.subject) }
    }

    /// An instance that is looked at.
    private struct Entry: Sendable {
        /// By when it must be well; `nil` while its roll-out is paused.
        var deadline: Uptime?
        /// Since when it is well, as far as known, and what it was like then: a restart begins anew.
        var well: (since: Uptime, state: HealthState)?
        /// What will be said of it unless something changes; `nil` while nothing will.
        var decision: (time: Uptime, isHealthy: Bool)?
    }

    private var entries: [AllocationID: Entry] = [:]
    private var deadlines: [DeploymentID: Uptime] = [:]
    /// By when each group of a roll-out must make progress: as it is stored, and on the clock that nobody can set.
    private var progress: [DeploymentID: [String: (stored: WallTime, due: Uptime)]] = [:]
    private var paused: Set<DeploymentID> = []
    /// Instances of which nothing is heard.
    private var silent: Set<AllocationID> = []
    private var alarms = Heap<Alarm>()

    /// Decisions are gathered for so long: each batch of them is a reason to look at a job again. Nomad's watcher waits
    /// as long.
    private static let gathering = Duration.milliseconds(250)

    init() {}

    /// What is to be watched in `snapshot`. Whoever led before may have seen that an instance is well: it counts as
    /// well since it last changed. Agents may need `silence` to be heard of again.
    init(of snapshot: Snapshot, after silence: Duration, at now: Now) {
        for deployment in snapshot.deployments.sorted where deployment.isActive {
            if deployment.status == .paused { paused.insert(deployment.id) }
            follow(deployment, in: snapshot, at: now)
            for allocation in snapshot.allocations(of: deployment.job) where allocation.deployment == deployment.id {
                follow(allocation, in: snapshot, since: now.wall - allocation.modifyTime, at: now)
            }
        }
        giveTime(after: silence, in: snapshot, at: now)
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: Now) {
        switch change {
        case .putAllocation(let allocation):
            if allocation.isTerminal { followThoseThatAwait(allocation, in: head, at: now) }
            guard allocation.deployment != nil, let stored = head.allocations[allocation.id] else { return }
            follow(stored, in: head, since: .zero, at: now)
        case .removeAllocation(let id):
            entries[id] = nil
            silent.remove(id)
        case .putDeployment(let deployment):
            guard let stored = head.deployments[deployment.id] else { return }
            follow(stored, in: head, at: now)
            notePause(of: stored, in: head, at: now)
        case .removeDeployment(let id):
            deadlines[id] = nil
            progress[id] = nil
            paused.remove(id)
        default: break
        }
    }

    /// When something may come due.
    var nextWake: Uptime? { alarms.min?.time }

    /// What has come due; it is handed out once.
    mutating func due(at now: Uptime) -> Due {
        var due = Due()
        while let alarm = alarms.min, alarm.time <= now {
            alarms.removeMin()
            switch alarm.subject {
            case .allocation(let id):
                guard let decision = entries[id]?.decision, decision.time == alarm.time else { continue }
                entries[id] = nil
                due.verdicts.append(Verdict(allocation: id, isHealthy: decision.isHealthy))
            case .deployment(let id):
                guard deadlines[id] == alarm.time else { continue }
                deadlines[id] = nil
                #if MUTANTS
                    if Sabotage.active == .endlessRollout { continue }
                #endif
                due.overdue.append(id)
            }
        }
        return due
    }

    /// Nobody could report for a while: no time is over before agents had `silence` to be heard of, and what they told
    /// of has been well for long enough.
    mutating func giveTime(after silence: Duration, in head: Snapshot, at now: Now) {
        let heard = now.uptime + silence
        for id in entries.keys.sorted() {
            guard let deadline = entries[id]?.deadline, let allocation = head.allocations[id] else { continue }
            let proof = head.job(of: allocation)?.minHealthyTime(of: allocation.group) ?? .zero
            entries[id]?.deadline = max(deadline, heard + proof)
            follow(allocation, in: head, since: .zero, at: now)
        }
        for id in progress.keys.sorted() {
            guard let deployment = head.deployments[id], var groups = progress[id] else { continue }
            let job = head.jobVersions[JobVersion(deployment.job, deployment.jobVersion)]?.job
            for (name, known) in groups {
                let proof = job?.minHealthyTime(of: name) ?? .zero
                groups[name] = (stored: known.stored, due: max(known.due, heard + proof))
            }
            progress[id] = groups
            follow(deployment, in: head, at: now)
        }
    }

    // MARK: Instances

    /// Whoever has the room of one that has ended can begin now, and be well in time.
    private mutating func followThoseThatAwait(_ ended: Allocation, in head: Snapshot, at now: Now) {
        for id in Set([ended.next, ended.preemptedBy].compactMap(\.self)).sorted() where entries[id] == nil {
            guard let waiting = head.allocations[id], waiting.preempted.contains(ended.id) else { continue }
            follow(waiting, in: head, since: .zero, at: now)
        }
    }

    private mutating func follow(_ allocation: Allocation, in head: Snapshot, since age: Duration, at now: Now) {
        // One that fails is looked at again, whatever was found of it before: only then is it known whether another may
        // take its place.
        let hasFailed = allocation.client == .failed && allocation.next == nil
        guard allocation.health == nil || hasFailed, allocation.desired == .run, allocation.client != .lost,
            allocation.client != .unknown,
            !head.awaitsRoom(allocation),
            let deployment = allocation.deployment.flatMap({ head.deployments[$0] }), deployment.isActive,
            let job = head.job(of: allocation), let group = job.group(allocation.group),
            let strategy = group.update ?? job.update, strategy.healthCheck != "manual"
        else {
            entries[allocation.id] = nil
            if allocation.client == .unknown { silent.insert(allocation.id) } else { silent.remove(allocation.id) }
            return
        }
        let hasReturned = silent.remove(allocation.id) != nil
        let known = entries[allocation.id]
        var entry = known ?? Entry()
        if deployment.status == .paused {
            entry.deadline = nil
        } else if entry.deadline == nil {
            var beginning = deployment.beginning(of: allocation, in: head)
            // What goes on as it is may come to be watched long after its roll-out began, and what has returned could
            // tell nothing before.
            if known == nil, hasReturned || allocation.createTime < deployment.createTime {
                beginning = max(beginning, allocation.modifyTime)
            }
            let deadline = beginning + strategy.healthyDeadline
            entry.deadline = now.uptime(of: deadline, atMost: strategy.healthyDeadline)
        }
        switch HealthState(of: allocation, in: group, byChecks: strategy.healthCheck == "checks") {
        case .ended:
            entry.decision = entry.deadline == nil ? nil : (gathered(now.uptime), false)
        case .unsettled:
            entry.well = nil
            entry.decision = entry.deadline.map { (gathered($0), false) }
        case .well(let starts):
            if entry.well?.state != .well(starts: starts) {
                let age = min(max(.zero, age), strategy.minHealthyTime)
                entry.well = (now.uptime + (.zero - age), .well(starts: starts))
            }
            let good = (entry.well?.since ?? now.uptime) + strategy.minHealthyTime
            let late = entry.deadline.flatMap { good > $0 ? $0 : nil }
            entry.decision = late.map { (gathered($0), false) } ?? (gathered(good), true)
        }
        entries[allocation.id] = entry
        guard let decision = entry.decision, decision.time != known?.decision?.time else { return }
        alarms.insert(Alarm(time: decision.time, subject: .allocation(allocation.id)))
    }

    private func gathered(_ time: Uptime) -> Uptime {
        let step = Self.gathering.nanoseconds
        let rest = time.nanoseconds % step
        return rest > 0 ? time + .nanoseconds(step - rest) : time
    }

    // MARK: Roll-outs

    /// Looks anew at the instances of a roll-out that was paused or goes on.
    private mutating func notePause(of deployment: Deployment, in head: Snapshot, at now: Now) {
        let isPaused = deployment.status == .paused
        guard isPaused != paused.contains(deployment.id) else { return }
        if isPaused { paused.insert(deployment.id) } else { paused.remove(deployment.id) }
        for allocation in head.allocations(of: deployment.job) where allocation.deployment == deployment.id {
            follow(allocation, in: head, since: .zero, at: now)
        }
    }

    private mutating func follow(_ deployment: Deployment, in head: Snapshot, at now: Now) {
        let known = progress[deployment.id] ?? [:]
        let groups = deployment.status == .running ? deployment.groups : [:]
        var current: [String: (stored: WallTime, due: Uptime)] = [:]
        for (name, group) in groups {
            guard let stored = group.requireProgressBy else { continue }
            // A clock that is set meanwhile moves nothing.
            let (before, due) = (known[name], now.uptime(of: stored, atMost: group.progressDeadline))
            current[name] = (stored: stored, due: before?.stored == stored ? before?.due ?? due : due)
        }
        progress[deployment.id] = current.isEmpty ? nil : current
        let deadline = current.filter { groups[$0.key]?.isSettled(in: head) == false }.map { $0.value.due }.min()
        guard deadline != deadlines[deployment.id] else { return }
        deadlines[deployment.id] = deadline
        if let deadline { alarms.insert(Alarm(time: deadline, subject: .deployment(deployment.id))) }
    }
}

extension Deployment {
    /// From when on an instance has its time to become well. It could not begin before those whose room it has had
    /// ended, and a pause takes no time from it.
    fileprivate func beginning(of allocation: Allocation, in head: Snapshot) -> WallTime {
        let room = allocation.preempted.compactMap { head.allocations.part(of: $0, \.modifyTime) }.max()
        return [allocation.createTime, createTime, room, resumeTime].compactMap(\.self).max() ?? createTime
    }
}

extension DeploymentGroup {
    /// Whether the group need not make progress: all are well, or its canaries are and wait for someone to say so.
    func isSettled(in head: Snapshot) -> Bool {
        if desiredCanaries > 0, !isPromoted { return healthyCanaries(in: head) >= desiredCanaries }
        return healthy >= desiredTotal
    }

    /// How many canaries are well.
    func healthyCanaries(in head: Snapshot) -> Int {
        placedCanaries.count { id in
            guard let allocation = head.allocations[id] else { return false }
            return allocation.isLive && allocation.health?.isHealthy == true
        }
    }
}

extension Job {
    /// How long an instance of a group must be well to be found so.
    fileprivate func minHealthyTime(of name: String) -> Duration? { (group(name)?.update ?? update)?.minHealthyTime }
}

extension Now {
    /// The moment at which the wall clock will show `time`; no later than `limit` from now, however far that clock was
    /// set back, and not before now.
    func uptime(of time: WallTime, atMost limit: Duration) -> Uptime {
        uptime + min(max(.zero, time - wall), max(.zero, limit))
    }
}
