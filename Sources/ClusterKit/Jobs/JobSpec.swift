/// Anything that states a job: a `Job` itself, a job file, a JSON document, a builder.
///
/// A conformer's promise: the same input gives the same job, and nothing is read or written while it is made.
public protocol JobSpec: Sendable {
    /// The job; throws `ClusterError.Code.invalid` with every mistake found, not just the first.
    func job() throws -> Job
}

extension Job: JobSpec {
    public func job() -> Job { self }
}
