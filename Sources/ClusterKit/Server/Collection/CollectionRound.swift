/// Where the server stands in its looks for what need not be kept: each goes through all jobs in small steps, so that
/// nobody waits for it.
struct CollectionRound: Sendable {
    /// At most this many records are looked at in one step, unless one job has more.
    static let lookLimit = 2_000
    /// At most this many changes are made in one step.
    static let changeLimit = 1_000

    /// The jobs still to be looked at, the last one next.
    private(set) var remaining: [JobID] = []
    /// Jobs that others wait for, as of the revision that last changed a job.
    private var awaited: (jobs: Set<JobID>, revision: Revision?) = ([], nil)
    /// Whether the nodes are still to be looked at.
    var looksAtNodes = false
    /// Whether age does not matter this time.
    private(set) var isForced = false
    /// When the next look begins.
    private var next: Uptime?
    /// The revision of the last step: one is made after the other is durable.
    var written: Revision = .zero
    /// Who waits for the end of a forced look: of this one, and of the one after it.
    private(set) var waiting: [ServerCore.RequestID] = []
    private var isWanted = false

    /// Whether a look is under way.
    private(set) var isUnderWay = false
    private var began = Uptime(nanoseconds: 0)

    init() {}

    /// Begins a term of waiting.
    init(after interval: Duration, at now: Uptime) { next = now + interval }

    /// When there is something to do; `nil` while a step is being written.
    func nextWake(durable: Revision) -> Uptime? {
        if isUnderWay { return written <= durable ? began : nil }
        return next
    }

    /// Wants a look at everything, whatever its age, and to be told of its end.
    mutating func force(for request: ServerCore.RequestID) {
        waiting.append(request)
        isWanted = true
    }

    /// Begins a look if it is time. Gives whether there is one under way.
    mutating func begin(at now: Uptime, interval: Duration, in head: Snapshot) -> Bool {
        let isDue = next.map { $0 <= now } ?? false
        // A forced look begins anew: what was passed over for its age may go.
        guard isWanted || (!isUnderWay && isDue) else { return isUnderWay }
        isForced = isWanted
        isWanted = false
        isUnderWay = true
        looksAtNodes = true
        began = now
        next = now + interval
        remaining = head.ownersOfRecords.reversed()
        return true
    }

    /// Jobs that others wait for, also since the look began.
    mutating func awaited(in head: Snapshot) -> Set<JobID> {
        if awaited.revision != head.jobs.modifyRevision {
            let jobs = head.jobs.unordered.lazy.filter { !$0.stopped }.flatMap { $0.job.after.map($0.job.target) }
            awaited = (Set(jobs), head.jobs.modifyRevision)
        }
        return awaited.jobs
    }

    /// The job to look at next.
    var current: JobID? { remaining.last }

    /// Goes on to the next job.
    mutating func advance() { remaining.removeLast() }

    /// Ends a look, and gives who waited for it.
    mutating func finish() -> [ServerCore.RequestID] {
        isUnderWay = false
        guard isForced else { return [] }
        isForced = false
        defer { waiting = [] }
        return waiting
    }
}

extension Snapshot {
    /// All jobs of which there is something, also those that are gone, in order.
    fileprivate var ownersOfRecords: [JobID] {
        var owners = Set(jobs.sortedKeys)
        owners.formUnion(allocationsByJob.owners)
        owners.formUnion(evaluationsByJob.owners)
        owners.formUnion(deploymentsByJob.owners)
        return owners.sorted()
    }
}
