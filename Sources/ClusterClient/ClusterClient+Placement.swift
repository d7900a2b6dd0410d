import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ClusterClient {
    /// Why a job's instances are where they are, and what keeps others waiting: of each group, or of one.
    ///
    /// - Parameter allocation: the beginning of the identifier of the instance to explain.
    /// - Throws: `.notFound` when there is no such job, group or instance.
    public func placement(
        of job: String, namespace: String = "default", group: String? = nil, allocation: String? = nil
    ) async throws -> Answer<PlacementWire> {
        var query = [(name: "namespace", value: namespace)]
        if let group { query.append(("group", group)) }
        if let allocation { query.append(("allocation", allocation)) }
        let answer = try await send(OutgoingRequest(endpoint: .jobPlacement, argument: job, query: query))
        return Answer(
            value: try decode(answer.body, from: .jobPlacement), index: answer.index, nextToken: nil,
            body: answer.body)
    }

    /// Asks what would happen. Nothing is changed.
    ///
    /// - Parameters:
    ///   - jobs: jobs that are registered or changed at once: JSON objects in Nomad's shape.
    ///   - submissions: jobs that come in later.
    ///   - timeout: how long to wait for the answer, in place of the client's own bound: a year of a large cluster
    ///     takes its time, and a server plays one question after the other.
    /// - Throws: `.notFound` for a node or job that is not there, `.invalid` with every mistake in a job,
    ///   `.unavailable` when the answer does not come in time.
    public func whatIf(
        _ question: WhatIfQuestion, jobs: [[UInt8]] = [], submissions: [PlannedSubmission] = [],
        timeout: Duration = .seconds(600)
    ) async throws -> Answer<WhatIfWire> {
        var body = Array(try JSONEncoder().encode(question).dropLast())
        body += #","Jobs":["#.utf8
        body += jobs.joined(separator: ",".utf8)
        body += #"],"Submissions":["#.utf8
        body += submissions.map { submission in
            let lasting = submission.lasting.map { "\"LastingSeconds\":\($0)," } ?? ""
            return Array("{\"AfterSeconds\":\(submission.after),\(lasting)\"Job\":".utf8) + submission.document
                + [UInt8(ascii: "}")]
        }.joined(separator: ",".utf8)
        body += "]}".utf8
        let allowance = OutgoingRequest.Allowance(
            span: timeout,
            complaint: "the simulation takes longer than \(timeout.compactText), or another one runs")
        let answer = try await send(OutgoingRequest(endpoint: .whatIf, body: body, allowance: allowance))
        return Answer(
            value: try decode(answer.body, from: .whatIf), index: answer.index, nextToken: nil, body: answer.body)
    }
}
