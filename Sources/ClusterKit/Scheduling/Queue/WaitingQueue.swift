import HeapModule

/// All work that waits for room, in one order: higher priority first, then the older. Kept in step with the head of the
/// state, from which it can be made anew at any time.
///
/// What it costs to find who can use the room of a node depends on how many different demands wait, not on how many
/// groups: equal ones stand in one line, and only the first of a line is looked at.
struct WaitingQueue: Sendable {
    private(set) var entries: [Waiter: WaitingEntry] = [:]
    private var groups: [EvaluationID: Groups] = [:]
    private var evaluations: [JobID: Set<EvaluationID>] = [:]
    private(set) var halls: [WaitingHall?] = []
    private var places: [Demand.Admission: Int] = [:]
    private var vacant: [Int] = []
    /// Halls without a line.
    private var emptied: Set<Int> = []
    /// Lines that were refused in this round.
    private var aside: Set<WaitingLine.Place> = []
    /// Lines that no node could take, whatever ended there.
    private var hopeless: Set<WaitingLine.Place> = []
    private var ripening = Heap<Alarm>()
    private var nextSerial: UInt64 = 0
    /// How long a group waits before a node may be kept for it.
    private let patience: Duration
    /// Whether there may be others than before for which nodes are kept.
    var isRipeChanged = false
    /// Those who count the instances of their job, of which one ended: any node may take them now.
    private(set) var stirred: Set<Waiter> = []
    /// Those whose instances are placed together or not at all.
    private var gangs: Set<Waiter> = []
    /// How many places were looked at in searches: what the work of the queue grows with.
    private(set) var looks = 0

    /// What waits of one evaluation.
    private struct Groups {
        let job: JobID
        var waiters: [Waiter] = []
    }

