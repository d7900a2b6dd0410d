import HeapModule

/// Which instances may act on files that changed, a template with the newest version of a secret for one. A group's
/// instances take turns by its `update` rules, where Nomad restarts all of them within seconds: at most `max_parallel`
/// have acted and are not yet well again, by `health_check` and for `min_healthy_time`.
///
/// An instance that is not well has nothing to lose and acts at once. One that does not become well keeps its turn, and
/// so does the one that takes its place, so a bad value reaches no more than `max_parallel` of them.
struct ReloadTurns: Sendable {
    private struct Alarm: Comparable, Sendable {
        let time: Uptime
        let allocation: AllocationID

        static func < (left: Alarm, right: Alarm) -> Bool {
            (left.time, left.allocation) < (right.time, right.allocation)
        }
    }

    /// Since when an instance that acted is well, and what it was like then: a restart begins anew.
    private struct Recovery: Sendable {
        let state: HealthState
        let since: Uptime
    }

    /// Instances with a turn, or that wait for one.
    private var pending: [JobID: Set<AllocationID>] = [:]
    private var recoveries: [AllocationID: Recovery] = [:]
    /// Jobs to look at.
    private var touched: Set<JobID> = []
    /// When jobs with many of them were looked at last.
    private var looked: [JobID: Uptime] = [:]
    private var alarms = Heap<Alarm>()

    init() {}

    /// What `snapshot` says of turns. What acted before counts as well from now on at the earliest.
    init(of snapshot: Snapshot) {
        for allocation in snapshot.allocations.unordered { note(allocation) }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot) {
        switch change {
        case .putAllocation(let allocation): note(allocation)
        case .removeAllocation(let id):
            for job in pending.keys where pending[job]?.contains(id) == true { forget(id, of: job) }
        case .putJob(let record): if pending[record.job.id] != nil { touched.insert(record.job.id) }
        case .removeJob(let id): (pending[id], looked[id]) = (nil, nil)
        default: break
        }
    }

    private mutating func note(_ allocation: Allocation) {
        let job = allocation.job
        if allocation.reload != nil {
            pending[job, default: []].insert(allocation.id)
        } else if pending[job] != nil {
            forget(allocation.id, of: job)
        }
        if pending[job] != nil { touched.insert(job) }
    }

    private mutating func forget(_ id: AllocationID, of job: JobID) {
        pending[job]?.remove(id)
        recoveries[id] = nil
        if pending[job]?.isEmpty == true { pending[job] = nil }
    }

    /// When an instance may have been well for long enough.
    var nextWake: Uptime? { alarms.min?.time }

    /// The instances whose turn begins or is over.
    ///
    /// A job with many of them is looked at again only after a pause that grows with their number: each look goes over
    /// all.
    mutating func due(in head: Snapshot, at now: Uptime) -> [Allocation] {
        while let alarm = alarms.min, alarm.time <= now {
            alarms.removeMin()
            if let job = head.allocations[alarm.allocation]?.job, pending[job] != nil { touched.insert(job) }
        }
        guard !touched.isEmpty else { return [] }
        defer { touched = [] }
        return touched.sorted().flatMap { job -> [Allocation] in
            let members = pending[job] ?? []
            if members.count > Self.few, let last = looked[job] {
                let next = last + Self.pauseForEach * members.count
                if next > now, let member = members.min() {
                    alarms.insert(Alarm(time: next, allocation: member))
                    return []
                }
            }
            looked[job] = members.count > Self.few ? now : nil
            return decide(job, in: head, at: now)
        }
    }

    /// So many are looked at whenever something changes of them.
    private static let few = 64
    private static let pauseForEach = Duration.microseconds(20)

    private mutating func decide(_ job: JobID, in head: Snapshot, at now: Uptime) -> [Allocation] {
        let members = (pending[job] ?? []).sorted().compactMap { head.allocations[$0] }
        var changed: [Allocation] = []
        for group in Set(members.map(\.group)).sorted() {
            changed += decide(members.filter { $0.group == group }, in: head, at: now)
        }
        return changed
    }

