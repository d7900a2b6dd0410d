/// The reconciler's work on one group.
struct GroupReconciler {
    let group: TaskGroup
    let record: JobRecord
    var versions: VersionCheck
    let rollout: GroupRollout
    let head: Snapshot
    let evaluation: EvaluationID?
    let now: WallTime

    /// Whether an instance of an older version that has to be placed anew keeps its version.
    private(set) var keepsVersions = false
    /// Whether this look begins a roll-out that shows canaries beside what runs.
    private(set) var beginsWithCanaries = false

    /// A larger count is held here.
    let largestCount: Int

    /// What stands at one number. Boxed, for instances are large and there may be many.
    indirect enum Claim {
        /// Runs, or will.
        case live(Allocation)
        /// Ran on a node that is lost.
        case lost(Allocation)
        /// Runs perhaps, on a node that is lost; another takes its place meanwhile.
        case away(Allocation)
        /// Runs perhaps, and is waited for.
        case silent(Allocation)
        /// Ended and is to be placed anew, now.
        case again(Allocation, history: [RescheduleEvent], avoided: [NodeID], reason: String)
        /// Failed and is to be placed anew later; `asleep` when no evaluation wakes it.
        case later(Allocation, until: WallTime, asleep: Bool)
        /// Ended for good: done, or failed too often.
        case over(Allocation, isDone: Bool)

        /// Who is told to go when fewer are wanted. One that failed is told as well, or it would come back when more
        /// are wanted again. What is lost has been told already, and work that is done stays done.
        var leaver: Allocation? {
            switch self {
            case .live(let allocation), .again(let allocation, _, _, _), .later(let allocation, _, _),
                .over(let allocation, isDone: false):
                allocation
            case .lost, .away, .silent, .over: nil
            }
        }
    }

    var claims: [Int: Claim] = [:]
    /// Numbers of instances that finish their present work: they count no longer, and nobody has their numbers yet.
    var retiring: Set<Int> = []
    /// Those of them that have done it and end now.
    var retired: Set<Int> = []
    /// Numbers of instances that were told to end and run perhaps still, where nothing of their name may run beside
    /// them.
    var leaving: Set<Int> = []
    /// Those of them that ended for a successor.
    var followed: Set<Int> = []
    /// Instances of which nothing is heard, and which may return.
    var silent: [Allocation] = []

    init(
        group: TaskGroup, record: JobRecord, versions: VersionCheck, rollout: GroupRollout, head: Snapshot,
        evaluation: EvaluationID?, largestCount: Int, now: WallTime
    ) {
        self.largestCount = largestCount
        self.group = group
        self.record = record
        self.versions = versions
        self.rollout = rollout
        self.head = head
        self.evaluation = evaluation
        self.now = now
    }

    mutating func reconcile(_ allocations: [Allocation], into result: inout Reconciliation) {
        var ordered = Reconciler.byNumber(allocations)
        let canaries = takeCanaries(from: &ordered, into: &result)
        claimRunning(ordered, into: &result)
        beginsWithCanaries = findsNeedOfCanaries()
        keepsVersions = rollout.keepsVersions || beginsWithCanaries
        for allocation in ordered.reversed() where allocation.isTerminal { claimEnded(allocation, into: &result) }
        claimSilent()
        keepNumbersOfLeaving()

        let count = min(max(0, group.count), largestCount)
        let numbers = claims.keys.sorted()
        let excess = numbers.count > count ? departing(numbers.count - count, of: numbers) : []
        for number in excess.sorted() {
            let reason = "count was lowered to \(count)"
            if case .away(let allocation)? = claims[number] {
                result.giveUp(allocation, because: reason, in: head)
            } else if case .silent(let allocation)? = claims[number] {
                result.giveUp(allocation, because: reason, in: head)
            } else if let leaver = claims[number]?.leaver {
                result.stops.append(.init(allocation: leaver.id, reason: reason))
            }
        }
        var wants: [Reconciliation.Want] = []
        var outdated: [Outdated] = []
        let staying = numbers.filter { !excess.contains($0) }
        for number in staying {
            if let want = settle(number, &outdated, into: &result) { wants.append(want) }
        }
        let missing = max(0, count - numbers.count)
        let awaited = awaited(by: missing, below: count)
        let filled = fill(missing - awaited, after: ordered)
        let replaced = replace(
            outdated, beside: wants.count + filled.count, awaiting: awaited, among: ordered, into: &result)
        // Each part is in order already, and most of them are empty.
        wants = wants.isEmpty ? replaced : wants + replaced
        wants = wants.isEmpty ? filled : (wants + filled).sorted { $0.index < $1.index }
        wants += want(canaries, outdated, after: ordered, upTo: count, into: &result)
        noteBeginning(into: &result)
        noteProgress(
            staying[...], canaries, isDone: wants.isEmpty && outdated.isEmpty && awaited == 0, into: &result)
        result.wants += wants
    }

