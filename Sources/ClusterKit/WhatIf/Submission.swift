/// A job that comes in later, for replaying what once came in.
public struct Submission: Hashable, Sendable {
    /// How long after the beginning of the simulation.
    public var delay: Duration
    /// The job.
    public var job: Job
    /// How long each of its instances runs; `nil` lets them run until they are stopped.
    public var length: Duration?

    /// Plans a submission.
    public init(after delay: Duration, job: Job, lasting length: Duration? = nil) {
        self.delay = delay
        self.job = job
        self.length = length
    }
}
