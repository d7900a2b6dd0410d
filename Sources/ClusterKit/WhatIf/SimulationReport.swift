/// What happened in a simulation.
public struct SimulationReport: Hashable, Sendable {
    /// An instance that started.
    public struct Start: Hashable, Sendable {
        /// Its name: `job.group[number]`.
        public var name: String
        /// The name of its node.
        public var node: String
        /// When.
        public var time: WallTime
        /// How long it had been wanted by then.
        public var wait: Duration
        /// How many others ended to make room for it.
        public var evicted: Int
    }

    /// Instances that were stopped, evicted or lost, and why.
    public struct Stop: Hashable, Sendable {
        /// The name: `job.group[number]`.
        public var name: String
        /// The name of the node.
        public var node: String
        /// Why.
        public var reason: String
    }

    /// When the simulation began.
    public var start: WallTime
    /// How far it got.
    public var end: WallTime
    /// What started, in order.
    public var starts: [Start] = []
    /// What was ended before its time, in order.
    public var stops: [Stop] = []
    /// How many instances ended by themselves.
    public var completed = 0
    /// How many instances of batch jobs ran or started of which nothing says how long they take, by job: they have
    /// neither a `max_run_duration` nor a length that was given, and run on until something stops them. What periodic
    /// and parameterized jobs began counts with those.
    public var endless: [JobID: Int] = [:]
    /// How many submissions were planned that have not come in yet.
    public var unplayed = 0
    /// What could not be done: jobs that were refused, time zones that are not known here, and broken promises of the
    /// code.
    public var failures: [String] = []

    init(start: WallTime) {
        self.start = start
        end = start
    }

    mutating func note(_ allocation: Allocation, evicted: Int, wantedSince: WallTime, at time: WallTime) {
        starts.append(
            Start(
                name: allocation.name, node: allocation.nodeName, time: time, wait: max(.zero, time - wantedSince),
                evicted: evicted))
    }

    mutating func noteLoss(of allocation: Allocation) {
        stops.append(
            Stop(name: allocation.name, node: allocation.nodeName, reason: allocation.clientDescription))
    }

    mutating func noteEnd(of allocation: Allocation) {
        guard allocation.desired != .run else {
            completed += 1
            return
        }
        stops.append(
            Stop(name: allocation.name, node: allocation.nodeName, reason: allocation.desiredDescription))
    }

    mutating func noteLimit(of events: Int) {
        let text = "after \(events) events no more time passed; ask for less time, or for less to happen in it"
        if !failures.contains(text) { failures.append(text) }
    }

    /// How long instances waited before they started.
    public var waits: Waits { Waits(starts.map(\.wait)) }

    /// Figures of waiting times.
    public struct Waits: Hashable, Sendable {
        /// Half of the instances waited no longer.
        public let median: Duration
        /// Nineteen of twenty waited no longer.
        public let p95: Duration
        /// None waited longer.
        public let longest: Duration
        /// How many instances waited at all.
        public let waiting: Int

        init(_ waits: [Duration]) {
            let sorted = waits.sorted()
            let at = { (share: Int) -> Duration in
                sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * share / 100)]
            }
            (median, p95, longest) = (at(50), at(95), sorted.last ?? .zero)
            waiting = sorted.count { $0 > .zero }
        }
    }
}

/// Instances of one group that found no node.
public struct Unplaced: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The group.
    public var group: String
    /// How many instances.
    public var count: Int
    /// Why no node took them.
    public var refusal: Refusal

    /// All that wait in `snapshot`, the next first.
    public static func all(in snapshot: Snapshot) -> [Unplaced] {
        var ranked: [(rank: QueueRank, unplaced: Unplaced)] = []
        for evaluation in snapshot.evaluations.unordered where evaluation.status == .blocked {
            let job = snapshot.jobs[evaluation.job]?.job
            let names = job?.groups.map(\.name) ?? []
            for (group, count) in evaluation.queued {
                let order = names.firstIndex(of: group) ?? names.count
                let refusal = (evaluation.refusals[group] ?? Refusal()).shown(for: job?.group(group))
                ranked.append(
                    (
                        QueueRank(evaluation, group: group, order: order),
                        Unplaced(job: evaluation.job, group: group, count: count, refusal: refusal)
                    ))
            }
        }
        return ranked.sorted { ($0.rank, $0.unplaced.group) < ($1.rank, $1.unplaced.group) }.map(\.unplaced)
    }
}
