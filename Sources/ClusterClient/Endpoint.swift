/// One path of the servers' interface and what may be done there: the list that both sides share.
///
/// A template has at most one parameter (`:job`), so that an identifier that holds a `/` can be told from what follows
/// it.
public struct Endpoint: Hashable, Sendable {
    /// What is done.
    public enum Verb: Hashable, Sendable {
        /// `GET`, and `HEAD` for the head alone.
        case read
        /// `PUT` and `POST` alike: Go clients send the one, Python clients the other.
        case write
        /// `DELETE`.
        case delete
        /// `LIST`, Vault's own: the names below a path.
        case list
        /// `PATCH`.
        case patch
    }

    /// What is done.
    public let verb: Verb
    /// The path, `/v1/job/:job/allocations` for example.
    public let template: String

    init(_ verb: Verb, _ template: String) {
        self.verb = verb
        self.template = template
    }

    /// The path with the parameter replaced by `argument`, which is escaped so that `/` in it does not divide the path.
    public func path(_ argument: String = "") -> String {
        template.split(separator: "/").reduce(into: "") { path, segment in
            path += "/"
            path += segment.first == ":" ? Self.escape(argument) : String(segment)
        }
    }

    /// Percent-encodes all but letters, digits and `-._~`.
    public static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { "\(verb) \(template)" }
}

/// Jobs.
extension Endpoint {
    /// The list of jobs.
    public static let jobs = Endpoint(.read, "/v1/jobs")
    /// Registers a job.
    public static let registerJob = Endpoint(.write, "/v1/jobs")
    /// Turns a job file into a job.
    public static let parseJob = Endpoint(.write, "/v1/jobs/parse")
    /// Says what is wrong with a job.
    public static let validateJob = Endpoint(.write, "/v1/validate/job")
    /// One job.
    public static let job = Endpoint(.read, "/v1/job/:job")
    /// Registers a new version of a job.
    public static let updateJob = Endpoint(.write, "/v1/job/:job")
    /// Stops a job.
    public static let stopJob = Endpoint(.delete, "/v1/job/:job")
    /// A job's allocations.
    public static let jobAllocations = Endpoint(.read, "/v1/job/:job/allocations")
    /// Why a job's instances are where they are, and what keeps others waiting.
    public static let jobPlacement = Endpoint(.read, "/v1/job/:job/placement")
    /// A job's evaluations.
    public static let jobEvaluations = Endpoint(.read, "/v1/job/:job/evaluations")
    /// Counts of a job's allocations by what they do.
    public static let jobSummary = Endpoint(.read, "/v1/job/:job/summary")
    /// The kept versions of a job.
    public static let jobVersions = Endpoint(.read, "/v1/job/:job/versions")
    /// A job's roll-outs.
    public static let jobDeployments = Endpoint(.read, "/v1/job/:job/deployments")
    /// Goes back to an older version of a job.
    public static let revertJob = Endpoint(.write, "/v1/job/:job/revert")
    /// Says whether a failed roll-out may return to a version.
    public static let setJobStability = Endpoint(.write, "/v1/job/:job/stable")
    /// Gives a version of a job a name: the argument is `JOB/versions/NAME`, as Nomad's path has it.
    public static let tagJobVersion = Endpoint(.write, "/v1/job/:job/tag")
    /// Takes the name away.
    public static let untagJobVersion = Endpoint(.delete, "/v1/job/:job/tag")
    /// Says what registering a job would do.
    public static let planJob = Endpoint(.write, "/v1/job/:job/plan")
    /// A job's newest roll-out.
    public static let jobDeployment = Endpoint(.read, "/v1/job/:job/deployment")
    /// How many instances a job has and wants.
    public static let jobScaleStatus = Endpoint(.read, "/v1/job/:job/scale")
    /// Changes how many instances a group has.
    public static let scaleJob = Endpoint(.write, "/v1/job/:job/scale")
    /// Begins the work of a periodic job now.
    public static let forceJob = Endpoint(.write, "/v1/job/:job/periodic/force")
    /// Begins the work of a parameterized job.
    public static let dispatchJob = Endpoint(.write, "/v1/job/:job/dispatch")
    /// The bounds of counts that autoscalers read.
    public static let scalingPolicies = Endpoint(.read, "/v1/scaling/policies")
    /// The bounds of one group's count.
    public static let scalingPolicy = Endpoint(.read, "/v1/scaling/policy/:policy")
    /// Asks to look at a job again.
    public static let evaluateJob = Endpoint(.write, "/v1/job/:job/evaluate")
}

