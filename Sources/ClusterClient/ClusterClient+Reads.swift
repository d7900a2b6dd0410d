public import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An answer to a read: what it says, how new that is, and its text as the server wrote it.
public struct Answer<Value: Sendable>: Sendable {
    /// What it says.
    public var value: Value
    /// The revision of what it says: wait for what is newer by stating it in the next `ReadOptions`.
    public var index: Revision
    /// Where the next page begins; `nil` on the last.
    public var nextToken: String?
    /// The JSON text, with everything that `value` leaves out.
    public var body: [UInt8]
}

/// How to read.
public struct ReadOptions: Sendable {
    /// The namespace; `*` in lists means all.
    public var namespace: String
    /// Only what begins with this; identifiers in lists.
    public var prefix: String
    /// Wait for something newer than this; zero answers at once.
    public var index: Revision
    /// How long to wait at most; the server allows five minutes.
    public var wait: Duration
    /// The most items of one page; zero for all.
    public var perPage: Int
    /// Where the page begins: the `nextToken` of the one before.
    public var nextToken: String

    /// Reads `namespace`, at once unless `index` is stated.
    public init(
        namespace: String = "default", prefix: String = "", index: Revision = .zero, wait: Duration = .seconds(60),
        perPage: Int = 0, nextToken: String = ""
    ) {
        self.namespace = namespace
        self.prefix = prefix
        self.index = index
        self.wait = wait
        self.perPage = perPage
        self.nextToken = nextToken
    }

    var query: [(name: String, value: String)] {
        var query = [(name: "namespace", value: namespace)]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if index > .zero {
            query.append(("index", "\(index)"))
            query.append(("wait", "\(max(0, wait.nanoseconds / 1_000_000))ms"))
        }
        if perPage > 0 { query.append(("per_page", "\(perPage)")) }
        if !nextToken.isEmpty { query.append(("next_token", nextToken)) }
        return query
    }
}

extension ClusterClient {
    /// The list of jobs.
    public func jobs(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[JobListItem]> {
        try await get(.jobs, options: options)
    }

    /// One job; `body` holds its whole statement.
    public func job(_ id: String, _ options: ReadOptions = ReadOptions()) async throws -> Answer<JobHead> {
        try await get(.job, id, options: options)
    }

    /// Counts of a job's allocations.
    public func summary(of job: String, _ options: ReadOptions = ReadOptions()) async throws -> Answer<JobSummaryWire> {
        try await get(.jobSummary, job, options: options)
    }

    /// The counts of a job's groups, and how they were changed.
    public func scaleStatus(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<ScaleStatusWire> {
        try await get(.jobScaleStatus, job, options: options)
    }

    /// The bounds of counts.
    public func scalingPolicies(
        _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[ScalingPolicyWire]> {
        try await get(.scalingPolicies, options: options)
    }

    /// The bounds of one group's count.
    public func scalingPolicy(
        _ id: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<ScalingPolicyWire> {
        try await get(.scalingPolicy, id, options: options)
    }

    /// The list of allocations.
    public func allocations(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[AllocationWire]> {
        try await get(.allocations, options: options)
    }

    /// A job's allocations.
    public func allocations(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[AllocationWire]> {
        try await get(.jobAllocations, job, options: options)
    }

    /// The allocations on a node.
    public func allocations(
        onNode node: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[AllocationWire]> {
        try await get(.nodeAllocations, node, options: options)
    }

    /// One allocation by its whole identifier.
    public func allocation(
        _ id: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<AllocationWire> {
        try await get(.allocation, id, options: options)
    }

    /// What the checks of an allocation's services found, by the identifiers of the checks.
    public func checks(
        ofAllocation id: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[String: CheckWire]> {
        try await get(.allocationChecks, id, options: options)
    }

    /// The list of evaluations.
    public func evaluations(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[EvaluationWire]> {
        try await get(.evaluations, options: options)
    }

    /// A job's evaluations.
    public func evaluations(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[EvaluationWire]> {
        try await get(.jobEvaluations, job, options: options)
    }

    /// One evaluation by its whole identifier.
    public func evaluation(
        _ id: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<EvaluationWire> {
        try await get(.evaluation, id, options: options)
    }

    /// What an evaluation placed.
    public func allocations(
        placedBy evaluation: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[AllocationWire]> {
        try await get(.evaluationAllocations, evaluation, options: options)
    }

    /// The list of nodes.
    public func nodes(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[NodeWire]> {
        try await get(.nodes, options: options)
    }

    /// One node by its whole identifier.
    public func node(_ id: String, _ options: ReadOptions = ReadOptions()) async throws -> Answer<NodeWire> {
        try await get(.node, id, options: options)
    }

    /// The pools of nodes.
    public func nodePools(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[NodePoolWire]> {
        try await get(.nodePools, options: options)
    }

    /// The namespaces that jobs are in.
    public func namespaces(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[NamespaceWire]> {
        try await get(.namespaces, options: options)
    }

    /// The rules of placement.
    public func schedulerConfiguration(_ options: ReadOptions = ReadOptions()) async throws -> Answer<SchedulerAnswer> {
        try await get(.schedulerConfiguration, options: options)
    }

    /// What the server says of itself.
    public func agentSelf() async throws -> Answer<AgentSelfWire> { try await get(.agentSelf, options: nil) }

    /// The servers.
    public func members() async throws -> Answer<MembersWire> { try await get(.agentMembers, options: nil) }

    /// The regions that the server knows.
    public func regions() async throws -> Answer<[String]> { try await get(.regions, options: nil) }

    /// The address of the server that leads.
    public func leader() async throws -> Answer<String> { try await get(.leader, options: nil) }

    func get<Value: Decodable & Sendable>(
        _ endpoint: Endpoint, _ argument: String = "", options: ReadOptions?,
        _ further: [(name: String, value: String)] = []
    ) async throws -> Answer<Value> {
        let wait = options.map { $0.index > .zero ? $0.wait : .zero } ?? .zero
        let request = OutgoingRequest(
            endpoint: endpoint, argument: argument, query: (options?.query ?? []) + further, wait: wait)
        let answer = try await send(request)
        return Answer(
            value: try decode(answer.body, from: endpoint), index: answer.index, nextToken: answer.nextToken,
            body: answer.body)
    }

    func decode<Value: Decodable>(_ body: [UInt8], from endpoint: Endpoint) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw ClusterError(
                .unavailable, "\(server) answered \(endpoint.template) with something unexpected: \(error)")
        }
    }
}
