/// Reads what tasks wrote: how an agent answers questions about logs.
public protocol LogReading: Sendable {
    /// Reads a part of a task's output from its folders; waits up to `request.wait` for the first byte. `ended` says that
    /// the task will not write any more. Throws `ClusterError`.
    func read(_ request: LogRequest, from folders: TaskFolders, ended: Bool) async throws -> LogChunk
}