/// What came of jobs.
extension Endpoint {
    /// The list of allocations.
    public static let allocations = Endpoint(.read, "/v1/allocations")
    /// One allocation.
    public static let allocation = Endpoint(.read, "/v1/allocation/:allocation")
    /// Stops an allocation; another one takes its place.
    public static let stopAllocation = Endpoint(.write, "/v1/allocation/:allocation/stop")
    /// Lets an allocation finish its present work and end.
    public static let retireAllocation = Endpoint(.write, "/v1/allocation/:allocation/retire")
    /// Tells how the work of an allocation stands.
    public static let allocationWork = Endpoint(.write, "/v1/client/allocation/:allocation/work")
    /// What the checks of an allocation's services found.
    public static let allocationChecks = Endpoint(.read, "/v1/client/allocation/:allocation/checks")
    /// Sends a signal to tasks of an allocation.
    public static let signalAllocation = Endpoint(.write, "/v1/client/allocation/:allocation/signal")
    /// Stops tasks of an allocation and starts them again.
    public static let restartAllocation = Endpoint(.write, "/v1/client/allocation/:allocation/restart")
    /// The output of a task.
    public static let logs = Endpoint(.read, "/v1/client/fs/logs/:allocation")
    /// The list of evaluations.
    public static let evaluations = Endpoint(.read, "/v1/evaluations")
    /// One evaluation.
    public static let evaluation = Endpoint(.read, "/v1/evaluation/:evaluation")
    /// The allocations that an evaluation placed.
    public static let evaluationAllocations = Endpoint(.read, "/v1/evaluation/:evaluation/allocations")
    /// The list of roll-outs.
    public static let deployments = Endpoint(.read, "/v1/deployments")
    /// One roll-out.
    public static let deployment = Endpoint(.read, "/v1/deployment/:deployment")
    /// The allocations that a roll-out watches.
    public static let deploymentAllocations = Endpoint(.read, "/v1/deployment/allocations/:deployment")
    /// Takes canaries for good.
    public static let promoteDeployment = Endpoint(.write, "/v1/deployment/promote/:deployment")
    /// Pauses a roll-out, or goes on with it.
    public static let pauseDeployment = Endpoint(.write, "/v1/deployment/pause/:deployment")
    /// Gives a roll-out up.
    public static let failDeployment = Endpoint(.write, "/v1/deployment/fail/:deployment")
    /// Says which instances are well.
    public static let deploymentHealth = Endpoint(.write, "/v1/deployment/allocation-health/:deployment")
    /// The names of the services that run.
    public static let services = Endpoint(.read, "/v1/services")
    /// The instances of a service.
    public static let service = Endpoint(.read, "/v1/service/:service")
    /// Changes as they happen.
    public static let eventStream = Endpoint(.read, "/v1/event/stream")
}

/// Machines and servers.
extension Endpoint {
    /// The list of nodes.
    public static let nodes = Endpoint(.read, "/v1/nodes")
    /// One node.
    public static let node = Endpoint(.read, "/v1/node/:node")
    /// The allocations on a node.
    public static let nodeAllocations = Endpoint(.read, "/v1/node/:node/allocations")
    /// Says whether new work may be placed on a node.
    public static let nodeEligibility = Endpoint(.write, "/v1/node/:node/eligibility")
    /// Forgets a node.
    public static let purgeNode = Endpoint(.write, "/v1/node/:node/purge")
    /// Looks again at the jobs that a node concerns.
    public static let evaluateNode = Endpoint(.write, "/v1/node/:node/evaluate")
    /// Moves away what runs on a node, or no longer does.
    public static let nodeDrain = Endpoint(.write, "/v1/node/:node/drain")
    /// The pools of nodes.
    public static let nodePools = Endpoint(.read, "/v1/node/pools")
    /// One pool of nodes.
    public static let nodePool = Endpoint(.read, "/v1/node/pool/:pool")
    /// The nodes in a pool.
    public static let nodePoolNodes = Endpoint(.read, "/v1/node/pool/:pool/nodes")
    /// The jobs that may be placed in a pool.
    public static let nodePoolJobs = Endpoint(.read, "/v1/node/pool/:pool/jobs")
    /// The list of namespaces.
    public static let namespaces = Endpoint(.read, "/v1/namespaces")
    /// One namespace.
    public static let namespace = Endpoint(.read, "/v1/namespace/:namespace")
    /// What the server says of itself.
    public static let agentSelf = Endpoint(.read, "/v1/agent/self")
    /// Whether the server is well.
    public static let agentHealth = Endpoint(.read, "/v1/agent/health")
    /// The servers.
    public static let agentMembers = Endpoint(.read, "/v1/agent/members")
    /// The servers' addresses.
    public static let agentServers = Endpoint(.read, "/v1/agent/servers")
    /// The address of the server that leads.
    public static let leader = Endpoint(.read, "/v1/status/leader")
    /// The addresses of all servers.
    public static let peers = Endpoint(.read, "/v1/status/peers")
    /// The regions.
    public static let regions = Endpoint(.read, "/v1/regions")
    /// The rules of placement.
    public static let schedulerConfiguration = Endpoint(.read, "/v1/operator/scheduler/configuration")
    /// Changes the rules of placement.
    public static let setSchedulerConfiguration = Endpoint(.write, "/v1/operator/scheduler/configuration")
    /// Lets go of all that has ended.
    public static let collectGarbage = Endpoint(.write, "/v1/system/gc")
    /// Counts anew what jobs do.
    public static let reconcileSummaries = Endpoint(.write, "/v1/system/reconcile/summaries")
    /// The figures.
    public static let metrics = Endpoint(.read, "/v1/metrics")
    /// Says what would happen, and changes nothing.
    public static let whatIf = Endpoint(.write, "/v1/what-if")
}

