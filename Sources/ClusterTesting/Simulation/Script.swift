public import ClusterKit

/// Something that is done to a simulated cluster at a given time, instead of what chance would do.
public struct ScriptStep: Sendable {
    package enum Act: Sendable {
        case ask(@Sendable (Snapshot) -> ServerRequest?)
        case askAbout(machine: Int, @Sendable (NodeID) -> ServerRequest)
        case crashAgent(machine: Int, for: Duration)
        case pauseAgent(machine: Int, for: Duration)
        case loseMachine(Int, for: Duration?)
        case crashServer(for: Duration)
        case pauseServer(for: Duration, successorAfter: Duration?)
        case cut(machines: Set<Int>, Direction, for: Duration)
        case setClock(by: Duration)
        case fillDisk(for: Duration)
        case slowStore(by: Duration, for: Duration)
        case silenceStore(for: Duration)
        case inquire(@Sendable (Snapshot) -> (AllocationID, Inquiry.Question)?)
    }

    let time: Duration
    let act: Act

    package init(at time: Duration, _ act: Act) {
        self.time = time
        self.act = act
    }

    /// Asks the server for something that depends on what is known by then; `nil` asks for nothing.
    package init(at time: Duration, ask question: @escaping @Sendable (Snapshot) -> ServerRequest?) {
        self.init(at: time, .ask(question))
    }

    /// Asks the server for `request`.
    package init(at time: Duration, _ request: ServerRequest) { self.init(at: time) { _ in request } }

    /// Someone asks the agent of an instance that is known by then to do something to its tasks at once.
    package init(
        at time: Duration, inquire question: @escaping @Sendable (Snapshot) -> (AllocationID, Inquiry.Question)?
    ) {
        self.init(at: time, .inquire(question))
    }
}

/// A start of a task, as whoever decides its course sees it.
public struct TaskTurn: Sendable {
    /// The instance it belongs to.
    public var allocation: Allocation
    /// Its job, at the version that runs.
    public var job: Job
    /// The task.
    public var task: TaskSpec
    /// Counts the starts on this node.
    public var attempt: Int
    /// Where it starts.
    public var node: Node
    /// When, from the start of the world.
    public var time: Duration
}

/// What becomes of a task that is started in a simulated world.
public enum TaskCourse: Hashable, Sendable {
    /// It runs until it is told to end, and is well.
    case runs
    /// It ends by itself.
    case ends(after: Duration, code: Int = 0)
    /// It runs, but its checks fail from then on.
    case sickens(after: Duration)
    /// It runs, but its checks fail until then.
    case warmsUp(for: Duration)
    /// It takes more memory than it may, and is killed for that.
    case outgrowsItsMemory(after: Duration)
    /// The driver cannot start it; what that is to be blamed on is the driver unless it says otherwise.
    case startFails(String, isRecoverable: Bool = true, cause: FailureCause = .driver)
    /// It runs, and does not end before it is killed.
    case ignoresSignals
}
