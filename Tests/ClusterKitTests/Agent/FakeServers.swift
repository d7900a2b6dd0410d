import ClusterKit
import Synchronization

/// Servers as an agent sees them: they hold one node's assignments and remember its reports.
final class FakeServers: AgentLink {
    private struct State {
        var isKnown = false
        var isReachable = true
        var revision: UInt64 = 1
        var assignments: [AllocationID: Assignment] = [:]
        var reports: [AllocationID: AllocationReport] = [:]
        var registrations = 0
        var questions: [Inquiry] = []
        var answers: [InquiryID: InquiryAnswer] = [:]
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    // MARK: - What tests say and ask

    var registrations: Int { state.withLock { $0.registrations } }

    func report(of id: AllocationID) -> AllocationReport? { state.withLock { $0.reports[id] } }

    func assign(_ assignment: Assignment, to node: NodeID? = nil) {
        change { state in
            var assignment = assignment
            if let node { assignment.allocation.node = node }
            state.revision += 1
            assignment.allocation.modifyRevision = Revision(state.revision)
            state.assignments[assignment.allocation.id] = assignment
        }
    }

    func setReachable(_ isReachable: Bool) { change { $0.isReachable = isReachable } }

    func forgetNode() { change { $0.isKnown = false } }

    func ask(_ inquiry: Inquiry) async -> InquiryAnswer? {
        change { $0.questions.append(inquiry) }
        await wait { $0.answers[inquiry.id] != nil }
        return state.withLock { $0.answers[inquiry.id] }
    }

    /// Waits until the servers have heard of an allocation what `condition` wants.
    @discardableResult func wait(
        for id: AllocationID, _ condition: @escaping @Sendable (AllocationReport) -> Bool
    ) async -> AllocationReport? {
        await wait { $0.reports[id].map(condition) ?? false }
        return report(of: id)
    }

    func waitForRegistrations(_ count: Int) async { await wait { $0.registrations >= count } }

    // MARK: - AgentLink

    func register(_ node: Node) async throws -> Registration {
        try check()
        change {
            $0.isKnown = true
            $0.registrations += 1
        }
        return Registration(heartbeatTTL: .milliseconds(200))
    }

    func heartbeat(_ node: NodeID) async throws -> Registration {
        try check()
        guard state.withLock({ $0.isKnown }) else {
            throw ClusterError(.notFound, "node \(node) is not known; register it")
        }
        return Registration(heartbeatTTL: .milliseconds(200))
    }

    func assignments(for node: NodeID, after stamp: ViewStamp, wait limit: Duration) async throws -> Assignments {
        try check()
        await wait(atMost: limit) { $0.revision > stamp.revision.number || !$0.isReachable }
        try check()
        return state.withLock { state in
            let live = state.assignments.values.filter { state.reports[$0.allocation.id]?.client.isTerminal != true }
                .sorted { $0.allocation.id < $1.allocation.id }
                .map { assignment in
                    var assignment = assignment
                    assignment.allocation.client = state.reports[assignment.allocation.id]?.client ?? .pending
                    return assignment
                }
            return Assignments(stamp: .at(state.revision), allocations: live)
        }
    }

    func report(_ reports: [AllocationReport], from node: NodeID) async throws {
        try check()
        change { state in
            state.revision += 1
            for report in reports where state.reports[report.id]?.client.isTerminal != true {
                state.reports[report.id] = report
            }
        }
    }

    func inquiries(for node: NodeID, wait limit: Duration) async throws -> [Inquiry] {
        try check()
        await wait(atMost: limit) { !$0.questions.isEmpty || !$0.isReachable }
        try check()
        return state.withLock { state in
            defer { state.questions = [] }
            return state.questions
        }
    }

    func answer(_ inquiry: InquiryID, with answer: InquiryAnswer, from node: NodeID) async throws {
        try check()
        change { $0.answers[inquiry] = answer }
    }

    // MARK: - Waiting

    private func check() throws {
        guard state.withLock({ $0.isReachable }) else { throw ClusterError(.unavailable, "nobody answers") }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    private func wait(_ condition: @escaping @Sendable (borrowing State) -> Bool) async {
        while !Task.isCancelled {
            let number = state.withLock { state -> UInt64? in
                if condition(state) { return nil }
                state.nextWaiter += 1
                return state.nextWaiter
            }
            guard let number else { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = state.withLock { state in
                        if condition(state) || Task.isCancelled { return true }
                        state.waiters[number] = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
            }
        }
    }

    private func wait(atMost limit: Duration, _ condition: @escaping @Sendable (borrowing State) -> Bool) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(condition) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