    /// Who goes when fewer are wanted: what failed or is lost, then as `Departure` says. Work that is done stays done.
    private func departing(_ excess: Int, of numbers: [Int]) -> Set<Int> {
        let places = numbers.map { number in
            let departure =
                switch claims[number] {
                case .live(let allocation): Departure(allocation)
                case .over(_, isDone: true): Departure.never(number)
                case .lost, .away, .silent, .again, .later, .over, nil: Departure.first(number)
                }
            return (departure, number)
        }
        return Set(places.sorted { $0.0 < $1.0 }.prefix(excess).map(\.1))
    }

    // MARK: Who stands where

    mutating func claimRunning(_ ordered: [Allocation], into result: inout Reconciliation) {
        claims.reserveCapacity(ordered.count)
        for allocation in ordered where !allocation.isTerminal {
            switch head.whereabouts(of: allocation) {
            case .lost(let loss): note(lost: allocation, because: loss, into: &result)
            case .unknown(let reason): note(silent: allocation, because: reason, into: &result)
            case .known where allocation.desired == .run:
                if allocation.wish == .retire {
                    retire(allocation, into: &result)
                } else {
                    claim(allocation, into: &result)
                }
            case .known where group.atMostOne || allocation.fence != nil: note(leaving: allocation)
            case .known: break
            }
        }
    }

    private mutating func claim(_ allocation: Allocation, into result: inout Reconciliation) {
        guard case .live(let rival) = claims[allocation.index] else {
            claims[allocation.index] = .live(allocation)
            return
        }
        #if MUTANTS
            if Sabotage.active == .keptBoth { return }
        #endif
        let (kept, extra) = prefers(allocation, to: rival) ? (allocation, rival) : (rival, allocation)
        claims[allocation.index] = .live(kept)
        if kept.next == extra.id { result.returned.append(kept.id) }
        result.stops.append(.init(allocation: extra.id, reason: reason(toKeep: kept, andNot: extra)))
    }

    /// Of two that claim one number the one that fits the job and runs stays; else the older one.
    private func prefers(_ left: Allocation, to right: Allocation) -> Bool {
        let (leftFits, rightFits) = (versions.runsNewest(left), versions.runsNewest(right))
        if leftFits != rightFits { return leftFits }
        if let isKept = keeps(left, right) { return isKept }
        let (leftRuns, rightRuns) = (left.client == .running, right.client == .running)
        if leftRuns != rightRuns { return leftRuns }
        return (left.createRevision, left.id) < (right.createRevision, right.id)
    }

