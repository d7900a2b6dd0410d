/// Periodic jobs: each time of their schedule makes a job of its own.
extension ServerCore {
    /// Begins what is due by the wall clock, and asks for zones that are not known yet.
    mutating func keepSchedules(at now: Now, using entropy: inout Entropy, into effects: inout [Effect]) {
        for (id, time) in timetable.due(at: now.wall) {
            launch(id, for: time, at: now, using: &entropy, into: &effects)
        }
        for name in timetable.takeWanted() { effects.append(.readZone(name)) }
    }

    /// A zone was read.
    mutating func take(
        _ name: String, _ zone: Result<TimeZoneRules, ClusterError>, at now: Now, into effects: inout [Effect]
    ) {
        let stranded = timetable.take(name, zone, in: head, at: now.wall)
        guard case .failure(let error) = zone, !stranded.isEmpty else { return }
        let jobs = stranded.map(\.description).joined(separator: ", ")
        effects.append(
            .warning("\(error.message); then start the server again: these jobs do not begin by themselves: \(jobs)"))
    }

    /// Makes the child of a periodic job for one time of its schedule, in one batch with the note that this time is
    /// done: whatever happens to this server, no other makes it again.
    private mutating func launch(
        _ id: JobID, for time: WallTime, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) {
        guard let parent = head.jobs[id], let spec = parent.job.periodic else { return }
        var changes: [Change] = [.putLaunch(LaunchRecord(job: id, time: time))]
        #if MUTANTS
            if Sabotage.active == .missedLaunch { return _ = commit(changes, at: now, into: &effects) }
        #endif
        if spec.prohibitsOverlap, let running = runningChild(of: id) {
            effects.append(.note("job \(id) does not begin: \(running) still runs, and overlap is prohibited"))
        } else {
            let record = makeChild(freeChild(of: id, at: time), of: parent.job, at: now)
            let evaluation = makeEvaluation(of: record.job, .periodicJob, at: now, using: &entropy)
            changes += [.putJob(record), .putEvaluation(evaluation)]
        }
        commit(changes, at: now, into: &effects)
    }

    /// Makes a child now, whatever the schedule says.
    mutating func force(
        _ id: JobID, at now: Now, using entropy: inout Entropy, into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let parent = try record(of: id)
        guard parent.job.periodic != nil else {
            throw ClusterError(.invalid, "job \(id) is not periodic; there is no schedule to run ahead of")
        }
        try requireGoing(parent)
        let record = makeChild(freeChild(of: id, at: now.wall), of: parent.job, at: now)
        return try begin(record, .periodicJob, at: now, using: &entropy, into: &effects)
    }

    /// Writes a child and the reason to look at it.
    mutating func begin(
        _ child: JobRecord, _ trigger: EvaluationTrigger, at now: Now, using entropy: inout Entropy,
        into effects: inout [Effect]
    ) throws(ClusterError) -> Receipt {
        let evaluation = makeEvaluation(of: child.job, trigger, at: now, using: &entropy)
        var receipt = try write([.putJob(child)], with: evaluation, at: now, into: &effects)
        receipt.job = child.job.id
        return receipt
    }

    /// Refuses for a parent that was stopped.
    func requireGoing(_ parent: JobRecord) throws(ClusterError) {
        guard !parent.stopped else {
            throw ClusterError(.invalid, "job \(parent.job.id) is stopped; register it again first")
        }
    }

    /// A job like its parent, that runs.
    func makeChild(_ id: JobID, of parent: Job, at now: Now) -> JobRecord {
        var job = parent
        job.id = id
        job.name = id.id
        job.periodic = nil
        job.parameterized = nil
        job.origin = JobOrigin(parent: parent.id)
        return JobRecord(job: job, submitTime: now.wall)
    }

    /// A name for a child that begins at `time`: of that second or, where someone asked for one in it, of the last one
    /// before that is free. None is taken of seconds to come, for their children may be due by the schedule.
    private func freeChild(of parent: JobID, at time: WallTime) -> JobID {
        var second = Int(time.nanoseconds).split(by: 1_000_000_000).whole
        while true {
            let id = JobID("\(parent.id)/periodic-\(second)", namespace: parent.namespace)
            if head.jobs[id] == nil { return id }
            second -= 1
        }
    }

    private func runningChild(of parent: JobID) -> JobID? {
        #if MUTANTS
            if Sabotage.active == .overlappingLaunch { return nil }
        #endif
        return head.childrenByJob.members(of: parent).reversed().first { id in
            guard let child = head.jobs[id], child.job.origin?.isDispatched == false else { return false }
            // One that was stopped counts until the last of it has ended.
            return !head.openEvaluationsByJob.members(of: id).isEmpty
                || head.allocations(of: id).contains { !$0.isTerminal }
        }
    }

    /// Refuses a schedule that is over before it begins.
    static func requireTimes(of job: Job, at now: WallTime) throws(ClusterError) {
        guard let spec = job.periodic, spec.isEnabled else { return }
        guard try Schedule(spec, in: .utc).next(after: now + .seconds(-86_400)) != nil else {
            throw ClusterError(
                .invalid, "job \(job.id) would never begin: no time of \(spec.crons.joined(separator: ", ")) is to come"
            )
        }
    }
}
