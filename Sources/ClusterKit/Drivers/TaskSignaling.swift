/// A driver that can send a signal to a task without ending it.
public protocol TaskSignaling: TaskDriver {
    /// Sends the signal called `name`, `SIGHUP` for example, to the task's first process. Nothing happens when that has
    /// ended. Throws `ClusterError(.invalid)` when there is no such signal.
    func signal(_ handle: TaskHandle, _ name: String) async throws
}
