#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ClusterClient {
    /// Asks what would happen. Nothing is changed.
    ///
    /// - Parameters:
    ///   - jobs: jobs that are registered or changed at once: JSON objects in Nomad's shape.
    ///   - submissions: jobs that come in later.
    /// - Throws: `.notFound` for a node or job that is not there, `.invalid` with every mistake in a job.
    public func whatIf(
        _ question: WhatIfQuestion, jobs: [[UInt8]] = [], submissions: [PlannedSubmission] = []
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
        let answer = try await send(OutgoingRequest(endpoint: .whatIf, body: body))
        return Answer(
            value: try decode(answer.body, from: .whatIf), index: answer.index, nextToken: nil, body: answer.body)
    }
}
