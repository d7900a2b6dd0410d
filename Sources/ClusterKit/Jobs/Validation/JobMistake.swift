/// One thing that is wrong with a job: where, what, and what to do.
public struct JobMistake: Hashable, Sendable, CustomStringConvertible {
    /// Where in the job.
    public var path: JobPath
    /// What is wrong and what to do, in one sentence without a full stop.
    public var message: String

    /// States a mistake.
    public init(_ path: JobPath, _ message: String) {
        self.path = path
        self.message = message
    }

    /// `group "web".count: must be at least 0, is -1`.
    public var description: String { "\(path): \(message)" }
}

extension ClusterError {
    /// One error that names every mistake, a line each; `nil` when there are none.
    public static func invalid(_ mistakes: [JobMistake]) -> ClusterError? {
        guard !mistakes.isEmpty else { return nil }
        return ClusterError(.invalid, mistakes.map(\.description).joined(separator: "\n"))
    }
}

/// The bounds that a job's numbers keep. They are wide, and narrow enough that no sum over a job can overflow.
public enum JobLimits {
    /// The longest name of a job, group, task, port or service, in bytes.
    public static let nameBytes = 128
    /// The most groups of a job, tasks of a group, and services, checks, ports or constraints of one block.
    public static let blocks = 1000
    /// The most instances of a group.
    public static let count = 100_000
    /// The most MHz, MiB or attempts in one place.
    public static let amount = 1_000_000_000
    /// The longest time span: ten years.
    public static let duration = Duration.seconds(10 * 365 * 86_400)
    /// How deep the values of a driver's configuration may nest.
    public static let nesting = 32
}
