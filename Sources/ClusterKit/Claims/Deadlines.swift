import HeapModule

/// By when something happens to each of many. Moving one later moves a number; the heap is touched only when a time may
/// have come.
struct Deadlines<Subject: Hashable & Comparable & Sendable>: Sendable {
    private struct Alarm: Comparable, Sendable {
        let time: Uptime
        let subject: Subject

        static func < (left: Alarm, right: Alarm) -> Bool { (left.time, left.subject) < (right.time, right.subject) }
    }

    private struct Entry {
        var time: Uptime
        /// When it is looked at; an alarm of another time is an old one.
        var alarm: Uptime
    }

    private var entries: [Subject: Entry] = [:]
    private var alarms = Heap<Alarm>()

    init() {}

    /// The time of `subject`; `nil` when it has none.
    subscript(subject: Subject) -> Uptime? { entries[subject]?.time }

    mutating func set(_ subject: Subject, to time: Uptime) {
        // An alarm that rings too early is set anew then.
        if let known = entries[subject], known.alarm <= time {
            entries[subject]?.time = time
            return
        }
        entries[subject] = Entry(time: time, alarm: time)
        alarms.insert(Alarm(time: time, subject: subject))
    }

    mutating func clear(_ subject: Subject) { entries[subject] = nil }

    /// The moment at which a time may have come.
    var next: Uptime? { alarms.min?.time }

    /// At most `limit` whose time has come, in order; they have none afterwards.
    mutating func due(at now: Uptime, limit: Int = .max) -> [Subject] {
        var due: [Subject] = []
        while due.count < limit, let alarm = alarms.min, alarm.time <= now {
            alarms.removeMin()
            guard let entry = entries[alarm.subject], entry.alarm == alarm.time else { continue }
            if entry.time <= now {
                entries[alarm.subject] = nil
                due.append(alarm.subject)
            } else {
                entries[alarm.subject]?.alarm = entry.time
                alarms.insert(Alarm(time: entry.time, subject: alarm.subject))
            }
        }
        return due
    }

    /// Gives every one so much longer.
    mutating func delayAll(by delay: Duration) {
        for (subject, entry) in entries { entries[subject]?.time = entry.time + delay }
    }
}
