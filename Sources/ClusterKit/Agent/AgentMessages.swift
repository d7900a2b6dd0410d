package import Logging

/// One run of one task: what results name, so that a late one is not taken for the next run's.
package struct TaskRun: Hashable, Comparable, Sendable {
    /// The allocation.
    package var allocation: AllocationID
    /// The task.
    package var task: String
    /// Which start it is, from 0.
    package var attempt: Int

    package init(_ allocation: AllocationID, _ task: String, attempt: Int = 0) {
        self.allocation = allocation
        self.task = task
        self.attempt = attempt
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.allocation, left.task, left.attempt) < (right.allocation, right.task, right.attempt)
    }
}

/// The calls that an agent makes on its link. Of each at most one is waited for.
package enum LinkCall: Int, CaseIterable, Hashable, Sendable {
    case register, heartbeat, assignments, report, inquiries
}

/// What an agent's core is told. What is large lies apart, so that the rest is quick to hand on.
package enum AgentEvent: Sendable {
    /// The journal was read; nothing happens before this. Where the machine was started anew since a view was kept, the
    /// journal may have lost what was written last: nothing of it is started before a view says that it is wanted.
    case booted([AllocationRecord], seen: ViewStamp = .zero, machineRestarted: Bool = false)
    /// What the machine says of itself changed.
    indirect case described(Node)
    /// The call `register` was answered.
    case registered(Registration)
    /// The call `heartbeat` was answered.
    case heartbeatAccepted(Registration)
    /// The call `assignments` with this number was answered; `nil` stands for the newest.
    case assigned(Assignments, number: UInt64? = nil)
    /// A view came that no call waits for: a link may repeat and delay them.
    case overheard(Assignments)
    /// The call `report` was answered: what it carried is durable.
    case reported
    /// The call `inquiries` was answered.
    case inquired([Inquiry])
    /// The call of a kind with this number failed, or took too long; `nil` stands for the newest.
    case callFailed(LinkCall, ClusterError, number: UInt64? = nil)
    /// The folders of an allocation are made.
    case prepared(AllocationID)
    /// The folders of an allocation cannot be made.
    case preparationFailed(AllocationID, String, FailureCause = .setup)
    /// The files of a task are made: it can start.
    case rendered(TaskRun)
    /// The files of a task wait for something, or cannot be renewed: why, without what is in them.
    case templatesNoted(TaskRun, String)
    /// The files of a task cannot be made.
    case templatesFailed(TaskRun, String)
    /// A signal could not be sent to a task.
    case signalFailed(TaskRun, String)
    /// Files of a task that runs are to change, as soon as the task may act on that: `applyTemplates` does it.
    case templatesDue(TaskRun)
    /// Files of a task that runs changed; `nil` when they did not after all.
    case templatesChanged(TaskRun, TemplateReaction?)
    /// A task runs.
    case started(TaskRun, TaskHandle)
    /// A task does not start.
    case startFailed(TaskRun, TaskStartFailure)
    /// A task ended.
    case exited(TaskRun, TaskExit)
    /// A task cannot be watched now.
    case watchFailed(TaskRun, String)
    /// A task was stopped; nothing of it runs.
    case stopped(TaskRun)
    /// A task cannot be stopped now.
    case stopFailed(TaskRun, String)
    /// The driver has cleaned up after a task.
    case removed(TaskRun)
    /// The driver cannot clean up after a task now.
    case removalFailed(TaskRun, String)
    /// The tasks of an allocation told how their work stands.
    case worked(AllocationID, WorkStatus)
    /// A check was made.
    case probed(CheckRun, ProbeOutcome)
    /// The folders of an allocation are gone.
    case collected(AllocationID)
    /// How full the disk is.
    case surveyed(DiskFill)
    /// The folders of an allocation cannot be removed now.
    case collectionFailed(AllocationID, String)
    /// The journal could not take a record.
    case journalFailed(AllocationID, String)
    /// The agent shall end.
    case shutdown
}

