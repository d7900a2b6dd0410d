/// A driver that can find what was started but never became known: the agent was killed between the start of a task and
/// the moment when its handle was on disk.
public protocol TaskSweeping: TaskDriver {
    /// Ends and cleans up whatever this driver once started and no handle in `known` names. To be called once when an
    /// agent begins, before its first start: a task that is just being started would be taken for a stray.
    /// Returns how many strays there were.
    @discardableResult func sweep(keeping known: [TaskHandle]) async throws -> Int
}
