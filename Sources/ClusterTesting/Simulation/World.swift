import ClusterKit

/// Servers, agents, machines, network and users in one thread under one virtual clock.
///
/// The cores are those of production; their effects become messages and steps whose delays, losses and repetitions the
/// seed decides. The world never chooses by the order of a dictionary.
final class World {
    var now = Uptime(nanoseconds: 0)
    var queue = EventQueue<Happening>()
    var entropy: Entropy
    let roughness: Roughness
    let options: WorldOptions
    var report: WorldReport

    var store: any StoreModel { didSet { truth = store.truth } }
    /// What the store holds. It is looked at so often that a copy of all of it for each look would be a cost.
    private(set) var truth: Snapshot
    var servers: [SimulatedServer] = []
    var agents: [SimulatedAgent] = []
    var network = Network()
    var workload = Workload()
    var users = Users()
    var workers: [SimulatedWorker] = []
    var checker = StateChecker()
    var turns = TurnChecker()
    var workChecker = WorkChecker()
    var rollouts = RolloutChecker()
    var canaries = CanaryChecker()
    var schedules = PeriodicChecker()
    var drains = DrainChecker()
    var returns = ReturnChecker()
    /// What was true before the step that is checked.
    var past = Snapshot()
    var ledger = Ledger()
    var lives = TaskLives()
    /// How often in a row each check has found something wrong.
    var badAnswers: [CheckID: Int] = [:]
    var chronicle = Chronicle()
    /// Instances whose tasks someone wants restarted.
    var askedToRestart: Set<AllocationID> = []
    /// Allocations a task of which ended by its lease: their agents end the others.
    var endedByLease: Set<AllocationID> = []
    /// The first work in line that waits for gangs alone though it fits, and since when.
    var heldBack: (job: JobID, since: Uptime, windows: Duration)?
    /// Room that the first in line was seen to have.
    var opening: Opening?
    /// Since when looks at jobs are due that are not made yet.
    var dueLooks: [EvaluationID: Uptime] = [:]
    /// How often clients have looked at what they are offered.
    var looks = 0
    /// The revisions that ended jobs, of which later ones begin anew.
    var ended: [JobID: Revision] = [:]
    /// Machines that never come back.
    var goneForGood: Set<Int> = []
    /// Whether faults and operations have ended and the cluster comes to rest.
    var isSettling = false
    /// Nodes that were found to stand idle for work that waits, at rest.
    var idle: Set<NodeID> = []
    /// Since when nothing is done to the cluster any more.
    var restSince: Uptime?
    /// When something last kept servers or store from their work.
    var disturbed = Uptime(nanoseconds: 0)
    /// By how much the wall clocks of all machines are off together.
    var wallSkew: Duration = .zero
    var nextCall: UInt64 = 0

    init(_ options: WorldOptions) {
        self.options = options
        store = options.store
        truth = options.store.truth
        entropy = Entropy(seed: options.seed)
        roughness = options.roughness ?? Roughness(using: &entropy)
        report = WorldReport(seed: options.seed)
    }

    /// What happens at a moment. What is large is boxed, for it is moved more often than it is looked at.
    enum Happening {
        case serverWake(Int, life: Int)
        indirect case serverHears(Int, life: Int, ServerCore.Event)
        indirect case written(Int, life: Int, [ChangeBatch], Snapshot)
        case serverStarts
        case agentWake(Int, life: Int)
        indirect case agentHears(Int, life: Int, AgentEvent)
        case agentStarts(Int)
        indirect case call(AgentCall)
        indirect case pollEnds(Int, life: Int, AgentCall)
        indirect case callTimesOut(AgentCall)
        indirect case answered(AgentCall, AgentEvent)
        case processEnds(Int, TaskRun, serial: UInt64, ProcessEnd)
        case clientsLook
        case sickens
        case taskTells
        case turnsUnwell(Int, TaskRun, serial: UInt64)
        case mends(Int, TaskRun, serial: UInt64)
        case leaseEnds(Int, TaskRun, serial: UInt64)
        indirect case mustHaveEnded(Int, AllocationID, Ending, since: Uptime)
        case sourceReturns(Int)
        case userActs(Int)
        case userHears(Int, attempt: Int)
        case userGivesUp(Int, attempt: Int)
        case workerActs(Int, life: Int)
        case workerHears(WorkerCall, Result<ServerReply, ClusterError>)
        case workerGivesUp(WorkerCall, server: Int?, request: UInt64)
        case fault
        case heal(Fault)
        case scripted(Int)
        case operatorRests
    }

