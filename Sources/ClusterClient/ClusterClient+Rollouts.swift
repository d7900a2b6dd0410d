public import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Roll-outs and versions.
extension ClusterClient {
    /// The list of roll-outs.
    public func deployments(_ options: ReadOptions = ReadOptions()) async throws -> Answer<[DeploymentWire]> {
        try await get(.deployments, options: options)
    }

    /// A job's roll-outs.
    public func deployments(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<[DeploymentWire]> {
        try await get(.jobDeployments, job, options: options)
    }

    /// A job's newest roll-out; `nil` for none.
    public func newestDeployment(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<DeploymentWire?> {
        try await get(.jobDeployment, job, options: options)
    }

    /// One roll-out by its whole identifier.
    public func deployment(
        _ id: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<DeploymentWire> {
        try await get(.deployment, id, options: options)
    }

    /// Takes the canaries of some groups for good; of all groups when none is named.
    public func promote(deployment id: String, groups: [String] = []) async throws -> DeploymentUpdate {
        try await change(.promoteDeployment, id, PromoteRequest(id: id, all: groups.isEmpty, groups: groups))
    }

    /// Pauses a roll-out, or goes on with it.
    public func pause(deployment id: String, _ pauses: Bool = true) async throws -> DeploymentUpdate {
        try await change(.pauseDeployment, id, PauseRequest(id: id, pauses: pauses))
    }

    /// Gives a roll-out up.
    public func fail(deployment id: String) async throws -> DeploymentUpdate {
        try await change(.failDeployment, id, [String: String]())
    }

    /// The kept versions of a job, the newest first, with what each changed.
    public func versions(
        of job: String, _ options: ReadOptions = ReadOptions()
    ) async throws -> Answer<JobVersionsWire> {
        try await get(.jobVersions, job, options: options, [("diffs", "true")])
    }

    /// Goes back to an older version of a job: a new version that says the same.
    public func revert(
        _ job: String, to version: Int, namespace: String = "default", note: ChangeNote? = nil
    ) async throws -> WriteAnswer {
        var body = Array(#"{"JobVersion":\#(version)"#.utf8)
        body += try Self.member(note)
        body.append(UInt8(ascii: "}"))
        return try await put(.revertJob, job, namespace: namespace, body: body)
    }

    /// Gives a version of a job a name, which keeps it.
    public func tag(
        _ job: String, version: Int?, as name: String, description: String = "", namespace: String = "default"
    ) async throws -> WriteAnswer {
        let body = try JSONEncoder().encode(TagRequest(name: name, version: version, description: description))
        return try await put(.tagJobVersion, "\(job)/versions/\(name)", namespace: namespace, body: Array(body))
    }

    /// Takes a name away from the version of a job that has it.
    public func untag(_ job: String, name: String, namespace: String = "default") async throws -> WriteAnswer {
        let request = OutgoingRequest(
            endpoint: .untagJobVersion, argument: "\(job)/versions/\(name)", query: [("namespace", namespace)])
        return try decode(try await send(request).body, from: .untagJobVersion)
    }

    /// What registering the job that `document` states would do, and, with `showingDifferences`, what it changes.
    public func plan(
        _ job: String, _ document: [UInt8], namespace: String = "default", ifUnchangedSince: Revision? = nil,
        showingDifferences: Bool = true
    ) async throws -> Answer<JobPlanWire> {
        var body = Array(#"{"Diff":\#(showingDifferences),"Job":"#.utf8) + document
        if let ifUnchangedSince {
            body += #","EnforceIndex":true,"JobModifyIndex":\#(ifUnchangedSince)"#.utf8
        }
        body.append(UInt8(ascii: "}"))
        let request = OutgoingRequest(
            endpoint: .planJob, argument: job, query: [("namespace", namespace)], body: body)
        let answer = try await send(request)
        return Answer(
            value: try decode(answer.body, from: .planJob), index: answer.index, nextToken: nil, body: answer.body)
    }

    /// A note as a further member of a request's object; nothing for none.
    static func member(_ note: ChangeNote?) throws -> [UInt8] {
        guard let note else { return [] }
        return try Array(#","Note":"#.utf8) + JSONEncoder().encode(["Author": note.author, "Reason": note.reason])
    }

    private func change(
        _ endpoint: Endpoint, _ id: String, _ body: some Encodable
    ) async throws -> DeploymentUpdate {
        let request = OutgoingRequest(endpoint: endpoint, argument: id, body: Array(try JSONEncoder().encode(body)))
        return try decode(try await send(request).body, from: endpoint)
    }
}

private struct PromoteRequest: Encodable {
    var id: String
    var all: Bool
    var groups: [String]

    enum CodingKeys: String, CodingKey {
        case id = "DeploymentID"
        case all = "All"
        case groups = "Groups"
    }
}

private struct PauseRequest: Encodable {
    var id: String
    var pauses: Bool

    enum CodingKeys: String, CodingKey {
        case id = "DeploymentID"
        case pauses = "Pause"
    }
}

private struct TagRequest: Encodable {
    var name: String
    var version: Int?
    var description: String

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case version = "Version"
        case description = "Description"
    }
}