/// Queues of work. The parameter is a queue, or `QUEUE/item/ID` for an item of it.
extension Endpoint {
    /// The queues that hold items.
    public static let queues = Endpoint(.read, "/v1/queues")
    /// A queue and who asks for its items; or one item.
    public static let queue = Endpoint(.read, "/v1/queue/:queue")
    /// The items of a queue.
    public static let queueItems = Endpoint(.read, "/v1/queue/:queue/items")
    /// Puts an item.
    public static let putWork = Endpoint(.write, "/v1/queue/:queue/items")
    /// Forgets an item, or all items of a queue.
    public static let removeQueue = Endpoint(.delete, "/v1/queue/:queue")
    /// Claims an item.
    public static let claimWork = Endpoint(.write, "/v1/queue/:queue/claim")
    /// Keeps an item for another term.
    public static let renewWork = Endpoint(.write, "/v1/queue/:item/renew")
    /// Tells how far an item is.
    public static let reportWork = Endpoint(.write, "/v1/queue/:item/progress")
    /// Gives an item back untried.
    public static let releaseWork = Endpoint(.write, "/v1/queue/:item/release")
    /// Gives an item back after an attempt in vain.
    public static let failWork = Endpoint(.write, "/v1/queue/:item/fail")
    /// Tells that an item is done.
    public static let completeWork = Endpoint(.write, "/v1/queue/:item/complete")
}

/// The way of agents, in the binary form of records.
extension Endpoint {
    /// Makes a node known: a `Node` for a `Registration`.
    public static let linkRegister = Endpoint(.write, "/v1/agent-link/:node/register")
    /// Says that a node is alive: nothing for a `Registration`.
    public static let linkHeartbeat = Endpoint(.write, "/v1/agent-link/:node/heartbeat")
    /// Asks what to run: a `ViewStamp` and a `Duration` for `Assignments`.
    public static let linkAssignments = Endpoint(.write, "/v1/agent-link/:node/assignments")
    /// Says what became of allocations: a list of `AllocationReport` for nothing.
    public static let linkReport = Endpoint(.write, "/v1/agent-link/:node/report")
    /// Asks for what templates need: an `AllocationID`, a `Revision`, a `Duration` and a list of `TemplateQuery` for a
    /// `TemplateAnswer`.
    public static let linkTemplates = Endpoint(.write, "/v1/agent-link/:node/templates")
    /// Asks for questions: a `Duration` for a list of `Inquiry`.
    public static let linkInquiries = Endpoint(.write, "/v1/agent-link/:node/inquiries")
    /// Answers a question: an `InquiryID` and an `InquiryAnswer` for nothing.
    public static let linkAnswer = Endpoint(.write, "/v1/agent-link/:node/answer")
    /// Hands over measurements: a list of `Sample` for nothing.
    public static let linkSamples = Endpoint(.write, "/v1/agent-link/:node/samples")
}

/// Headers that both sides know.
public enum WireHeader {
    /// The caller's token.
    public static let token = "X-Nomad-Token"
    /// The caller's token at Vault's port.
    public static let vaultToken = "X-Vault-Token"
    /// The revision of an answer.
    public static let index = "X-Nomad-Index"
    /// Where the next page of a list begins.
    public static let nextToken = "X-Nomad-NextToken"
    /// The kind of an error, by the name of its `ClusterError.Code`; the body holds its text.
    public static let errorCode = "X-Cluster-Error"
}
