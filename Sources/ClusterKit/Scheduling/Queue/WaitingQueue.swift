import HeapModule

/// All work that waits for room, in one order: higher priority first, then the older. Kept in step with the head of the
/// state, from which it can be made anew at any time.
///
/// What it costs to find who can use the room of a node depends on how many different demands wait, not on how many
/// groups: equal ones stand in one line, and only the first of a line is looked at. Of those that may take the room of
/// others, less important ones or their own older instances, each group has a line, and each that a node admits is
/// looked at until one may fit: what is free there does not tell.
///
/// The words for its parts:
/// - *demand*: all that decides which nodes can take an instance of a group.
/// - *waiter* and *entry*: the name of a group that waits, and what is known of it.
/// - *line*: the entries with one demand, in the order of their ranks; a *ticket* is the place of one of them in it.
/// - *hall*: the lines whose work the same nodes admit. An *address* is a hall, and a line in it.
/// - *opening*: a node that may have room for those who wait.
/// - *round*: from when nodes are offered until nobody is left who fits. Who was refused is *aside* until it ends.
/// - *to ask anywhere*: who may be opened nodes by what ended on another, and is asked without an opening.
/// - *ripe*: has waited long enough for a node to be *kept* for it, which those behind it do not get.
/// - *hopeless*: a line that no node could take, whatever ended there, as long as nodes stay as they are.
struct WaitingQueue: Sendable {
    var entries: [Waiter: WaitingEntry] = [:]
    private var groups: [EvaluationID: Groups] = [:]
    var evaluations: [JobID: Set<EvaluationID>] = [:]
    var halls: [WaitingHall?] = []
    /// Where the hall of those with one admission is.
    var hallNumbers: [Demand.Admission: Int] = [:]
    var vacant: [Int] = []
    /// Halls without a line.
    var emptied: Set<Int> = []
    /// Lines that were refused in this round.
    var aside: Set<WaitingLine.Address> = []
    /// Lines that no node could take, whatever ended there.
    var hopeless: Set<WaitingLine.Address> = []
    var ripening = Heap<Alarm>()
    private var nextSerial: UInt64 = 0
    /// How long a group waits before a node may be kept for it.
    private let patience: Duration
    /// Whether there may be others than before for which nodes are kept.
    var isRipeChanged = false
    /// Those who count where instances of their job are, of which one ended: any node may take them now.
    var toAskAnywhere: Set<Waiter> = []
    /// Jobs of which an instance has ended in this round, and which nobody has looked at since.
    var ended: Set<JobID> = []
    /// Those whose instances are placed together or not at all.
    private(set) var gangs: Set<Waiter> = []
    /// Whether others than before wait to be placed together.
    var areGangsChanged = false
    /// How many places were looked at in searches: what the work of the queue grows with.
    var looks = 0

    /// What waits of one evaluation.
    private struct Groups {
        let job: JobID
        var waiters: [Waiter] = []
    }

    struct Alarm: Comparable, Sendable {
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
        case .putNode(let node):
            reconsider(node)
            askAnywhere(whoRunsOn: node.id, in: head)
        case .putAllocation(let allocation) where allocation.isTerminal:
            ended.insert(allocation.job)
            askAnywhere(allocation.job)
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
            for (order, group) in record.job.groups.enumerated() {
                guard let count = evaluation.queued[group.name], count > 0 else { continue }
                // No node helps what waits for other work.
                if evaluation.refusals[group.name]?.isAtGate == true { continue }
                let waiter = Waiter(evaluation: evaluation.id, group: group.name)
                waiting.append(waiter)
                if knowsJob, renew(waiter, evaluation, order: order, count: count, nil) { continue }
                let demand = Demand(
                    record.job, group, head.schedulingRules, replaces: head.hasReplaceable(group.name, of: record))
                if renew(waiter, evaluation, order: order, count: count, demand) { continue }
                note(waiter, evaluation, order: order, count: count, demand, NodeFilter(record.job, group), at: now)
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
        _ waiter: Waiter, _ evaluation: Evaluation, order: Int, count: Int, _ demand: Demand?
    ) -> Bool {
        guard var known = entries[waiter], known.rank == QueueRank(evaluation, group: waiter.group, order: order),
            demand == nil || line(known.address)?.demand == demand
        else { return false }
        let lacksAmounts = evaluation.refusals[waiter.group]?.lacksAmounts ?? true
        guard known.count != count || known.lacksAmounts != lacksAmounts else { return true }
        let isNews = known.lacksAmounts != lacksAmounts
        known.count = count
        known.lacksAmounts = lacksAmounts
        entries[waiter] = known
        if isNews { mark(known.address) }
        return true
    }

