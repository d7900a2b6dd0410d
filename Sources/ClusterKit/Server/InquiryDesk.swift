import Synchronization

/// Where questions to agents wait until the agent fetches them, and askers until it has answered.
final class InquiryDesk: Sendable {
    private struct State {
        var questions: [NodeID: [Inquiry]] = [:]
        var fetchers: [NodeID: CheckedContinuation<Void, Never>] = [:]
        /// Which call of each node's agent is the newest.
        var turns: [NodeID: UInt64] = [:]
        var lastTurn: UInt64 = 0
        var askers: [InquiryID: (node: NodeID, continuation: CheckedContinuation<InquiryAnswer?, Never>)] = [:]
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
                let fetcher = state.withLock { state in
                    state.askers[inquiry.id] = (node, continuation)
                    state.questions[node, default: []].append(inquiry)
                    return state.fetchers.removeValue(forKey: node)
                }
                fetcher?.resume()
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

    /// The questions for `node`, as soon as there are any; none after `limit`. A newer call for the same node takes the
    /// place of one that still waits: that one's agent may be gone without its connection having noticed.
    func fetch(for node: NodeID, atMost limit: Duration) async -> [Inquiry] {
        let turn = takeTurn(for: node)
        if let waiting = take(node, in: turn) { return waiting }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForQuestion(to: node, in: turn) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return Task.isCancelled ? [] : take(node, in: turn) ?? []
    }

    /// Whether no agent of `node` waits for a question.
    func isIdle(_ node: NodeID) -> Bool { state.withLock { $0.fetchers[node] == nil } }

    private func takeTurn(for node: NodeID) -> UInt64 {
        let (turn, older) = state.withLock { state in
            state.lastTurn += 1
            state.turns[node] = state.lastTurn
            return (state.lastTurn, state.fetchers.removeValue(forKey: node))
        }
        older?.resume()
        return turn
    }

    private func take(_ node: NodeID, in turn: UInt64) -> [Inquiry]? {
        state.withLock { state in
            guard state.turns[node] == turn else { return nil }
            return state.questions.removeValue(forKey: node)
        }
    }

    private func waitForQuestion(to node: NodeID, in turn: UInt64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.turns[node] != turn || state.questions[node] != nil || Task.isCancelled { return true }
                    state.fetchers[node] = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            let mine = state.withLock { $0.turns[node] == turn ? $0.fetchers.removeValue(forKey: node) : nil }
            mine?.resume()
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
