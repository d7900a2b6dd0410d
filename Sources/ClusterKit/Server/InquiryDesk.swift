import Synchronization

/// Where questions to agents wait until the agent fetches them, and askers until it has answered.
final class InquiryDesk: Sendable {
    private struct State {
        var questions: [NodeID: [Inquiry]] = [:]
        var fetchers: [NodeID: [UInt64: CheckedContinuation<Void, Never>]] = [:]
        var askers: [InquiryID: (node: NodeID, continuation: CheckedContinuation<InquiryAnswer?, Never>)] = [:]
        var nextFetcher: UInt64 = 0
        var entropy: Entropy
    }

    private let state: Mutex<State>

    init(entropy: Entropy) { state = Mutex(State(entropy: entropy)) }

    /// Asks the agent of `node`; `nil` when no answer came within `limit`.
    func ask(
        _ node: NodeID, about allocation: AllocationID, _ question: Inquiry.Question, atMost limit: Duration
    ) async -> InquiryAnswer? {
        let id: InquiryID = state.withLock { $0.entropy.identifier() }
        let inquiry = Inquiry(id: id, allocation: allocation, question: question)
        return await withTaskGroup(of: InquiryAnswer?.self) { group in
            group.addTask { await self.ask(inquiry, of: node) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func ask(_ inquiry: Inquiry, of node: NodeID) async -> InquiryAnswer? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let fetchers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    state.askers[inquiry.id] = (node, continuation)
                    state.questions[node, default: []].append(inquiry)
                    return Array((state.fetchers.removeValue(forKey: node) ?? [:]).values)
                }
                for fetcher in fetchers { fetcher.resume() }
                if Task.isCancelled { withdraw(inquiry.id)?.resume(returning: nil) }
            }
        } onCancel: {
            withdraw(inquiry.id)?.resume(returning: nil)
        }
    }

    private func withdraw(_ id: InquiryID) -> CheckedContinuation<InquiryAnswer?, Never>? {
        state.withLock { state in
            guard let asker = state.askers.removeValue(forKey: id) else { return nil }
            state.questions[asker.node]?.removeAll { $0.id == id }
            if state.questions[asker.node]?.isEmpty == true { state.questions[asker.node] = nil }
            return asker.continuation
        }
    }

    /// The questions for `node`, as soon as there are any; none after `limit`.
    func fetch(for node: NodeID, atMost limit: Duration) async -> [Inquiry] {
        if let waiting = take(node) { return waiting }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForQuestion(to: node) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return take(node) ?? []
    }

    private func take(_ node: NodeID) -> [Inquiry]? { state.withLock { $0.questions.removeValue(forKey: node) } }

    private func waitForQuestion(to node: NodeID) async {
        let id = state.withLock { state in
            state.nextFetcher += 1
            return state.nextFetcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.questions[node] != nil || Task.isCancelled { return true }
                    state.fetchers[node, default: [:]][id] = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.fetchers[node]?.removeValue(forKey: id) }?.resume()
        }
    }

    /// Hands an answer to whoever asked; an answer of another node, or one that nobody waits for, is dropped.
    func answer(_ id: InquiryID, with answer: InquiryAnswer, from node: NodeID) {
        let asker = state.withLock { state -> CheckedContinuation<InquiryAnswer?, Never>? in
            guard state.askers[id]?.node == node else { return nil }
            return state.askers.removeValue(forKey: id)?.continuation
        }
        asker?.resume(returning: answer)
    }
}
