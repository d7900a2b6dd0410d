public import ClusterKit

/// Something that is done to a simulated cluster at a given time, instead of what chance would do.
public struct ScriptStep: Sendable {
    package enum Act: Sendable {
        case ask(@Sendable (Snapshot) -> ServerRequest?)
        case crashAgent(machine: Int, for: Duration)
        case loseMachine(Int, for: Duration?)
        case crashServer(for: Duration)
        case cut(machines: Set<Int>, for: Duration)
        case setClock(by: Duration)
        case fillDisk(for: Duration)
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

    /// Someone registers `job`.
    public static func register(_ job: Job, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .register(job, source: nil, ifUnchangedSince: nil))
    }

    /// Someone stops a job.
    public static func stop(_ job: JobID, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .stop(job, purge: false))
    }

    /// Someone changes the count of a group.
    public static func scale(_ job: JobID, _ group: String, to count: Int, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .scale(job, ScalingRequest(group: group, count: count)))
    }

    /// The agent of a machine, by its place, is killed; it starts again after `lasts`.
    public static func crashAgent(of machine: Int, at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .crashAgent(machine: machine, for: lasts))
    }

    /// A machine, by its place, loses power; it comes back after `lasts`, or never.
    public static func loseMachine(_ machine: Int, at time: Duration, for lasts: Duration?) -> ScriptStep {
        ScriptStep(at: time, .loseMachine(machine, for: lasts))
    }

    /// The server is killed; another leads after `lasts`.
    public static func crashServer(at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .crashServer(for: lasts))
    }

    /// Machines, by their places, and the server do not hear each other.
    public static func cutOff(_ machines: Set<Int>, at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .cut(machines: machines, for: lasts))
    }

    /// The wall clocks of all machines are set forward or back.
    public static func setClocks(by jump: Duration, at time: Duration) -> ScriptStep {
        ScriptStep(at: time, .setClock(by: jump))
    }

    /// The store refuses writes.
    public static func fillDisk(at time: Duration, for lasts: Duration) -> ScriptStep {
        ScriptStep(at: time, .fillDisk(for: lasts))
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
    /// The driver cannot start it.
    case startFails(String, isRecoverable: Bool = true)
    /// It ends by itself and does not obey before it is killed.
    case ignoresSignals
}

extension World {
    /// Schedules what the script says.
    func prepareScript() {
        for (place, step) in options.script.enumerated() { later(step.time, .scripted(place)) }
    }

    func follow(_ place: Int) {
        let act = options.script[place].act
        mark(10, UInt64(place))
        switch act {
        case .ask(let question): ask(question)
        case .crashAgent(let machine, let lasts):
            guard agents.indices.contains(machine), agents[machine].isAlive else { return }
            crashAgent(machine)
            note("the agent of \(agents[machine].node.name) is killed")
            later(lasts, .heal(.agentCrash(machine)))
        case .loseMachine(let machine, let lasts):
            guard agents.indices.contains(machine), agents[machine].isAlive else { return }
            loseMachine(machine)
            note("\(agents[machine].node.name) loses power")
            if let lasts { later(lasts, .heal(.machineLoss(machine))) } else { goneForGood.insert(machine) }
        case .crashServer(let lasts):
            guard let number = reachableServer else { return }
            note("the server is killed")
            crashServer(number)
            later(lasts, .serverStarts)
        case .cut(let machines, let lasts):
            network.cutOutward.formUnion(machines)
            network.cutInward.formUnion(machines)
            note("machines \(machines.sorted().map(String.init).joined(separator: ", ")) are cut off")
            later(lasts, .heal(.cut(machines, outward: true, inward: true)))
        case .setClock(let jump):
            wallSkew += jump
            note("the clock is set by \(jump.shortText)")
        case .fillDisk(let lasts):
            network.isDiskFull = true
            note("the disk is full")
            later(lasts, .heal(.diskFull))
        case .inquire(let question): inquire(question)
        }
    }

    /// Asks the agent, as its server would: the answer is part of the chronicle.
    private func inquire(_ question: @Sendable (Snapshot) -> (AllocationID, Inquiry.Question)?) {
        guard let (id, question) = question(store.truth), let node = store.truth.allocations[id]?.node,
            let agent = agents.firstIndex(where: { $0.node.id == node })
        else { return note("there is nothing to ask for") }
        if case .restart = question { askedToRestart.insert(id) }
        let inquiry = Inquiry(id: entropy.identifier(), allocation: id, question: question)
        tellAgent(agent, agents[agent].life, .inquired([inquiry]))
    }

    /// Whoever asks learns what came of it; a refusal is part of the chronicle.
    func ask(_ question: @Sendable (Snapshot) -> ServerRequest?) {
        guard let number = reachableServer else { return note("nobody answers") }
        guard let request = question(servers[number].durable) else { return note("there is nothing to ask for") }
        servers[number].nextRequest += 1
        let id = servers[number].nextRequest
        servers[number].asked.insert(id)
        tellServer(number, number, .request(id, request))
    }
}
