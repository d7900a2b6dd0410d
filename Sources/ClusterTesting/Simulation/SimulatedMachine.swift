import ClusterKit

/// How a process ends.
struct ProcessEnd {
    var code = 0
    var signal = 0
    var cause = TaskExitCause.exited

    /// It took more memory than it may: the kernel kills it.
    static let outOfMemory = ProcessEnd(signal: 9, cause: .outOfMemory)
}

/// A machine's own truth: which tasks run on it, and what its disk remembers. It outlives its agent.
struct SimulatedMachine {
    /// A task that runs, or that ended without anyone having cleaned up after it.
    struct Process {
        let run: TaskRun
        let handle: TaskHandle
        /// Tells this start from others of the same run.
        let serial: UInt64
        /// When it started.
        let start: Uptime
        var exit: TaskExit?
        /// Since when it does not serve, though it runs; `nil` while it is well.
        var unwellSince: Uptime?
        /// Whether it ends only when it is killed.
        var isStubborn = false
        /// Until when it may run; `nil` for as long as it takes.
        var lease: Lease?
        /// What its allocation holds.
        let holds: AllocatedResources
        /// The life of the agent that waits for its end.
        var watcher: Int?
    }

    /// What whoever watches over a task knows of its lease.
    struct Lease {
        /// The name of its allocation, of which nothing else may run.
        let name: String
        var end: Uptime
        /// How long the task has after its end.
        let grace: Duration
    }

    private(set) var processes: [TaskRun: Process] = [:]
    /// What the agent keeps on disk.
    var disk = SimulatedDisk()
    /// What was made of templates, in a world without chance.
    var files: [SimulatedFile.Place: SimulatedFile] = [:]
    private var serial: UInt64 = 0
    /// Until when the node has its lease, as the agent last said.
    private(set) var leaseEnd = Uptime(nanoseconds: .min)

    /// What really runs, in order.
    var running: [Process] {
        processes.values.filter { $0.exit == nil }.sorted { $0.run < $1.run }
    }

    /// The first of what runs of an allocation; found without putting all in order, for it is asked for often.
    func running(of allocation: AllocationID) -> Process? {
        var first: TaskRun?
        for (run, process) in processes where run.allocation == allocation && process.exit == nil {
            first = first.map { min($0, run) } ?? run
        }
        return first.flatMap { processes[$0] }
    }

    /// Starts a task; a run that was started already is found instead.
    mutating func start(
        _ run: TaskRun, holding: AllocatedResources, _ lease: Lease? = nil, at now: Uptime
    ) -> (process: Process, isNew: Bool) {
        if let known = processes[run] { return (known, false) }
        serial += 1
        let handle = TaskHandle(
            driver: "raw_exec", allocation: run.allocation, task: run.task, facts: ["serial": String(serial)])
        let process = Process(
            run: run, handle: handle, serial: serial, start: now, exit: nil, lease: lease, holds: holding)
        processes[run] = process
        return (process, true)
    }

    /// Lets tasks run until `end`, and those that start from now on.
    mutating func renew(_ runs: some Sequence<TaskRun>, until end: Uptime) {
        leaseEnd = max(leaseEnd, end)
        for run in runs {
            guard let known = processes[run]?.lease?.end else { continue }
            processes[run]?.lease?.end = max(known, end)
        }
    }

    /// Ends a task, if it is that start of it which runs.
    mutating func end(_ run: TaskRun, serial: UInt64, with exit: TaskExit) -> Bool {
        guard processes[run]?.serial == serial, processes[run]?.exit == nil else { return false }
        processes[run]?.exit = exit
        return true
    }

    /// Makes a task serve or not.
    mutating func setHealth(of run: TaskRun, unwellSince: Uptime?) { processes[run]?.unwellSince = unwellSince }

    /// Lets a task obey nobody.
    mutating func makeStubborn(_ run: TaskRun) { processes[run]?.isStubborn = true }

    /// Ends what an agent before this one started and did not live to note; gives what that was.
    mutating func sweep(keeping records: [AllocationRecord]) -> [TaskRun] {
        let known = Set(records.flatMap(\.tasks).compactMap(\.handle))
        let strays = processes.values.filter { !known.contains($0.handle) }.map(\.run).sorted()
        for run in strays { processes.removeValue(forKey: run) }
        return strays
    }

    /// Forgets a task.
    mutating func remove(_ run: TaskRun) { processes.removeValue(forKey: run) }

    /// Has the end of a task told to an agent.
    mutating func watch(_ run: TaskRun, by life: Int) { processes[run]?.watcher = life }

    /// The power fails: nothing runs any more, and nobody knows how it ended.
    mutating func lose() { processes = [:] }
}