    private mutating func note(
        _ waiter: Waiter, _ evaluation: Evaluation, order: Int, count: Int, _ demand: Demand,
        _ filter: @autoclosure () -> NodeFilter, at now: Now
    ) {
        let lacksAmounts = evaluation.refusals[waiter.group]?.lacksAmounts ?? true
        let before = entries[waiter]?.standing
        remove(waiter)
        nextSerial += 1
        let address = address(of: demand, filter)
        // A clock that was set back prolongs no wait.
        let since = evaluation.waitStart(of: waiter.group).time
        let wait = max(.zero, min(patience, since + patience - now.wall))
        var entry = WaitingEntry(
            waiter: waiter, job: evaluation.job, rank: QueueRank(evaluation, group: waiter.group, order: order),
            count: count, since: since, lacksAmounts: lacksAmounts, address: address, serial: nextSerial)
        entry.firstSerial = before
        entry.isRipe = wait == .zero
        if !entry.isRipe {
            ripening.insert(Alarm(time: now.uptime + wait, serial: nextSerial, waiter: waiter))
        }
        entries[waiter] = entry
        if demand.gangWindow != nil {
            gangs.insert(waiter)
            areGangsChanged = true
        }
        halls[address.hall]?.lines[address.line]?.add(entry)
        mark(address)
    }

    private mutating func address(of demand: Demand, _ filter: () -> NodeFilter) -> WaitingLine.Address {
        let hall = hallNumbers[demand.admission] ?? vacant.popLast() ?? halls.count
        if hall == halls.count { halls.append(nil) }
        if halls[hall] == nil {
            halls[hall] = WaitingHall(demand.admission, filter())
            hallNumbers[demand.admission] = hall
        }
        emptied.remove(hall)
        return WaitingLine.Address(hall: hall, line: halls[hall]?.line(of: demand) ?? 0)
    }

    private mutating func remove(_ evaluation: EvaluationID) {
        guard let gone = groups.removeValue(forKey: evaluation) else { return }
        for waiter in gone.waiters { remove(waiter) }
        evaluations[gone.job]?.remove(evaluation)
        if evaluations[gone.job]?.isEmpty == true { evaluations[gone.job] = nil }
    }

    mutating func askAnywhere(_ job: JobID) {
        for waiter in waiters(of: job) {
            if let entry = entries[waiter], line(entry.address)?.demand.countsPropertyValues == true {
                toAskAnywhere.insert(waiter)
            }
        }
    }

    /// A node may have another value than before of what jobs count, and leave the old one to others.
    private mutating func askAnywhere(whoRunsOn node: NodeID, in head: Snapshot) {
        guard !entries.isEmpty else { return }
        for job in Set(head.allocations(on: node).map(\.job)) where evaluations[job] != nil { askAnywhere(job) }
    }

    /// The groups of a job that wait, in order.
    func waiters(of job: JobID) -> [Waiter] {
        (evaluations[job]?.sorted() ?? []).flatMap { groups[$0]?.waiters ?? [] }
    }

    /// Where a group of a job stands, if it waits.
    func rank(of group: String, in job: JobID) -> QueueRank? {
        (evaluations[job] ?? []).compactMap { entries[Waiter(evaluation: $0, group: group)]?.rank }.min()
    }

    private mutating func remove(_ waiter: Waiter) {
        guard let entry = entries.removeValue(forKey: waiter) else { return }
        toAskAnywhere.remove(waiter)
        if gangs.remove(waiter) != nil { areGangsChanged = true }
        let there = entries
        halls[entry.address.hall]?.lines[entry.address.line]?.remove(entry) {
            there[$0.waiter]?.serial == $0.serial
        }
        mark(entry.address)
    }

    // MARK: Lines

    func line(_ address: WaitingLine.Address) -> WaitingLine? {
        halls[address.hall].flatMap { $0.lines[address.line] }
    }

    /// Brings the tree in line with the first of a line.
    mutating func mark(_ address: WaitingLine.Address) {
        let there = entries
        guard let front = halls[address.hall]?.lines[address.line]?.first({ there[$0.waiter]?.serial == $0.serial }),
            let line = line(address), let entry = entries[front.waiter]
        else {
            isRipeChanged = true
            aside.remove(address)
            hopeless.remove(address)
            halls[address.hall]?.tree.set(.init(amounts: .endless, rank: nil, ripe: nil), at: address.line)
            halls[address.hall]?.close(address.line)
            if halls[address.hall]?.isEmpty == true { emptied.insert(address.hall) }
            return
        }
        let isRipe = line.ripe > 0 && entry.lacksAmounts && !line.isHopeless && line.demand.mayHaveNodeKept
        if isRipe { isRipeChanged = true }
        let mayHaveMore = line.demand.preempts || line.demand.replaces
        let amounts = mayHaveMore ? .least : line.demand.amounts
        halls[address.hall]?.tree.set(
            .init(amounts: amounts, rank: line.isAside ? nil : front.rank, ripe: isRipe ? front.rank : nil),
            at: address.line)
    }
}

extension Refusal {
    /// Whether an amount is short on some node, not only a port or a device.
    fileprivate var lacksAmounts: Bool { Dimension.amounts.contains { exhausted[$0.name] != nil } }
}