    /// Decides about the instances of one group that have a turn or wait for one.
    private mutating func decide(_ members: [Allocation], in head: Snapshot, at now: Uptime) -> [Allocation] {
        var changed: [AllocationID: Allocation] = [:]
        var acting = 0
        // Of what nothing is heard nobody knows how it is, and it can do nothing now.
        for member in members where member.client != .unknown {
            guard let turn = member.reload, turn.isActing else { continue }
            if !isOver(member, in: head, at: now) {
                acting += 1
            } else {
                changed[member.id] = member.taking(turn.phase == .waiting ? ReloadTurn(since: turn.since) : nil)
            }
        }
        let waiting = members.map { changed[$0.id] ?? $0 }
            .filter { $0.reload?.phase == .waiting && $0.client != .unknown }
            .sorted { ($0.waitsSince, $0.index, $0.id) < ($1.waitsSince, $1.index, $1.id) }
        for member in waiting {
            guard member.isLive, let turn = member.reload else {
                changed[member.id] = member.taking(nil)
                continue
            }
            let rules = Rules(of: member, in: head)
            if turn.isUnsettled {
                // It has its place among them, and waits until it is well, unless it is not.
                if rules.health(of: member).isWell { continue }
                changed[member.id] = member.taking(ReloadTurn(since: turn.since, phase: .granted))
                continue
            }
            #if MUTANTS
                let isFree = Sabotage.active == .turnlessReload
            #else
                let isFree = false
            #endif
            let mayAct = isFree || rules.parallel == 0 || acting < rules.parallel
            guard mayAct || !rules.health(of: member).isWell else { continue }
            acting += 1
            changed[member.id] = member.taking(ReloadTurn(since: turn.since, phase: .granted))
        }
        // Places are given up before others take them.
        let ordered = changed.sorted { $0.key < $1.key }.map(\.value)
        return ordered.filter { $0.reload?.phase != .granted } + ordered.filter { $0.reload?.phase == .granted }
    }

    /// Whether an instance that acted, or the one that took its place, has been well for long enough; or none is left.
    private mutating func isOver(_ member: Allocation, in head: Snapshot, at now: Uptime) -> Bool {
        var holder = member
        while holder.isTerminal, let next = holder.next {
            // What is no longer known can hold nobody up.
            guard let successor = head.allocations[next] else { return true }
            holder = successor
        }
        guard holder.desired == .run, holder.client != .complete, holder.client != .lost else { return true }
        if holder.id == member.id, member.reload?.phase == .granted {
            // How it was before it acts says nothing of afterwards.
            recoveries[member.id] = nil
            return false
        }
        let rules = Rules(of: holder, in: head)
        let state = rules.health(of: holder)
        guard state.isWell else {
            recoveries[member.id] = nil
            return false
        }
        if recoveries[member.id]?.state != state { recoveries[member.id] = Recovery(state: state, since: now) }
        let end = (recoveries[member.id]?.since ?? now) + rules.healthyTime
        if end > now { alarms.insert(Alarm(time: end, allocation: member.id)) }
        return end <= now
    }

    /// What the job says of an instance.
    private struct Rules {
        var parallel = 0
        var healthyTime = Duration.zero
        private var group: TaskGroup?
        private var byChecks = false

        init(of allocation: Allocation, in head: Snapshot) {
            guard let job = head.job(of: allocation), let group = job.group(allocation.group) else { return }
            self.group = group
            guard let strategy = group.update ?? job.update else { return }
            parallel = max(0, strategy.maxParallel)
            healthyTime = strategy.minHealthyTime
            byChecks = strategy.healthCheck == "checks"
        }

        func health(of allocation: Allocation) -> HealthState {
            guard let group else { return .ended }
            return HealthState(of: allocation, in: group, byChecks: byChecks)
        }
    }
}

extension Allocation {
    fileprivate var waitsSince: WallTime { reload?.since ?? createTime }

    fileprivate func taking(_ turn: ReloadTurn?) -> Allocation {
        var changed = self
        changed.reload = turn
        return changed
    }
}

extension ServerCore {
    /// Lets instances act on changed files, as the rules of their jobs allow.
    mutating func giveReloadTurns(at now: Now, into effects: inout [Effect]) {
        let due = reloads.due(in: head, at: now.uptime)
        guard !due.isEmpty else { return }
        let changes = due.map { allocation in
            var changed = allocation
            changed.modifyTime = now.wall
            return Change.putAllocation(changed)
        }
        commit(changes, at: now, into: &effects)
    }
}
