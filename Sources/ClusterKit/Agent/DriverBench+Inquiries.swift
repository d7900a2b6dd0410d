import Logging

/// Answers to what servers ask, and signals.
extension DriverBench {
    func answer(_ inquiry: Inquiry, _ rotation: LogRotation, ended: Bool) async -> AgentEvent? {
        guard case .logs(let request) = inquiry.question else { return nil }
        let place = folders.folders(inquiry.allocation, task: request.task)
        let answer: InquiryAnswer
        do {
            let reader = LogReader(folders: place, rotation: rotation)
            answer = .logs(try await reader.chunk(for: request) { ended })
        } catch let error as ClusterError where error.code == .notFound {
            answer = .notFound(error.message)
        } catch {
            answer = .failed("\(error)")
        }
        return await send(answer, to: inquiry.id)
    }

    /// An answer that is lost is not sent again: whoever asked has given up by then, and asks anew.
    func send(_ answer: InquiryAnswer, to id: InquiryID) async -> AgentEvent? {
        do {
            try await Self.within(Self.patience) { try await link.answer(id, with: answer, from: node.id) }
        } catch {
            logger.debug("an answer was lost: \(error)")
        }
        return nil
    }

    /// Sends a signal to some tasks, and tells whoever asked for it what came of it.
    func deliver(_ signal: String, to runs: [TaskRun: TaskHandle], for id: InquiryID) async -> AgentEvent? {
        var failures: [String] = []
        for (run, handle) in runs.sorted(by: { $0.key < $1.key }) {
            guard let words = await failure(of: signal, to: run, handle) else { continue }
            failures.append("task \(run.task): \(words)")
        }
        return await send(failures.isEmpty ? .done : .failed(failures.joined(separator: "; ")), to: id)
    }

    func send(_ signal: String, to run: TaskRun, _ handle: TaskHandle) async -> AgentEvent? {
        await failure(of: signal, to: run, handle).map { .signalFailed(run, $0) }
    }

    private func failure(of signal: String, to run: TaskRun, _ handle: TaskHandle) async -> String? {
        guard let driver = drivers[handle.driver] as? any TaskSignaling else {
            return "driver \"\(handle.driver)\" sends no signals"
        }
        do {
            try await driver.signal(handle, signal)
            return nil
        } catch {
            return "the signal \(signal) could not be sent: \(error)"
        }
    }
}