    /// Called with the newest first: an older end says nothing once a newer one was seen, but done work is done.
    mutating func claimEnded(_ allocation: Allocation, into result: inout Reconciliation) {
        let isBatch = record.job.kind.isFinite
        if isBatch, isDoneBeside(allocation) { return endDoubles(ofDone: allocation, into: &result) }
        guard allocation.desired == .run, allocation.next == nil, allocation.wish != .retire else { return }
        // Registering a batch job again asks for its work to be done again.
        if isBatch, allocation.jobVersion < record.workVersion { return }
        #if MUTANTS
            if Sabotage.active == .repeatedWork, allocation.client == .complete { return }
        #endif
        if isBatch, allocation.client == .complete {
            if case .live = claims[allocation.index] { return }
            claims[allocation.index] = .over(allocation, isDone: true)
            return
        }
        guard claims[allocation.index] == nil else { return drop(allocation, into: &result) }
        switch allocation.client {
        case .failed: claims[allocation.index] = failed(allocation)
        case .complete:
            claims[allocation.index] = .again(
                allocation, history: allocation.reschedules, avoided: [], reason: "service ended by itself")
        case .lost where lossesCount: claims[allocation.index] = failed(allocation)
        case .lost:
            claims[allocation.index] = .again(
                allocation, history: allocation.reschedules, avoided: [], reason: "instance was lost")
        case .pending, .running, .unknown: break
        }
    }

    /// One that failed while another had its number, which was silent and came back, is wanted no more: or the number
    /// would be its own again, and given up, when that one goes.
    private func drop(_ allocation: Allocation, into result: inout Reconciliation) {
        guard case .live(let kept) = claims[allocation.index],
            allocation.client == .failed || allocation.client == .lost
        else { return }
        result.stops.append(.init(allocation: allocation.id, reason: reason(toKeep: kept, andNot: allocation)))
    }

    func failed(_ allocation: Allocation) -> Claim {
        let timer = RescheduleTimer(after: allocation, group.reschedule, at: now)
        if allocation.wish == .replace {
            return again(
                allocation, after: timer?.delay ?? group.reschedule.rule(for: allocation.cause).delay,
                timer?.history ?? allocation.reschedules)
        }
        // What a failed roll-out placed shows that it fails: that is not tried again.
        if rollout.hasFailed, rollout.owns(allocation), allocation.client == .failed {
            return .over(allocation, isDone: false)
        }
        guard keepsVersions || versions.runsNewest(allocation) else {
            return .again(
                allocation, history: [], avoided: [], reason: "job changed to version \(record.version)")
        }
        guard let timer else { return .over(allocation, isDone: false) }
        // A clock that was set back since the failure prolongs no wait.
        var (due, asleep) = (min(timer.time, now + timer.delay), true)
        if let id = allocation.followUp, let wake = head.evaluations[id] {
            // An evaluation that was looked at has had its time, whatever the clock says since.
            let isOver = id == evaluation || wake.status != .pending
            due = isOver ? now : wake.waitUntil ?? due
            asleep = isOver
        }
        guard due <= now else { return .later(allocation, until: due, asleep: asleep) }
        return again(allocation, after: timer.delay, timer.history)
    }

    /// The next attempt of one that failed.
    private func again(_ allocation: Allocation, after delay: Duration, _ earlier: [RescheduleEvent]) -> Claim {
        let event = RescheduleEvent(
            time: now, previous: allocation.id, node: allocation.node, delay: delay, cause: allocation.cause)
        let history = earlier + [event]
        let reason = allocation.client == .lost ? head.loss(of: allocation) ?? "instance was lost" : "instance failed"
        return .again(allocation, history: history, avoided: Set(history.map(\.node)).sorted(), reason: reason)
    }

    // MARK: What follows

    /// Returns the instance to place at a number. One that runs an older version is `outdated`: whether it is replaced
    /// now is for the roll-out to say.
    private mutating func settle(
        _ number: Int, _ outdated: inout [Outdated], into result: inout Reconciliation
    ) -> Reconciliation.Want? {
        switch claims[number] {
        case .live(let allocation):
            forgetSuccessor(of: allocation, into: &result)
            if let want = leave(allocation, into: &result) { return want }
            #if MUTANTS
                if Sabotage.active == .leftBehind, rollout.strategy == nil { return nil }
            #endif
            if let reason = versions.outdated(allocation, in: group) {
                outdated.append(Outdated(number: number, allocation: allocation.id, reason: reason))
            } else if allocation.jobVersion != record.version {
                result.upgrades.append(allocation.id)
            }
            return nil
        case .lost, .away, .silent, .again, .later, .over, nil:
            return successor(of: claims[number], at: number, into: &result)
        }
    }