    private struct Alarm: Comparable, Sendable {
        let time: Uptime
        let serial: UInt64
        let waiter: Waiter

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.serial) < (right.time, right.serial) }
    }

    /// Nobody waits; a node may be kept for who waits for `patience`.
    init(patience: Duration) { self.patience = patience }

    /// Who waits in `head`.
    init(of head: Snapshot, patience: Duration, at now: Now) {
        self.init(patience: patience)
        let waiting = head.evaluations.unordered.filter { $0.status == .blocked }
        for evaluation in waiting.sorted(by: { $0.id < $1.id }) { note(evaluation, in: head, at: now) }
    }

    var isEmpty: Bool { entries.isEmpty }

    // MARK: Who waits

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: Now) {
        switch change {
        case .putEvaluation(let evaluation):
            if let stored = head.evaluations[evaluation.id] { note(stored, in: head, at: now, knowsJob: true) }
        case .removeEvaluation(let id): remove(id)
        case .putJob(let record): noteAll(of: record.job.id, in: head, at: now)
        case .removeJob(let id): noteAll(of: id, in: head, at: now)
        case .putSchedulingRules:
            for job in evaluations.keys.sorted() { noteAll(of: job, in: head, at: now) }
        case .putNode(let node): reconsider(node)
        case .putAllocation(let allocation) where allocation.isTerminal: stir(allocation.job)
        default: break
        }
    }

    private mutating func noteAll(of job: JobID, in head: Snapshot, at now: Now) {
        for id in evaluations[job]?.sorted() ?? [] {
            if let evaluation = head.evaluations[id] { note(evaluation, in: head, at: now) }
        }
    }

    /// `knowsJob` says that what is known of those who wait already, their job and the rules included, still holds.
    private mutating func note(_ evaluation: Evaluation, in head: Snapshot, at now: Now, knowsJob: Bool = false) {
        guard evaluation.status == .blocked else { return remove(evaluation.id) }
        var waiting: [Waiter] = []
        if let record = head.jobs[evaluation.job], !record.stopped {
            for (place, group) in record.job.groups.enumerated() {
                guard let count = evaluation.queued[group.name], count > 0 else { continue }
                // No node helps what waits for other work.
                if evaluation.refusals[group.name]?.isAtGate == true { continue }
                let waiter = Waiter(evaluation: evaluation.id, group: group.name)
                waiting.append(waiter)
                if knowsJob, renew(waiter, evaluation, place: place, count: count, nil) { continue }
                let demand = Demand(record.job, group, head.schedulingRules)
                if renew(waiter, evaluation, place: place, count: count, demand) { continue }
                note(waiter, evaluation, place: place, count: count, demand, NodeFilter(record.job, group), at: now)
            }
        }
        let still = Set(waiting)
        for gone in groups[evaluation.id]?.waiters ?? [] where !still.contains(gone) { remove(gone) }
        groups[evaluation.id] = Groups(job: evaluation.job, waiters: waiting)
        // Kept also while nothing of it waits: a job that is run again brings it back.
        evaluations[evaluation.job, default: []].insert(evaluation.id)
    }

    /// Takes in news of one who stands where it belongs; `false` when it does not. A demand that is as before may be
    /// `nil`.
    private mutating func renew(
        _ waiter: Waiter, _ evaluation: Evaluation, place: Int, count: Int, _ demand: Demand?
    ) -> Bool {
        guard var known = entries[waiter], known.rank == QueueRank(evaluation, place: place),
            demand == nil || line(known.line)?.demand == demand
        else { return false }
        let lacksAmounts = evaluation.refusals[waiter.group]?.lacksAmounts ?? true
        guard known.count != count || known.lacksAmounts != lacksAmounts else { return true }
        let isNews = known.lacksAmounts != lacksAmounts
        known.count = count
        known.lacksAmounts = lacksAmounts
        entries[waiter] = known
        if isNews { mark(known.line) }
        return true
    }

    private mutating func note(
        _ waiter: Waiter, _ evaluation: Evaluation, place: Int, count: Int, _ demand: Demand,
        _ filter: @autoclosure () -> NodeFilter, at now: Now
    ) {
        let lacksAmounts = evaluation.refusals[waiter.group]?.lacksAmounts ?? true
        remove(waiter)
        nextSerial += 1
        let line = self.place(of: demand, filter)
        // A clock that was set back prolongs no wait.
        let wait = max(.zero, min(patience, evaluation.createTime + patience - now.wall))
        var entry = WaitingEntry(
            waiter: waiter, job: evaluation.job, rank: QueueRank(evaluation, place: place), count: count,
            since: evaluation.createTime,
            lacksAmounts: lacksAmounts, line: line, serial: nextSerial)
        entry.isRipe = wait == .zero
        if !entry.isRipe {
            ripening.insert(Alarm(time: now.uptime + wait, serial: nextSerial, waiter: waiter))
        }
        entries[waiter] = entry
        if demand.gang != nil { gangs.insert(waiter) }
        halls[line.hall]?.lines[line.line]?.add(entry)
        mark(line)
    }

    private mutating func place(of demand: Demand, _ filter: () -> NodeFilter) -> WaitingLine.Place {
        let hall = places[demand.admission] ?? vacant.popLast() ?? halls.count
        if hall == halls.count { halls.append(nil) }
        if halls[hall] == nil {
            halls[hall] = WaitingHall(demand.admission, filter())
            places[demand.admission] = hall
        }
        emptied.remove(hall)
        return WaitingLine.Place(hall: hall, line: halls[hall]?.place(of: demand) ?? 0)
    }

    private mutating func remove(_ evaluation: EvaluationID) {
        guard let gone = groups.removeValue(forKey: evaluation) else { return }
        for waiter in gone.waiters { remove(waiter) }
        evaluations[gone.job]?.remove(evaluation)
        if evaluations[gone.job]?.isEmpty == true { evaluations[gone.job] = nil }
    }

    private mutating func stir(_ job: JobID) {
        for waiter in waiters(of: job) {
            if let entry = entries[waiter], line(entry.line)?.demand.counts == true { stirred.insert(waiter) }
        }
    }

    /// The groups of a job that wait, in order.
    private func waiters(of job: JobID) -> [Waiter] {
        (evaluations[job]?.sorted() ?? []).flatMap { groups[$0]?.waiters ?? [] }
    }

    /// Where a group of a job stands, if it waits.
    func rank(of group: String, in job: JobID) -> QueueRank? {
        (evaluations[job] ?? []).compactMap { entries[Waiter(evaluation: $0, group: group)]?.rank }.min()
    }

    private mutating func remove(_ waiter: Waiter) {
        guard let entry = entries.removeValue(forKey: waiter) else { return }
        stirred.remove(waiter)
        gangs.remove(waiter)
        let there = entries
        halls[entry.line.hall]?.lines[entry.line.line]?.remove(entry) {
            there[$0.waiter]?.serial == $0.serial
        }
        mark(entry.line)
    }

    // MARK: Lines

    private func line(_ place: WaitingLine.Place) -> WaitingLine? {
        halls[place.hall].flatMap { $0.lines[place.line] }
    }

    /// Brings the tree in line with the first of a line.
    private mutating func mark(_ place: WaitingLine.Place) {
        let there = entries
        guard let front = halls[place.hall]?.lines[place.line]?.first({ there[$0.waiter]?.serial == $0.serial }),
            let line = line(place), let entry = entries[front.waiter]
        else {
            isRipeChanged = true
            aside.remove(place)
            hopeless.remove(place)
            halls[place.hall]?.tree.set(.init(amounts: .endless, rank: nil, ripe: nil), at: place.line)
            halls[place.hall]?.close(place.line)
            if halls[place.hall]?.isEmpty == true { emptied.insert(place.hall) }
            return
        }
        let isRipe = line.ripe > 0 && entry.lacksAmounts && !line.isHopeless && line.demand.mayReserve
        if isRipe { isRipeChanged = true }
        let amounts = line.demand.preempts ? .none : line.demand.amounts
        halls[place.hall]?.tree.set(
            .init(amounts: amounts, rank: line.isAside ? nil : front.rank, ripe: isRipe ? front.rank : nil),
            at: place.line)
    }

    // MARK: Rounds

    /// No further entry of the lines in which `job`, or one group of it, still waits is found in this round: what
    /// refused it refuses them.
    mutating func setAside(_ job: JobID, group: String? = nil) {
        let waiters =
            group.map { name in (evaluations[job] ?? []).map { Waiter(evaluation: $0, group: name) } }
            ?? waiters(of: job)
        for waiter in waiters {
            stirred.remove(waiter)
            guard let place = entries[waiter]?.line, aside.insert(place).inserted else { continue }
            halls[place.hall]?.lines[place.line]?.isAside = true
            mark(place)
        }
    }

    /// Ends a round: whoever was set aside can be found again.
    mutating func endRound() {
        for place in aside {
            halls[place.hall]?.lines[place.line]?.isAside = false
            mark(place)
        }
        aside = []
        for hall in emptied.sorted() {
            if let admission = halls[hall]?.admission { places[admission] = nil }
            halls[hall] = nil
            vacant.append(hall)
        }
        emptied = []
    }

    /// The first of those whom the end of another instance of their job may have opened any node to.
    var firstStirred: QueueRank? { stirred.compactMap { entries[$0]?.rank }.min() }

    /// The halls whose work `node` admits.
    func halls(admitting node: Node) -> [Int] {
        halls.indices.filter { hall in halls[hall].map { $0.filter.failure(on: node) == nil } ?? false }
    }

    /// The first that `room` on `node` suffices for, if it does not come after `bound`. `keepsOff` says whether what
    /// runs of the job itself stands in the way.
    mutating func first(
        on node: Opening, with room: Vacancy, upTo bound: QueueRank?, keepsOff: (Demand) -> Bool
    ) -> QueueRank? {
        var best = bound
        var found: QueueRank?
        var looks = 0
        for hall in node.halls {
            guard let waiting = halls[hall] else { continue }
            let next = waiting.tree.first(fitting: room, upTo: best, looks: &looks) { place in
                guard let demand = waiting.lines[place]?.demand else { return false }
                let needs = demand.amounts.countingCores(share: node.coreShare)
                guard needs.fits(in: demand.preempts ? node.whole : room) else { return false }
                return demand.own == nil || !keepsOff(demand)
            }
            if let next { (best, found) = (next.rank, next.rank) }
        }
        self.looks += looks
        return found
    }

    // MARK: Kept nodes

    /// Those that wait to be placed together, in order.
    var waitingGangs: [(entry: WaitingEntry, window: Duration)] {
        gangs.compactMap { waiter in
            guard let entry = entries[waiter], let window = line(entry.line)?.demand.gang else { return nil }
            return (entry, window)
        }.sorted { $0.entry.rank < $1.entry.rank }
    }

    /// What the gang with this serial asks for.
    func gangNeed(_ serial: UInt64) -> KeptNodes.GangNeed? {
        guard let entry = gangs.lazy.compactMap({ entries[$0] }).first(where: { $0.serial == serial }),
            let hall = halls[entry.line.hall], let demand = hall.lines[entry.line.line]?.demand
        else { return nil }
        return KeptNodes.GangNeed(entry: entry, demand: demand, filter: hall.filter)
    }

    /// Those who have waited long enough by now may have a node kept for them.
    mutating func ripen(at now: Uptime) {
        while let alarm = ripening.min, alarm.time <= now {
            ripening.removeMin()
            guard let entry = entries[alarm.waiter], entry.serial == alarm.serial else { continue }
            entries[alarm.waiter]?.isRipe = true
            halls[entry.line.hall]?.lines[entry.line.line]?.ripen()
            mark(entry.line)
        }
    }

    /// When the next will have waited long enough.
    var nextRipening: Uptime? { ripening.min?.time }

    /// The first after `rank` of a line in which someone has waited long enough for a node to be kept.
    mutating func firstRipe(after rank: QueueRank?) -> (entry: WaitingEntry, demand: Demand, filter: NodeFilter)? {
        var best: (place: WaitingLine.Place, rank: QueueRank)?
        for hall in halls.indices {
            guard let found = halls[hall]?.tree.firstRipe(after: rank, looks: &looks) else { continue }
            if best.map({ found.rank < $0.rank }) ?? true { best = (.init(hall: hall, line: found.slot), found.rank) }
        }
        guard let place = best?.place, let hall = halls[place.hall] else { return nil }
        let there = entries
        guard let line = hall.lines[place.line],
            let ticket = halls[place.hall]?.lines[place.line]?.first({ there[$0.waiter]?.serial == $0.serial }),
            let entry = entries[ticket.waiter]
        else { return nil }
        return (entry, line.demand, hall.filter)
    }

    /// No node could take what the line of `entry` asks for, whatever ended there, as long as nodes stay as they are.
    mutating func giveUp(on entry: WaitingEntry) {
        hopeless.insert(entry.line)
        halls[entry.line.hall]?.lines[entry.line.line]?.isHopeless = true
        mark(entry.line)
    }

    /// A node joined or changed: those who fit there if nothing else runs may hope again.
    private mutating func reconsider(_ node: Node) {
        guard !hopeless.isEmpty else { return }
        let opening = Opening(node, halls: halls(admitting: node))
        for place in hopeless where opening.halls.contains(place.hall) {
            guard let demand = line(place)?.demand, opening.couldTake(demand) else { continue }
            hopeless.remove(place)
            halls[place.hall]?.lines[place.line]?.isHopeless = false
            mark(place)
        }
    }
}

extension Refusal {
    /// Whether an amount is short on some node, not only a port or a device.
    fileprivate var lacksAmounts: Bool { Dimension.amounts.contains { exhausted[$0.name] != nil } }
}
