import HeapModule

/// When which periodic job begins next. Kept in step with the head of the state, from which it can be made anew at any
/// time; idle jobs cost nothing until their time comes.
struct Timetable: Sendable {
    private struct Alarm: Comparable, Sendable {
        let time: WallTime
        let job: JobID

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.job) < (right.time, right.job) }
    }

    private struct Entry: Sendable {
        let schedule: Schedule
        /// Up to when its times are done.
        var done: WallTime
        var next: WallTime?
    }

    /// A clock that is set back by no more counts as put right: what has begun in that time does not begin again. One
    /// that is set back further was far ahead, and nobody waits until it is there again.
    private static let longestSetback = Duration.seconds(86_400)

    private var entries: [JobID: Entry] = [:]
    private var alarms = Heap<Alarm>()
    private var zones: [String: Result<TimeZoneRules, ClusterError>] = [
        "UTC": .success(.utc), "Etc/UTC": .success(.utc),
    ]
    /// Jobs whose zone is being read.
    private var waiting: [String: Set<JobID>] = [:]
    /// Zones that are to be read.
    private(set) var wanted: [String] = []
    private var seen = WallTime(nanoseconds: .min)

    init() {}

    /// What the periodic jobs of `snapshot` ask for. Zones that `known` has read are not read again.
    init(of snapshot: Snapshot, knowing known: Timetable = Timetable(), at now: WallTime) {
        zones = known.zones
        for record in snapshot.jobs.sorted where record.job.periodic != nil { enter(record, in: snapshot, at: now) }
    }

    /// Takes in a change that became true in `head`.
    mutating func note(_ change: Change, in head: Snapshot, at now: WallTime) {
        switch change {
        case .putJob(let put):
            if let record = head.jobs[put.job.id] { enter(record, in: head, at: now) }
        case .removeJob(let id): entries[id] = nil
        case .putLaunch(let launch):
            guard var entry = entries[launch.job] else { return }
            entry.done = launch.time
            set(entry, for: launch.job, at: now)
        default: break
        }
    }

    private mutating func enter(_ record: JobRecord, in head: Snapshot, at now: WallTime) {
        let id = record.job.id
        guard let spec = record.job.periodic, spec.isEnabled, !record.stopped else {
            entries[id] = nil
            return
        }
        guard let zone = zones[spec.timeZone] else {
            entries[id] = nil
            if waiting[spec.timeZone] == nil { wanted.append(spec.timeZone) }
            waiting[spec.timeZone, default: []].insert(id)
            return
        }
        guard case .success(let rules) = zone, let schedule = try? Schedule(spec, in: rules) else {
            entries[id] = nil
            return
        }
        let done = Self.done(of: record, launched: Self.launch(of: id, in: head), at: now)
        set(Entry(schedule: schedule, done: done), for: id, at: now)
    }

    /// Up to when the times of a job are done: what another version or no version of it would have begun is not made up
    /// for. What was noted under a clock that was far ahead says nothing; what has begun since does.
    static func done(of record: JobRecord, launched: WallTime?, at now: WallTime) -> WallTime {
        let isSubmittedAhead = record.submitTime - now > longestSetback
        guard let launched else { return isSubmittedAhead ? now : record.submitTime }
        let done = isSubmittedAhead ? launched : max(launched, record.submitTime)
        return done - now > longestSetback ? now : done
    }

    private static func launch(of id: JobID, in head: Snapshot) -> WallTime? {
        #if MUTANTS
            if Sabotage.active == .repeatedLaunch { return nil }
        #endif
        return head.launches[id]?.time
    }

    private mutating func set(_ entry: Entry, for id: JobID, at now: WallTime) {
        var entry = entry
        if entry.done - now > Self.longestSetback { entry.done = now }
        let next = entry.schedule.next(after: entry.done)
        let isNew = next != entries[id]?.next
        entry.next = next
        entries[id] = entry
        if isNew, let next { alarms.insert(Alarm(time: next, job: id)) }
    }

    // MARK: - Zones

    /// The zones that are to be read; they are asked for once.
    mutating func takeWanted() -> [String] {
        defer { wanted = [] }
        return wanted
    }

    /// A zone was read, or there is none of that name. Gives the jobs that cannot run for want of it.
    mutating func take(
        _ name: String, _ zone: Result<TimeZoneRules, ClusterError>, in head: Snapshot, at now: WallTime
    ) -> [JobID] {
        zones[name] = zone
        let jobs = waiting.removeValue(forKey: name)?.sorted() ?? []
        for id in jobs { if let record = head.jobs[id] { enter(record, in: head, at: now) } }
        if case .failure = zone { return jobs.filter { head.jobs[$0]?.job.periodic?.timeZone == name } }
        return []
    }

    // MARK: - Times

    /// The next moment of any job.
    var nextWake: WallTime? { alarms.min?.time }

    /// When a job begins next.
    func next(of job: JobID) -> WallTime? { entries[job]?.next }

    /// The jobs whose time has come, each with the newest of the times that it missed.
    mutating func due(at now: WallTime) -> [(job: JobID, time: WallTime)] {
        if seen - now > Self.longestSetback { resetAll(at: now) }
        seen = now
        var due: [(job: JobID, time: WallTime)] = []
        while let alarm = alarms.min, alarm.time <= now {
            alarms.removeMin()
            guard let entry = entries[alarm.job], entry.next == alarm.time else { continue }
            let time = entry.schedule.latest(after: entry.done, notAfter: now) ?? alarm.time
            // Until the launch is noted; should that fail, all is made anew.
            entries[alarm.job]?.next = nil
            due.append((alarm.job, time))
        }
        return due
    }

    private mutating func resetAll(at now: WallTime) {
        alarms = Heap()
        for id in entries.keys.sorted() {
            guard var entry = entries[id] else { continue }
            entry.next = nil
            entries[id] = entry
            set(entry, for: id, at: now)
        }
    }
}
