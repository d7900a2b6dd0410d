/// Which jobs wait for others, so that they are looked at when those change, and only then. Kept in step with the head
/// of the state, from which it can be made anew at any time.
struct GateWatch: Sendable {
    /// The jobs that wait for a job.
    private var waiting: [JobID: Set<JobID>] = [:]
    /// What each job that waits waits for.
    private var awaited: [JobID: Set<JobID>] = [:]
    /// Jobs that changed and for which others wait.
    private var changed: Set<JobID> = []

    init() {}

    /// Who waits in `head`.
    init(of head: Snapshot) {
        for evaluation in head.evaluations.unordered where evaluation.status == .blocked {
            note(evaluation.job, in: head)
        }
        changed = Set(waiting.keys)
    }

    /// Whether `due` may have something to tell.
    var isChanged: Bool { !changed.isEmpty }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot) {
        switch change {
        case .putEvaluation(let evaluation):
            // Most evaluations are of jobs that wait for nobody.
            let waits = evaluation.refusals.values.contains { !$0.awaits.isEmpty }
            if waits || awaited[evaluation.job] != nil { note(evaluation.job, in: head) }
        case .putNode, .removeNode:
            // How many instances a job that runs everywhere shall have depends on the nodes.
            for id in waiting.keys where head.jobs[id]?.job.kind.runsEverywhere == true { changed.insert(id) }
        case .removeEvaluation: break
        case .putJob(let record): touch(record.job.id)
        case .removeJob(let id): touch(id)
        case .putAllocation(let allocation): touch(allocation.job)
        default: break
        }
    }

    private mutating func touch(_ job: JobID) {
        if waiting[job] != nil { changed.insert(job) }
    }

    private mutating func note(_ id: JobID, in head: Snapshot) {
        var awaits: Set<JobID> = []
        if let job = head.jobs[id]?.job, head.waitingAtGates(id) != nil { awaits = job.awaited }
        guard awaits != awaited[id] ?? [] else { return }
        for old in awaited[id] ?? [] {
            waiting[old]?.remove(id)
            if waiting[old]?.isEmpty == true { waiting[old] = nil }
        }
        for other in awaits { waiting[other, default: []].insert(id) }
        awaited[id] = awaits.isEmpty ? nil : awaits
        // What they wait for may have come between the look at the job and now.
        changed.formUnion(awaits)
    }

    /// The jobs whose gates have changed, in order: each is told once.
    mutating func due(in head: Snapshot) -> [Job] {
        guard !changed.isEmpty else { return [] }
        let candidates = Set(changed.flatMap { waiting[$0] ?? [] }).sorted()
        changed = []
        return candidates.compactMap { id in
            guard let record = head.jobs[id], !record.stopped, let evaluation = head.waitingAtGates(id) else {
                return nil
            }
            let gates = JobGates(record.job, in: head)
            let isNews = evaluation.refusals.contains { group, refusal in
                !refusal.awaits.isEmpty && refusal.awaits != gates.obstacles(for: group)
            }
            return isNews ? record.job : nil
        }
    }
}

extension Snapshot {
    /// The evaluation of a job in which groups wait for other work.
    fileprivate func waitingAtGates(_ job: JobID) -> Evaluation? {
        evaluations(of: job).first { evaluation in
            evaluation.status == .blocked && evaluation.refusals.values.contains { !$0.awaits.isEmpty }
        }
    }
}
