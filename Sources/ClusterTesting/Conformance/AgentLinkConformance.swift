public import ClusterKit

/// Holds a link between agents and servers to its promises.
///
/// The author supplies a link to servers that know nothing of the node yet, and a way to place an allocation on it.
/// The suite registers the node, so that the servers may be real or a fake.
public struct AgentLinkConformance: Sendable {
    /// What the author supplies: a link, and what the servers behind it can be made to do.
    public struct Fixture: Sendable {
        /// The link under test.
        public var link: any AgentLink
        /// The node that the suite registers; nobody else uses it.
        public var node: Node
        /// Places one more allocation on the node, so that it is in the next view. Called after the node was
        /// registered.
        public var place: @Sendable () async throws -> AllocationID
        /// What the servers durably know of an allocation: its status and the names of the tasks that were reported.
        public var known: @Sendable (AllocationID) async throws -> (client: ClientStatus, tasks: [String])

        /// Joins the parts.
        public init(
            link: any AgentLink, node: Node, place: @escaping @Sendable () async throws -> AllocationID,
            known: @escaping @Sendable (AllocationID) async throws -> (client: ClientStatus, tasks: [String])
        ) {
            self.link = link
            self.node = node
            self.place = place
            self.known = known
        }
    }

    private let make: @Sendable () async throws -> Fixture

    /// Takes what makes a fresh fixture for each promise.
    public init(_ make: @escaping @Sendable () async throws -> Fixture) { self.make = make }

    /// Checks every promise; empty when all are kept. Takes a few seconds, because waiting is among them.
    public func violations() async -> [Violation] {
        var found: [Violation] = []
        found += await check("an unknown node must register first", unknownNode)
        found += await check("registering may be repeated", registerTwice)
        found += await check("an old view is replaced at once", viewAtOnce)
        found += await check("a current view waits", viewWaits)
        found += await check("news ends the wait", newsEndsWait)
        found += await check("views do not go back", viewsMoveForward)
        found += await check("a report is durable and may be repeated", reports)
        found += await check("without questions the wait is bounded", inquiries)
        return found
    }

    private func check(
        _ rule: String, _ body: (Fixture) async throws -> String?
    ) async -> [Violation] {
        do {
            return try await body(try await make()).map { [Violation(rule: rule, detail: $0)] } ?? []
        } catch {
            return [Violation(rule: rule, detail: "it threw \(error)")]
        }
    }

    private func unknownNode(_ fixture: Fixture) async throws -> String? {
        do {
            _ = try await fixture.link.heartbeat(fixture.node.id)
            return "a heartbeat of a node that never registered was accepted"
        } catch let error as ClusterError where error.code == .notFound {
            return nil
        }
    }

    private func registerTwice(_ fixture: Fixture) async throws -> String? {
        let first = try await fixture.link.register(fixture.node)
        let allocation = try await fixture.place()
        let second = try await fixture.link.register(fixture.node)
        let third = try await fixture.link.heartbeat(fixture.node.id)
        guard [first, second, third].allSatisfy({ $0.heartbeatTTL > .zero }) else {
            return "a time to live is not positive"
        }
        let view = try await fixture.link.assignments(for: fixture.node.id, after: .zero, wait: .zero)
        return view.allocations.contains { $0.allocation.id == allocation }
            ? nil : "an allocation was lost when its node registered again"
    }

    private func viewAtOnce(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        let allocation = try await fixture.place()
        let began = ContinuousClock.now
        let view = try await fixture.link.assignments(for: fixture.node.id, after: .zero, wait: .seconds(20))
        if ContinuousClock.now - began > .seconds(10) { return "a call with an old stamp was parked" }
        guard let found = view.allocations.first(where: { $0.allocation.id == allocation }) else {
            return "the view lacks an allocation that was placed"
        }
        if found.allocation.node != fixture.node.id { return "the view holds an allocation of another node" }
        if found.group == nil { return "the job that came along lacks the allocation's group" }
        let ids = view.allocations.map(\.allocation.id)
        return ids == ids.sorted() ? nil : "the allocations are not in the order of their identifiers"
    }

    private func viewWaits(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        _ = try await fixture.place()
        let view = try await settled(fixture)
        let began = ContinuousClock.now
        let again = try await fixture.link.assignments(
            for: fixture.node.id, after: view.stamp, wait: .milliseconds(400))
        let lasted = ContinuousClock.now - began
        if again.stamp < view.stamp { return "the view after the wait is older" }
        if again.allocations.map(\.allocation.id) != view.allocations.map(\.allocation.id) {
            return "the view changed though nothing was placed"
        }
        if lasted < .milliseconds(200) { return "it returned after \(lasted), without news" }
        return lasted > .seconds(10) ? "it returned after \(lasted) instead of about 0.4 s" : nil
    }

    private func newsEndsWait(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        let view = try await settled(fixture)
        return try await withThrowingTaskGroup(of: Assignments.self) { group in
            group.addTask {
                try await fixture.link.assignments(for: fixture.node.id, after: view.stamp, wait: .seconds(30))
            }
            let began = ContinuousClock.now
            let allocation = try await fixture.place()
            guard let news = try await group.next() else { return "the call gave nothing" }
            if ContinuousClock.now - began > .seconds(15) { return "the call did not end when there was news" }
            return news.allocations.contains { $0.allocation.id == allocation } ? nil : "the news is not in the view"
        }
    }

    private func viewsMoveForward(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        var newest = ViewStamp.zero
        for _ in 0..<3 {
            _ = try await fixture.place()
            let view = try await fixture.link.assignments(for: fixture.node.id, after: newest, wait: .seconds(10))
            if view.stamp <= newest { return "after a change the stamp \(view.stamp) is not above \(newest)" }
            newest = view.stamp
        }
        return nil
    }

    private func reports(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        let allocation = try await fixture.place()
        var state = TaskState()
        state.phase = .running
        let running = AllocationReport(id: allocation, client: .running, tasks: ["main": state])
        try await fixture.link.report([running], from: fixture.node.id)
        let known = try await fixture.known(allocation)
        if known.client != .running { return "right after the report the status is \(known.client.rawValue)" }
        if known.tasks != ["main"] { return "right after the report the tasks are \(known.tasks)" }
        state.phase = .dead
        let complete = AllocationReport(id: allocation, client: .complete, tasks: ["main": state])
        for _ in 0..<2 { try await fixture.link.report([complete], from: fixture.node.id) }
        let ended = try await fixture.known(allocation).client
        if ended != .complete { return "after a report of its end the status is \(ended.rawValue)" }
        try await fixture.link.report([running], from: fixture.node.id)
        let after = try await fixture.known(allocation).client
        return after == .complete ? nil : "an older report took the status back to \(after.rawValue)"
    }

    private func inquiries(_ fixture: Fixture) async throws -> String? {
        _ = try await fixture.link.register(fixture.node)
        let began = ContinuousClock.now
        let found = try await fixture.link.inquiries(for: fixture.node.id, wait: .milliseconds(300))
        if !found.isEmpty { return "there is a question that nobody asked" }
        return ContinuousClock.now - began > .seconds(10) ? "the call was parked far longer than asked" : nil
    }

    /// The view that stands when nothing new has come for a moment.
    private func settled(_ fixture: Fixture) async throws -> Assignments {
        var view = try await fixture.link.assignments(for: fixture.node.id, after: .zero, wait: .zero)
        while true {
            let next = try await fixture.link.assignments(
                for: fixture.node.id, after: view.stamp, wait: .milliseconds(100))
            if next.stamp == view.stamp { return view }
            view = next
        }
    }
}
