import Logging

extension Server: AgentLink {
    public func register(_ node: Node) async throws -> Registration {
        if let mistake = node.mistake(after: store.durable.nodes[node.id]) {
            throw ClusterError(.invalid, "node \(node.id.short) cannot be registered: \(mistake)")
        }
        let registration = try await registration(for: .registerNode(node))
        if let mistake = node.mistake {
            logger.warning(
                """
                node \(node.name) (\(node.id.short)) stays because it is known, but would be refused if it were new: \
                \(mistake); change the settings of its agent
                """)
        }
        return registration
    }

    public func heartbeat(_ node: NodeID) async throws -> Registration { try await registration(for: .heartbeat(node)) }

    private func registration(for request: ServerRequest) async throws -> Registration {
        guard case .registration(let registration) = try await send(request) else {
            throw ClusterError(.internal, "an agent was answered without a registration")
        }
        return registration
    }

    public func assignments(for node: NodeID, after stamp: ViewStamp, wait: Duration) async throws -> Assignments {
        let store = store
        await hub.wait(for: .allocationsOnNode(node), atMost: wait) {
            Assignments.isNewer(for: node, than: stamp, in: store.durable)
        }
        let snapshot = store.durable
        // An instance leaves the rotation before it is told to stop.
        await gate.wait(for: snapshot.revision, atMost: configuration.withdrawalLimit)
        return Assignments(for: node, in: snapshot)
    }

    public func report(_ reports: [AllocationReport], from node: NodeID) async throws {
        _ = try await send(.report(node, reports))
    }

    public func inquiries(for node: NodeID, wait: Duration) async throws -> [Inquiry] {
        await desk.fetch(for: node, atMost: wait)
    }

    public func answer(_ inquiry: InquiryID, with answer: InquiryAnswer, from node: NodeID) async throws {
        desk.answer(inquiry, with: answer, from: node)
    }
}
