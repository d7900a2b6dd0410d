import ClusterKit

/// Answers questions about output as an agent would, over whatever link it is given.
struct ScriptedAgent: Sendable {
    let link: any AgentLink
    let node: NodeID
    /// All that the task ever writes.
    let output: [UInt8]
    /// How much of it is there at first; each question that finds nothing new makes the rest appear.
    let firstPart: Int

    /// Whether something that is asked for beside output can be done.
    var answers: @Sendable (Inquiry.Question) -> Bool = { _ in false }

    /// Answers until it is canceled.
    func run() async throws {
        var written = firstPart
        while !Task.isCancelled {
            for inquiry in try await link.inquiries(for: node, wait: .seconds(20)) {
                guard case .logs(let request) = inquiry.question else {
                    let answer: InquiryAnswer = answers(inquiry.question) ? .done : .invalid("it does not run now")
                    try await link.answer(inquiry.id, with: answer, from: node)
                    continue
                }
                let start = min(request.fromEnd ? max(0, written - request.offset) : request.offset, written)
                let end = min(written, start + request.limit)
                let chunk = LogChunk(
                    data: Array(output[start..<end]), offset: start, file: "srv.stdout.0",
                    isEnd: end == output.count && written == output.count)
                try await link.answer(inquiry.id, with: .logs(chunk), from: node)
                if request.wait > .zero, end == written { written = output.count }
            }
        }
    }
}

/// Runs `body` while `agent` answers.
func with<Value: Sendable>(
    _ agent: ScriptedAgent, _ body: @Sendable @escaping () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            // A link that is closed at the end of a test ends its agent.
            try? await agent.run()
            return nil
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let finished = try await group.next() {
            if let value = finished { return value }
        }
        throw ClusterError(.internal, "the body ended without a value")
    }
}
