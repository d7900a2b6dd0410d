/// Counts the restarts of one task within the fixed window of its policy.
///
/// The window begins with the task's first start. A restart that is asked for after the window's end begins a new one
/// at that moment; mode `delay` waits for the end and counts anew from there. The window is kept in wall time because
/// it lasts up to days and must survive restarts of the agent and of the machine.
package struct RestartTracker: Hashable, Sendable {
    /// When the window began; `nil` before the first start.
    package private(set) var windowStart: WallTime?
    /// Restarts within the window.
    package private(set) var count = 0

    /// A task that has not started.
    package init() {}

    /// How a run of the task, or the try to begin one, ended.
    package enum Outcome: Hashable, Sendable {
        /// It exited, and well.
        case succeeded
        /// It ended in any other way.
        case failed
        /// It did not start; another try may succeed.
        case startFailed
        /// It did not start, and never will.
        case cannotStart
        /// It was stopped to be started again, which is nobody's failure.
        case stoppedToRestart
    }

    /// What comes next.
    package enum Decision: Hashable, Sendable {
        /// It is started again after a wait.
        case restart(after: Duration, reason: String)
        /// Its work is done.
        case finished(reason: String)
        /// It failed for good.
        case fail(reason: String)
    }

    /// Opens the window at the task's first start; later starts change nothing.
    package mutating func started(at now: WallTime) {
        if windowStart == nil { windowStart = now }
    }

    /// Decides what follows `outcome` at `now`, and counts it. Success is the end of tasks of batch jobs, and of those
    /// that come before, beside or after the main tasks without being sidecars.
    package mutating func decide(
        after outcome: Outcome, kind: JobKind, lifecycle: TaskLifecycle? = nil, policy: RestartPolicy, at now: WallTime,
        using entropy: inout Entropy
    ) -> Decision {
        if outcome == .stoppedToRestart { return .restart(after: .zero, reason: "Restart requested") }
        if outcome == .succeeded, lifecycle.map({ !$0.isSidecar }) ?? kind.isFinite {
            return .finished(reason: "Restart unnecessary as task terminated successfully")
        }
        if outcome == .cannotStart { return .fail(reason: "Error was unrecoverable") }
        if policy.attempts <= 0 { return .fail(reason: "Policy allows no restarts") }
        let start = openWindow(at: now, length: policy.interval)
        count += 1
        if count <= policy.attempts {
            return .restart(
                after: policy.delay + entropy.jitter(upTo: policy.delay / 4), reason: "Restart within policy")
        }
        let exceeded = "Exceeded allowed attempts \(policy.attempts) in interval \(policy.interval.goText)"
        switch policy.mode {
        case .fail:
            return .fail(reason: exceeded + " and mode is \"fail\"")
        case .delay:
            let end = start + policy.interval
            windowStart = end
            count = 0
            return .restart(after: max(.zero, end - now), reason: exceeded + ", applying a delay")
        }
    }

    /// The beginning of the window that `now` lies in. A clock that was set back begins the window anew but keeps the
    /// count, so that nobody waits longer than one interval and nobody gains restarts.
    private mutating func openWindow(at now: WallTime, length: Duration) -> WallTime {
        guard let start = windowStart, start <= now else {
            windowStart = now
            return now
        }
        guard now > start + length else { return start }
        windowStart = now
        count = 0
        return now
    }
}

extension RestartTracker: Stored {
    package init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            var tracker = RestartTracker()
            tracker.windowStart = try fields.next()
            tracker.count = try fields.next()
            return tracker
        }
    }

    package func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(windowStart)
            $0.put(count)
        }
    }
}
