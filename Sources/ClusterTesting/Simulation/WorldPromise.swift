public import ClusterKit

/// Something that must hold in a simulated cluster at every moment that is looked at: what an embedder expects of jobs,
/// beside what the cluster promises of all.
public struct WorldPromise: Sendable {
    /// The promise in a few words: the `rule` of the violation when it is broken.
    public var name: String
    /// What is wrong at a moment; `nil` when it holds.
    public var breach: @Sendable (WorldMoment) -> String?

    /// States a promise by what would break it.
    public init(_ name: String, brokenBy breach: @escaping @Sendable (WorldMoment) -> String?) {
        self.name = name
        self.breach = breach
    }
}

/// What can be seen of a simulated cluster at a moment.
public struct WorldMoment: Sendable {
    /// How long the world has run.
    public var time: Duration
    /// Whether no faults come any more, and the cluster comes to rest.
    public var isSettling: Bool
    /// Whether a server runs that clients reach.
    public var hasServer: Bool
    /// What is durable.
    public var state: Snapshot
    /// What clients are offered by that server; empty while there is none.
    public var services: ServiceCatalog
    /// What really runs, whatever the servers know of it: by the places of the machines, then by instance.
    public var running: [RunningTask]

    /// A task that runs on a machine.
    public struct RunningTask: Hashable, Sendable {
        /// The place of the machine in the list that the world was made with.
        public var machine: Int
        /// The instance that it belongs to.
        public var allocation: AllocationID
        /// Its name.
        public var task: String
        /// Counts its starts on this machine.
        public var attempt: Int
    }
}

extension World {
    /// Looks at what the embedder's jobs must keep.
    func checkPromises() {
        guard !options.promises.isEmpty, report.violations.isEmpty else { return }
        let moment = WorldMoment(
            time: now - Uptime(nanoseconds: 0), isSettling: isSettling, hasServer: reachableServer != nil,
            state: truth,
            services: reachableServer.map { servers[$0].edge.view.catalog } ?? ServiceCatalog(),
            running: agents.enumerated().flatMap { place, agent in
                agent.machine.running.map { process in
                    WorldMoment.RunningTask(
                        machine: place, allocation: process.run.allocation, task: process.run.task,
                        attempt: process.run.attempt)
                }
            })
        for promise in options.promises {
            if let detail = promise.breach(moment) { return violate(promise.name, detail) }
        }
    }
}