    /// The instance that takes the place of one which ended.
    func successor(
        of claim: Claim?, at number: Int, into result: inout Reconciliation
    ) -> Reconciliation.Want? {
        switch claim {
        case .lost(let allocation), .away(let allocation):
            var want = want(number, after: allocation, nil, reason: head.loss(of: allocation) ?? "instance was lost")
            want.reschedules = allocation.reschedules
            want.jobVersion = keptVersion(of: allocation)
            return want
        case .again(let allocation, let history, let avoided, let reason):
            var want = want(number, after: allocation, .whenPlaced(reason), reason: reason)
            want.reschedules = history
            want.avoided = avoided
            want.jobVersion = keptVersion(of: allocation)
            return want
        case .later(let allocation, let until, let asleep):
            if asleep { result.delays.append(.init(allocation: allocation.id, until: until)) }
            return nil
        case .live, .silent, .over, nil: return nil
        }
    }

    func want(
        _ number: Int, after allocation: Allocation?, _ retirement: Reconciliation.Retirement?, reason: String
    ) -> Reconciliation.Want {
        .init(group: group.name, index: number, previous: allocation?.id, retirement: retirement, reason: reason)
    }

    func isFree(_ number: Int) -> Bool {
        #if MUTANTS
            if Sabotage.active == .reusedIndex { return true }
        #endif
        return claims[number] == nil && !retiring.contains(number) && !leaving.contains(number)
    }

    /// Whether who had a number ends now, so that another may have it where only known numbers have a place: nobody
    /// would look again.
    private func isLeft(_ number: Int) -> Bool {
        retired.contains(number) && !group.atMostOne && claims[number] == nil && !leaving.contains(number)
    }

    /// The numbers of `newest`, the last that each had, of those that ran until the roll-out began or have ended since.
    /// Whoever had gone under a version before the last had gone for good.
    private func numbers(of newest: [Int: Allocation]) -> [Int] {
        let beginning = rollout.deployment?.createRevision
        return newest.filter { _, allocation in
            allocation.jobVersion >= record.version - 1 || beginning.map { $0 < allocation.modifyRevision } == true
        }.keys.sorted()
    }

    /// New instances at the lowest numbers that nobody claims.
    private func fill(_ missing: Int, after ordered: [Allocation]) -> [Reconciliation.Want] {
        guard missing > 0 else { return [] }
        var wants: [Reconciliation.Want] = []
        wants.reserveCapacity(missing)
        let reason = "\(missing) more of \(group.count) are wanted"
        /// The place of the newest instance that had each number, whatever became of it.
        var last: [Int: Int] = [:]
        for (place, allocation) in ordered.enumerated() { last[allocation.index] = place }
        // While a roll-out is halted or shows canaries, only what ran before has a place.
        let known = keepsVersions ? numbers(of: last.mapValues { ordered[$0] }) : nil
        var next = 0
        while wants.count < missing {
            if let known, next >= known.count { break }
            let number = known?[next] ?? next
            next += 1
            guard isFree(number) || known != nil && isLeft(number) else { continue }
            let newest = last[number].map { ordered[$0] }
            let previous = newest.flatMap { $0.next == nil ? $0 : nil }
            var want = want(number, after: previous, nil, reason: reason)
            // An instance that was lost, and found no room until now, takes its past along.
            if previous?.client == .lost { want.reschedules = previous?.reschedules ?? [] }
            want.jobVersion = newest.flatMap(keptVersion)
            wants.append(want)
        }
        return wants
    }
}
