import Logging
import Synchronization

/// Until when the node has its lease: what tasks begin with, and what those that run are told.
final class LeaseBoard: Sendable {
    private let end = Mutex(Uptime(nanoseconds: .min))

    /// The newest end that was noted.
    var newest: Uptime { end.withLock { $0 } }

    /// Notes an end; one that comes late changes nothing.
    func note(_ moment: Uptime) { end.withLock { $0 = max($0, moment) } }
}

extension DriverBench {
    /// The lease that a task begins with; `nil` for those that need none.
    func lease(of task: TaskSpec, in assignment: Assignment) -> TaskLease? {
        guard assignment.allocation.fence != nil else { return nil }
        return TaskLease(until: leases.newest, signal: task.killSignal ?? "SIGINT", grace: task.killTimeout)
    }

    /// Hands the newest end of the lease to whoever watches over each task.
    func renewLeases(_ tasks: [TaskRun: TaskHandle]) async {
        for (run, handle) in tasks.sorted(by: { $0.key < $1.key }) {
            guard let driver = drivers[handle.driver] as? any TaskLeasing else { continue }
            do {
                try await driver.renewLease(of: handle, until: leases.newest)
            } catch {
                logger.warning("the lease of task \(run.task) of \(run.allocation.short) is not renewed: \(error)")
            }
        }
    }
}
