public import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ClusterClient {
    /// Registers the job that `document` states: a JSON object in Nomad's shape.
    ///
    /// `ifUnchangedSince` refuses with `.conflict` unless the job's statement still has that revision; zero means that
    /// there must be no such job. `source` is the text it was made from, kept beside the job; `note` says who wants it
    /// and why.
    public func register(
        _ document: [UInt8], namespace: String = "default", ifUnchangedSince: Revision? = nil, source: JobSource? = nil,
        note: ChangeNote? = nil
    ) async throws -> WriteAnswer {
        var body = Array(#"{"Job":"#.utf8)
        body += document
        if let ifUnchangedSince {
            body += #","EnforceIndex":true,"JobModifyIndex":\#(ifUnchangedSince)"#.utf8
        }
        if let source {
            body += #","Submission":"#.utf8
            body += try JSONEncoder().encode(["Source": source.text, "Format": source.format])
        }
        body += try Self.member(note)
        body.append(UInt8(ascii: "}"))
        return try await put(.registerJob, namespace: namespace, body: body)
    }

    /// Stops a job; `purge` also forgets it. Throws `.notFound` for a job that is not there.
    public func stop(_ job: String, namespace: String = "default", purge: Bool = false) async throws -> WriteAnswer {
        let request = OutgoingRequest(
            endpoint: .stopJob, argument: job, query: [("namespace", namespace), ("purge", purge ? "true" : "false")])
        return try decode(try await send(request).body, from: .stopJob)
    }

    /// Turns a job file into a JSON job. Throws `.invalid` with every mistake found, where it is and why.
    public func parse(_ text: String, namespace: String = "default") async throws -> [UInt8] {
        let body = try JSONEncoder().encode(ParseRequest(jobHCL: text, canonicalize: true))
        let request = OutgoingRequest(
            endpoint: .parseJob, query: [("namespace", namespace)], body: Array(body))
        return try await send(request).body
    }

    /// Asks the server what is wrong with the job that `document` states, without registering it.
    public func validate(_ document: [UInt8], namespace: String = "default") async throws -> ValidationAnswer {
        let body = Array(#"{"Job":"#.utf8) + document + [UInt8(ascii: "}")]
        let request = OutgoingRequest(endpoint: .validateJob, query: [("namespace", namespace)], body: body)
        return try decode(try await send(request).body, from: .validateJob)
    }

    /// Changes how many instances a group has.
    ///
    /// `ifUnchangedSince` refuses with `.conflict` unless the job's statement still has that revision.
    public func scale(
        _ job: String, group: String, to count: Int, message: String = "", namespace: String = "default",
        ifUnchangedSince: Revision? = nil
    ) async throws -> WriteAnswer {
        let body = try JSONEncoder().encode(
            ScaleRequest(
                count: count, target: ["Group": group], message: message,
                enforcesIndex: ifUnchangedSince == nil ? nil : true, jobModifyIndex: ifUnchangedSince?.number))
        return try await put(.scaleJob, job, namespace: namespace, body: Array(body))
    }

    /// Begins the work of a periodic job now.
    public func force(_ job: String, namespace: String = "default") async throws -> WriteAnswer {
        try await put(.forceJob, job, namespace: namespace, body: [])
    }

    /// Begins the work of a parameterized job with what `order` gives.
    public func dispatch(
        _ job: String, _ order: DispatchOrder, namespace: String = "default"
    ) async throws -> DispatchAnswer {
        let wire = DispatchRequest(
            payload: Data(order.payload).base64EncodedString(), meta: order.meta, namePrefix: order.namePrefix,
            priority: order.priority)
        var query = [(name: "namespace", value: namespace)]
        if !order.idempotencyToken.isEmpty { query.append((name: "idempotency_token", value: order.idempotencyToken)) }
        let request = OutgoingRequest(
            endpoint: .dispatchJob, argument: job, query: query, body: Array(try JSONEncoder().encode(wire)))
        return try decode(try await send(request).body, from: .dispatchJob)
    }

    /// Asks to look at a job again; with `replacingFailed` what has failed is placed anew now, whatever the job's rules
    /// say of that.
    public func evaluate(
        _ job: String, replacingFailed: Bool = false, namespace: String = "default"
    ) async throws -> WriteAnswer {
        let body = #"{"EvalOptions":{"ForceReschedule":\#(replacingFailed)}}"#
        return try await put(.evaluateJob, job, namespace: namespace, body: Array(body.utf8))
    }

    /// Stops an allocation; another one takes its place.
    public func stopAllocation(_ id: String) async throws -> WriteAnswer {
        try await put(.stopAllocation, id, namespace: nil, body: Array("{}".utf8))
    }

    /// Sends a signal to a task of an allocation that runs, or to all that run.
    public func signal(_ allocation: String, _ signal: String, task: String? = nil) async throws {
        let body = try JSONEncoder().encode(["Signal": signal, "Task": task ?? ""])
        _ = try await send(OutgoingRequest(endpoint: .signalAllocation, argument: allocation, body: Array(body)))
    }

    /// Stops a task of an allocation that runs, or all that run, and starts it again.
    public func restart(_ allocation: String, task: String? = nil) async throws {
        let body = try JSONEncoder().encode(["TaskName": task ?? ""])
        _ = try await send(OutgoingRequest(endpoint: .restartAllocation, argument: allocation, body: Array(body)))
    }

    /// Lets an allocation finish its present work and end; nothing takes its place.
    public func retireAllocation(_ id: String) async throws -> WriteAnswer {
        try await put(.retireAllocation, id, namespace: nil, body: Array("{}".utf8))
    }

    /// Tells how the work of an allocation stands.
    public func setWork(_ work: WorkWire, ofAllocation id: String) async throws -> WriteAnswer {
        try await put(.allocationWork, id, namespace: nil, body: Array(try JSONEncoder().encode(work)))
    }

    /// Forgets a node; what ran there counts as lost.
    public func purgeNode(_ node: String) async throws -> WriteAnswer {
        try await put(.purgeNode, node, namespace: nil, body: Array("{}".utf8))
    }

    /// Looks again at the jobs that a node concerns.
    public func evaluateNode(_ node: String) async throws -> WriteAnswer {
        try await put(.evaluateNode, node, namespace: nil, body: Array("{}".utf8))
    }

    /// Says whether new work may be placed on a node.
    public func setEligibility(_ node: String, _ eligibility: NodeEligibility) async throws -> WriteAnswer {
        let body = try JSONEncoder().encode(["NodeID": node, "Eligibility": eligibility.rawValue])
        return try await put(.nodeEligibility, node, namespace: nil, body: Array(body))
    }

    /// Moves away what runs on a node; with `nil` ends that. `makingEligible` lets it take new work again afterwards.
    public func drain(
        _ node: String, _ drain: DrainRequest?, makingEligible: Bool = false
    ) async throws -> WriteAnswer {
        let order = DrainOrder(spec: drain, markEligible: makingEligible, meta: ["message": drain?.reason ?? ""])
        return try await put(.nodeDrain, node, namespace: nil, body: Array(try JSONEncoder().encode(order)))
    }

    /// Changes the rules of placement, all of them. With a revision, only if that was the last to change them; the
    /// answer tells.
    public func setSchedulerConfiguration(
        _ configuration: SchedulerConfigurationWire, ifUnchangedSince revision: Revision? = nil
    ) async throws -> SchedulerUpdate {
        let body = Array(try JSONEncoder().encode(configuration))
        let query = revision.map { [(name: "cas", value: "\($0)")] } ?? []
        let request = OutgoingRequest(endpoint: .setSchedulerConfiguration, query: query, body: body)
        return try decode(try await send(request).body, from: .setSchedulerConfiguration)
    }

    /// Lets go of all that has ended and that nothing leads to, whatever its age.
    public func collectGarbage() async throws {
        _ = try await send(OutgoingRequest(endpoint: .collectGarbage))
    }

    /// Counts anew what jobs do.
    public func reconcileSummaries() async throws {
        _ = try await send(OutgoingRequest(endpoint: .reconcileSummaries))
    }

    func put(
        _ endpoint: Endpoint, _ argument: String = "", namespace: String?, body: [UInt8]
    ) async throws -> WriteAnswer {
        let query = namespace.map { [(name: "namespace", value: $0)] } ?? []
        let request = OutgoingRequest(endpoint: endpoint, argument: argument, query: query, body: body)
        return try decode(try await send(request).body, from: endpoint)
    }
}

private struct ParseRequest: Encodable {
    var jobHCL: String
    var canonicalize: Bool

    enum CodingKeys: String, CodingKey {
        case jobHCL = "JobHCL"
        case canonicalize = "Canonicalize"
    }
}

private struct DrainOrder: Encodable {
    var spec: DrainRequest?
    var markEligible: Bool
    var meta: [String: String]

    enum CodingKeys: String, CodingKey {
        case spec = "DrainSpec"
        case markEligible = "MarkEligible"
        case meta = "Meta"
    }

    /// A drain is ended by a specification that is null, not by one that is missing.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let spec { try container.encode(spec, forKey: .spec) } else { try container.encodeNil(forKey: .spec) }
        try container.encode(markEligible, forKey: .markEligible)
        try container.encode(meta, forKey: .meta)
    }
}

private struct ScaleRequest: Encodable {
    var count: Int
    var target: [String: String]
    var message: String
    /// These two are left out of a request that asks for no revision.
    var enforcesIndex: Bool?
    var jobModifyIndex: UInt64?

    enum CodingKeys: String, CodingKey {
        case count = "Count"
        case target = "Target"
        case message = "Message"
        case enforcesIndex = "EnforceIndex"
        case jobModifyIndex = "JobModifyIndex"
    }
}

private struct DispatchRequest: Encodable {
    var payload: String
    var meta: [String: String]
    var namePrefix: String
    var priority: Int?

    enum CodingKeys: String, CodingKey {
        case payload = "Payload"
        case meta = "Meta"
        case namePrefix = "IdPrefixTemplate"
        case priority = "Priority"
    }
}
