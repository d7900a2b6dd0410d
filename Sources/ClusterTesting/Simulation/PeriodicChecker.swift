import ClusterKit

/// Looks at jobs that begin at given times: each time begins once, none before it has come, and where overlap is
/// prohibited none beside another. Shares no code with what it checks.
struct PeriodicChecker {
    /// A clock that was set back further than this was wrong before: times that it showed may come again.
    private static let longestSetback = Duration.seconds(86_400)

    /// How far the schedule of a job is.
    private struct Course {
        /// The newest time that has begun.
        var last: WallTime
        /// The earliest moment that the wall clock showed since.
        var earliest: WallTime
    }

    private var courses: [JobID: Course] = [:]

    /// Checks what `batch` made of `before`.
    mutating func check(_ batch: ChangeBatch, from before: Snapshot, into report: inout WorldReport) {
        for id in courses.keys {
            guard let earliest = courses[id]?.earliest, batch.time < earliest else { continue }
            courses[id]?.earliest = batch.time
        }
        for change in batch.changes {
            switch change {
            // Another job of that name begins anew.
            case .removeJob(let id): courses[id] = nil
            case .putLaunch(let launch):
                checkTime(of: launch, at: batch.time, into: &report)
                courses[launch.job] = Course(last: launch.time, earliest: batch.time)
                checkChild(of: launch, batch, from: before, into: &report)
            default: break
            }
        }
    }

    private func checkTime(of launch: LaunchRecord, at time: WallTime, into report: inout WorldReport) {
        if launch.time > time {
            report.violations.append(
                Violation(
                    rule: "nothing begins before its time",
                    detail: "\(launch.job) began \(launch.time - time) before \(launch.time)"))
        }
        guard let course = courses[launch.job], launch.time <= course.last,
            course.last - course.earliest <= Self.longestSetback
        else { return }
        report.violations.append(
            Violation(
                rule: "each time of a schedule begins once",
                detail: "\(launch.job) began for \(launch.time) after it had begun for \(course.last)"))
    }

    private func checkChild(
        of launch: LaunchRecord, _ batch: ChangeBatch, from before: Snapshot, into report: inout WorldReport
    ) {
        guard let parent = before.jobs[launch.job]?.job, let spec = parent.periodic else { return }
        let child = batch.changes.lazy.compactMap { change -> JobID? in
            guard case .putJob(let record) = change, record.job.origin?.parent == parent.id else { return nil }
            return record.job.id
        }.first
        guard let child else {
            guard !spec.prohibitsOverlap else { return }
            report.violations.append(
                Violation(rule: "each time of a schedule makes a job", detail: "\(parent.id) made none"))
            return
        }
        guard spec.prohibitsOverlap else { return }
        for other in before.children(of: parent.id) {
            guard let running = before.allocations(of: other.job.id).first(where: { !$0.isTerminal }) else { continue }
            report.violations.append(
                Violation(
                    rule: "what must not overlap runs once at a time",
                    detail: "\(child) began while \(running.name) \(running.id.short) is \(running.client)"))
        }
    }
}

extension World {
    /// At rest a job that begins every minute has done so in the last one, unless the clock was set back since.
    func checkSchedule(of record: JobRecord) {
        guard let spec = record.job.periodic, spec.isEnabled, !record.stopped, spec.crons == ["* * * * *"] else {
            return
        }
        let last = max(truth.launches[record.job.id]?.time ?? record.submitTime, record.submitTime)
        guard clocks.wall - last > .seconds(75) else { return }
        violate("a schedule is kept", "\(record.job.id) began last \(clocks.wall - last) ago")
    }
}
