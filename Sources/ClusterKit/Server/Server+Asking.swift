/// What is asked of agents, over their own links.
extension Server {
    /// A part of a task's output, from the machine that has it.
    ///
    /// - Throws: `.notFound` when there is no such allocation or task, `.unavailable` when its machine does not answer.
    public func logs(
        of id: AllocationID, _ request: LogRequest, as caller: Caller = .anonymous
    ) async throws -> LogChunk {
        let allocation = try allocation(id, withTask: request.task, Action.readLogs, as: caller)
        let limit = request.wait + configuration.inquiryTimeout
        guard case .logs(let chunk) = try await ask(allocation, .logs(request), atMost: limit) else {
            throw ClusterError(.internal, "the agent of node \(allocation.nodeName) answered something else")
        }
        return chunk
    }

    /// Sends a signal, `SIGHUP` for example, to a task that runs, or to all that run.
    ///
    /// - Throws: `.invalid` when there is no such signal or the task does not run, `.notFound` when there is no such
    ///   allocation or task, `.unavailable` when its machine does not answer; it may have been sent all the same then.
    public func signal(
        _ id: AllocationID, _ signal: String, task: String? = nil, as caller: Caller = .anonymous
    ) async throws {
        guard SignalNames.all.contains(signal) else {
            let names = SignalNames.all.joined(separator: ", ")
            throw ClusterError(.invalid, "invalid signal \(signal.quotedForDisplay); use one of \(names)")
        }
        let allocation = try allocation(id, withTask: task, Action.writeJobs, as: caller)
        _ = try await ask(allocation, .signal(task: task ?? "", name: signal), atMost: configuration.inquiryTimeout)
    }

    /// Stops a task that runs, or all that run, and starts it again where it is. That counts as no failure. Returns
    /// when the agent has begun with it.
    ///
    /// - Throws: as `signal`.
    public func restart(_ id: AllocationID, task: String? = nil, as caller: Caller = .anonymous) async throws {
        let allocation = try allocation(id, withTask: task, Action.writeJobs, as: caller)
        _ = try await ask(allocation, .restart(task: task ?? ""), atMost: configuration.inquiryTimeout)
    }

    /// Finds an allocation for a caller who may do `action` in its namespace.
    private func allocation(
        _ id: AllocationID, withTask task: String?, _ action: (String) -> Action, as caller: Caller
    ) throws -> Allocation {
        guard let allocation = snapshot.allocations[id] else { throw ClusterError(.notFound, "alloc not found") }
        try authorize(caller, to: action(allocation.job.namespace))
        if let task, let group = snapshot.job(of: allocation)?.group(allocation.group), group.task(task) == nil {
            let names = group.tasks.map(\.name).joined(separator: ", ")
            throw ClusterError(.notFound, "task \(task) not found in allocation \(id.short); its tasks are: \(names)")
        }
        return allocation
    }

    private func ask(
        _ allocation: Allocation, _ question: Inquiry.Question, atMost limit: Duration
    ) async throws -> InquiryAnswer {
        let node = "node \(allocation.nodeName) (\(allocation.node.short))"
        // Nobody would answer: what is known already is not waited for.
        if let reason = absence(of: allocation.node) { throw ClusterError(.unavailable, "\(node) \(reason)") }
        switch await desk.ask(allocation.node, about: allocation.id, question, atMost: limit) {
        case .logs(let chunk): return .logs(chunk)
        case .done: return .done
        case .notFound(let text): throw ClusterError(.notFound, text)
        case .invalid(let text): throw ClusterError(.invalid, text)
        case .failed(let text): throw ClusterError(.internal, text)
        case nil:
            // It may have been lost meanwhile.
            let reason = absence(of: allocation.node)
            throw ClusterError(
                .unavailable, reason.map { "\(node) \($0)" } ?? "the agent of \(node) did not answer")
        }
    }

    /// Why no agent of a node can be asked, as the end of a sentence about the node; `nil` for one that is there.
    private func absence(of node: NodeID) -> String? {
        guard let node = snapshot.nodes[node] else { return "is gone, so its agent cannot be asked" }
        return node.status == .down ? "is down, so its agent cannot be asked" : nil
    }
}
