/// A link that takes measurements as well. They may be lost: the next ones say the same anew.
public protocol SampleLink: AgentLink {
    /// Hands over what the agent of `node` measured. Throws `.notFound` when the node must register first.
    func record(_ samples: [Sample], from node: NodeID) async throws
}