/// What an agent's core asks for. Each link call, and each of `prepare`, `start`, `watch`, `stop`, `remove`,
/// `probe`, `execute` and `collect`, is answered by exactly one event.
package enum AgentEffect: Sendable {
    indirect case register(Node)
    /// `patience` is how long an answer is waited for: a beat that is lost must leave time for others.
    case heartbeat(NodeID, patience: Duration)
    /// The number comes back with the answer: another call may be made before it comes.
    case fetchAssignments(after: ViewStamp, wait: Duration, number: UInt64)
    case report([AllocationReport])
    case fetchInquiries(wait: Duration)
    /// Answers an inquiry from files on this machine, which the task writes as `rotation` says. `ended` says that it
    /// will not write any more.
    case answer(Inquiry, rotation: LogRotation, ended: Bool)
    /// Answers an inquiry with what the core alone knows: what is wrong with it, or that it is done.
    case reply(InquiryID, InquiryAnswer)
    /// Sends a signal to tasks, and answers an inquiry with what came of it.
    case deliver(InquiryID, [TaskRun: TaskHandle], signal: String)
    /// Makes the folders of an allocation; may find them made.
    indirect case prepare(Assignment)
    /// Starts a task. A run that an agent started before it was killed is asked for again by the same number.
    indirect case start(TaskRun, Assignment)
    /// Makes the files of a task that is about to start, however long that takes.
    indirect case render(TaskRun, Assignment)
    /// Makes the files of a task that runs anew whenever they change, until `endTemplates`. Gives no result of its own.
    indirect case followTemplates(TaskRun, Assignment)
    /// Changes the files of a task that `templatesDue` told of; answered by `templatesChanged`.
    case applyTemplates(TaskRun)
    /// Ends `render` and `followTemplates` of a run.
    case endTemplates(TaskRun)
    /// Sends a signal to a task; answered by `signalFailed` when that cannot be done.
    case signal(TaskRun, TaskHandle, String)
    /// Says until when what may run only once may run, those of its tasks that run among it. Gives no result.
    case renewLeases([TaskRun: TaskHandle], until: Uptime)
    /// Waits for the end of a task.
    case watch(TaskRun, TaskHandle)
    /// Ends a task.
    case stop(TaskRun, TaskHandle, signal: String, grace: Duration)
    /// Has the driver clean up after a task.
    case remove(TaskRun, TaskHandle)
    /// Asks an instance of a service whether it is well.
    indirect case probe(CheckRun, ProbeRequest)
    /// Runs a script within a task for the same reason; its words are resolved with the task's environment.
    indirect case execute(CheckRun, CheckSpec, TaskRun, TaskHandle, Assignment)
    /// Keeps the newest view that was seen on disk: older ones may list what is about to be forgotten.
    case remember(ViewStamp)
    /// Looks how full the disk is.
    case surveyDisk
    /// Removes the folders of an allocation.
    case collect(AllocationID)
    /// Keeps a record on disk before any later effect of this allocation begins.
    indirect case persist(AllocationRecord)
    /// Removes a record from disk.
    case forget(AllocationID)
    /// Tells the operator.
    case log(Logger.Level, String)
    /// The agent is done.
    case end
}

/// The rules of an agent that its core needs.
package struct AgentPolicy: Hashable, Sendable {
    /// The most time that a task gets between the polite signal and `SIGKILL`.
    package var maxKillTimeout: Duration = .seconds(30)
    /// How many ended allocations keep their folders.
    package var keptAllocations = 50
    /// How full the disk may be, in percent, before fewer do.
    package var diskThreshold = 80.0
    /// How much of its entries for files may be used, in percent.
    package var inodeThreshold = 70.0
    /// The wait between two looks at the disk.
    package var surveyInterval: Duration = .seconds(60)
    /// Whether tasks end with the agent.
    package var stopTasksOnShutdown = false
    /// How long a call may park at the server.
    package var wait: Duration = .seconds(30)
    /// The wait after the first failure of a call; it doubles with each further one.
    package var firstRetry: Duration = .milliseconds(250)
    /// The longest wait between two tries of a call.
    package var longestRetry: Duration = .seconds(15)
    /// The wait before a driver or a disk is asked again.
    package var choreRetry: Duration = .seconds(2)
    /// How long an agent that stopped its tasks tries to report their end before it ends itself.
    package var lastReport: Duration = .seconds(2)

    /// How long an agent that leaves its tasks running waits for those that are being started.
    package var lastStart: Duration = .seconds(5)

    /// The standard rules.
    package init() {}
}

/// What one event changes, gathered while it is handled.
struct AgentTurn {
    let now: Now
    var entropy: Entropy
    /// Effects in the order in which they are begun.
    var effects: [AgentEffect] = []
    /// Effects of the allocation at hand, begun once its record is on disk.
    var afterPersist: [AgentEffect] = []
    /// Allocations whose state the servers do not have.
    var changed: [AllocationID] = []
    /// Whether allocations may have ended, been confirmed or been forgotten.
    var mayCollect = false
    /// Chores that came up.
    var chores: [(Chore, Uptime)] = []

    /// Asks for a chore after `delay`.
    mutating func remind(_ chore: Chore, after delay: Duration) {
        chores.append((chore, now.uptime + delay))
    }
}

/// Something to do later.
enum Chore: Hashable {
    case restart(TaskRun)
    case watch(TaskRun)
    case stop(TaskRun)
    case remove(TaskRun)
    /// Tells a task to stop, which went on for its `shutdown_delay` after the order came.
    case end(TaskRun)
    /// Warns or ends an allocation whose time is nearly over, or over.
    case limit(AllocationID)
    case collect(AllocationID)
    case persist(AllocationID)

    /// A fixed order among chores that are due together.
    var order: (AllocationID, String, Int) {
        switch self {
        case .restart(let run): (run.allocation, run.task, 0)
        case .watch(let run): (run.allocation, run.task, 1)
        case .stop(let run): (run.allocation, run.task, 2)
        case .remove(let run): (run.allocation, run.task, 3)
        case .end(let run): (run.allocation, run.task, 4)
        case .collect(let id): (id, "", 5)
        case .persist(let id): (id, "", 6)
        case .limit(let id): (id, "", 7)
        }
    }
}
