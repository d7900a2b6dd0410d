public import ClusterKit

/// What users and operators ask for. What the server refuses stands in the report's `scriptFailures`.
extension ScriptStep {
    /// Someone registers `job`, new or changed.
    public static func register(_ job: Job, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .register(job, source: nil, ifUnchangedSince: nil))
    }

    /// Someone stops a job; with `purge`, its record goes as well.
    public static func stop(_ job: JobID, purge: Bool = false, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .stop(job, purge: purge))
    }

    /// Someone changes the count of a group.
    public static func scale(_ job: JobID, _ group: String, to count: Int, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .scale(job, ScalingRequest(group: group, count: count)))
    }

    /// Someone returns to an older version of a job.
    public static func revert(_ job: JobID, to version: Int, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .revert(job, to: version, ifVersion: nil, note: nil))
    }

    /// Someone keeps a value under a key, where templates find it.
    public static func setKey(_ key: String, to value: String, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .keep([.putKey(KeyRecord(key: key, value: Array(value.utf8)))], []))
    }

    /// Someone begins the work of a periodic job ahead of its time.
    public static func force(_ job: JobID, at time: Duration) -> ScriptStep { ScriptStep(at: time, .force(job)) }

    /// Someone begins work of a parameterized job.
    public static func dispatch(_ job: JobID, _ order: DispatchOrder, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .dispatch(job, order))
    }

    /// Someone decides about the newest roll-out of a job: promotes, pauses, resumes or gives it up.
    public static func order(_ order: DeploymentOrder, of job: JobID, at time: Duration) -> ScriptStep {
        ScriptStep(at: time) { $0.deployments(of: job).last.map { .orderDeployment($0.id, order) } }
    }

    /// Someone ends the newest instance of a name, like `web.web[0]`; another takes its place.
    public static func stopInstance(_ name: String, at time: Duration) -> ScriptStep {
        ScriptStep(at: time) { $0.newest(name).map { .stopAllocation($0.id) } }
    }

    /// Someone lets the newest instance of a name finish its present work; its group wants one less from then on.
    public static func retire(_ name: String, at time: Duration) -> ScriptStep {
        ScriptStep(at: time) { $0.newest(name).map { .retire($0.id) } }
    }

    /// An operator moves away what runs on a machine, by its place.
    public static func drain(_ machine: Int, _ limit: DrainLimit = .standard, at time: Duration) -> ScriptStep {
        ScriptStep(
            at: time,
            .askAbout(machine: machine) { .drain($0, limit, ignoringSystemJobs: false, reason: "maintenance") })
    }

    /// An operator ends a drain; the machine, by its place, takes work again.
    public static func endDrain(of machine: Int, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .askAbout(machine: machine) { .endDrain($0, makingEligible: true) })
    }

    /// An operator lets a machine, by its place, take new work, or none.
    public static func setEligibility(
        _ eligibility: NodeEligibility, of machine: Int, at time: Duration
    ) -> ScriptStep {
        ScriptStep(at: time, .askAbout(machine: machine) { .setEligibility($0, eligibility) })
    }
}

/// What goes wrong. Machines go by their places in the list that the world was made with.
extension ScriptStep {
    /// Which messages between machines and servers are lost.
    public enum Direction: Sendable {
        /// Those to the servers.
        case outward
        /// Those of the servers.
        case inward
        /// All.
        case both
    }

    /// The agent of a machine is killed; it starts again after `lasts`. Its tasks run on.
    public static func crashAgent(of machine: Int, at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .crashAgent(machine: machine, for: lasts))
    }

    /// The agent of a machine stands still for `lasts`, and does then what it has not yet.
    public static func pauseAgent(of machine: Int, at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .pauseAgent(machine: machine, for: lasts))
    }

    /// A machine loses power; it comes back after `lasts`, or never.
    public static func loseMachine(_ machine: Int, at time: Duration, for lasts: Duration?) -> ScriptStep {
        ScriptStep(at: time, .loseMachine(machine, for: lasts))
    }

    /// The server is killed; another leads after `lasts`.
    public static func crashServer(at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .crashServer(for: lasts))
    }

    /// The server stands still for `lasts`. With `successorAfter`, another leads by then, and the one that stood still
    /// finds out when it goes on.
    public static func pauseServer(
        at time: Duration, for lasts: Duration, successorAfter: Duration? = nil
    ) -> ScriptStep {
        ScriptStep(at: time, .pauseServer(for: lasts, successorAfter: successorAfter))
    }

    /// Machines and the servers do not hear each other, or one side does not hear the other.
    public static func cutOff(
        _ machines: Set<Int>, _ direction: Direction = .both, at time: Duration, for lasts: Duration
    ) -> ScriptStep {
        ScriptStep(at: time, .cut(machines: machines, direction, for: lasts))
    }

    /// The wall clocks of all machines are set forward or back.
    public static func setClocks(by jump: Duration, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .setClock(by: jump))
    }

    /// The store refuses writes.
    public static func fillDisk(at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .fillDisk(for: lasts))
    }

    /// Each write takes longer by `delay`.
    public static func slowStore(by delay: Duration, at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .slowStore(by: delay, for: lasts))
    }

    /// Whoever follows the store, to name and route services, hears nothing of it.
    public static func silenceStore(at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .silenceStore(for: lasts))
    }
}

extension Snapshot {
    /// The newest instance of a name.
    package func newest(_ name: String) -> Allocation? {
        allocations.sorted.filter { $0.name == name }.max { $0.createRevision < $1.createRevision }
    }
}