    /// Lets something happen after `delay`.
    func later(_ delay: Duration, _ happening: Happening) { queue.put(happening, at: now + delay) }

    /// Runs to the end and says what was seen.
    func run() -> WorldReport {
        begin()
        let end = Uptime(nanoseconds: 0) + options.duration
        step(until: end)
        if report.violations.isEmpty { settle() }
        step(until: end + options.settling)
        if options.settling > .zero { checkAtRest() }
        report.chronicle = chronicle.lines
        report.state = truth
        return report
    }

    private func begin() {
        for number in 0..<(options.machines.isEmpty ? options.nodes : options.machines.count) {
            let node = options.machines.isEmpty ? nil : options.machines[number]
            agents.append(SimulatedAgent(number, node, using: &entropy))
            if !options.isCalm { agents[number].clock = .drawn(using: &entropy) }
        }
        later(.zero, .serverStarts)
        for number in agents.indices { later(.milliseconds(entropy.below(3000)), .agentStarts(number)) }
        prepareScript()
        later(Self.lookInterval, .clientsLook)
        if options.hasUsers {
            for user in 0..<Workload.jobs {
                later(.milliseconds(5000 + entropy.below(60_000)), .userActs(user))
            }
            beginWorkers()
        }
        if let interval = roughness.faultInterval { later(interval, .fault) }
        guard !options.isCalm, options.course == nil else { return }
        later(.seconds(20), .sickens)
        later(.seconds(20), .taskTells)
    }

    private func step(until limit: Uptime) {
        while report.violations.isEmpty, let (time, happening) = queue.next(until: limit) {
            now = time
            happen(happening)
        }
        now = max(now, limit)
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .serverStarts: startServer()
        case .serverWake(let number, let life): wakeServer(number, life)
        case .serverHears(let number, let life, let event): tellServer(number, life, event)
        case .written(let number, let life, let group, let head): finishWrite(number, life, group, head)
        case .agentStarts(let number): startAgent(number)
        case .agentWake(let number, let life): wakeAgent(number, life)
        case .agentHears(let number, let life, let event): tellAgent(number, life, event)
        case .call(let call): arrive(call)
        case .pollEnds(let server, let life, let call): endPoll(server, life, call)
        case .callTimesOut(let call): timeOut(call)
        case .answered(let call, let event): deliver(event, for: call)
        case .processEnds(let node, let run, let serial, let end): endProcess(node, run, serial, end)
        case .clientsLook: clientsLook()
        case .sickens: sicken()
        case .taskTells: taskTells()
        case .turnsUnwell(let node, let run, let serial): turnUnwell(node, run, serial: serial)
        case .mends(let node, let run, let serial): mend(node, run, serial: serial)
        case .leaseEnds(let node, let run, let serial): endLease(node, run, serial: serial)
        case .mustHaveEnded(let node, let id, let ending, let since):
            checkHasEnded(id, on: node, because: ending, since: since)
        case .sourceReturns(let number): servers[number].edge.regainSource(servers[number].durable)
        case .userActs(let user): act(user)
        case .userHears(let user, let attempt), .userGivesUp(let user, let attempt): answer(user, attempt: attempt)
        case .workerActs(let worker, let life): workerActs(worker, life)
        case .workerHears(let call, let result): workerHears(call, result)
        case .workerGivesUp(let call, let server, let request): workerGivesUp(call, server, request)
        case .fault: strike()
        case .heal(let fault): heal(fault)
        case .scripted(let place): follow(place)
        case .operatorRests: restOperator()
        }
    }

    // MARK: - Telling

    /// Counts an event into the trace.
    func mark(_ kind: UInt64, _ words: UInt64...) {
        report.events += 1
        report.fold(UInt64(bitPattern: now.nanoseconds))
        report.fold(kind)
        for word in words { report.fold(word) }
    }

    /// Adds a line to the story.
    func tell(_ line: @autoclosure () -> String) {
        guard options.storyLength > 0 else { return }
        let seconds = Double(now.nanoseconds / 1_000_000) / 1000
        report.story.append("\(seconds)s  \(line())")
        if report.story.count > options.storyLength { report.story.removeFirst() }
    }

    /// Adds a line to the chronicle.
    func note(_ line: @autoclosure () -> String) {
        guard options.keepsChronicle else { return }
        chronicle.add(line(), at: now - Uptime(nanoseconds: 0))
    }

    /// Records a broken promise.
    func violate(_ rule: String, _ detail: String) {
        report.violations.append(Violation(rule: rule, detail: "at \(now.nanoseconds / 1_000_000) ms: \(detail)"))
        tell("VIOLATION \(rule): \(detail)")
    }
}
