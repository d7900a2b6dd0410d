import ClusterKit

/// A whole cluster in one thread under a virtual clock: servers, store, agents, machines, network and users, with
/// crashes, pauses, partitions, delays, repetitions and clock jumps that all follow from one seed.
///
/// ```swift
/// let report = SimulatedWorld(WorldOptions(seed: 7)).run()
/// assert(report.violations.isEmpty)
/// ```
public struct SimulatedWorld {
    private let options: WorldOptions

    /// Prepares a run.
    public init(_ options: WorldOptions) { self.options = options }

    /// Runs to the end, or to the first broken promise. The same options give the same report.
    public func run() -> WorldReport { World(options).run() }

    /// Runs like `run` and, when a promise is broken, once more to tell what happened before: the last `lines` things
    /// that name the jobs, instances or nodes which it is about, and the last things of all.
    public func runTelling(last lines: Int = 60) -> WorldReport {
        let report = run()
        guard let violation = report.violations.first else { return report }
        var telling = options
        telling.storyLength = .max
        var told = World(telling).run()
        told.story = Story(of: violation, in: told.state).lines(of: told.story, limit: lines)
        return told
    }
}
