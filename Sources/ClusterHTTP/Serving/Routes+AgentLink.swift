import ClusterClient
import ClusterKit

/// The way of agents: what they say and ask, in the binary form of records.
///
/// Nothing here is told from what the body says of its sender: the node in the path is the one that the caller was
/// allowed to act for.
extension APIServer {
    /// Enough for the reports of a full machine, and for a piece of output.
    private static let longestBody = 16 << 20

    static var linkRoutes: [APIRoute] {
        [
            link(.linkRegister) { request, node, reader in
                let stated: Node = try reader.next()
                guard stated.id == node else {
                    throw ClusterError(.invalid, "the node in the body is \(stated.id), the one in the path \(node)")
                }
                return try await request.server.register(stated).encoded
            },
            link(.linkHeartbeat) { request, node, _ in try await request.server.heartbeat(node).encoded },
            link(.linkAssignments) { request, node, reader in
                let stamp: ViewStamp = try reader.next()
                let wait = bounded(try reader.next())
                return try await request.server.assignments(for: node, after: stamp, wait: wait).encoded
            },
            link(.linkTemplates) { request, node, reader in
                let allocation: AllocationID = try reader.next()
                let after: Revision = try reader.next()
                let wait = bounded(try reader.next())
                let queries: [TemplateQuery] = try reader.next()
                return try await request.server.values(
                    of: queries, for: allocation, from: node, after: after, wait: wait
                ).encoded
            },
            link(.linkReport) { request, node, reader in
                try await request.server.report(try reader.next(), from: node)
                return []
            },
            link(.linkInquiries) { request, node, reader in
                try await request.server.inquiries(for: node, wait: bounded(try reader.next())).encoded
            },
            link(.linkAnswer) { request, node, reader in
                let inquiry: InquiryID = try reader.next()
                try await request.server.answer(inquiry, with: try reader.next(), from: node)
                return []
            },
            link(.linkSamples) { request, node, reader in
                try await request.server.record(try reader.next(), from: node)
                return []
            },
        ]
    }

    private static func link(
        _ endpoint: Endpoint,
        _ answer: @escaping @Sendable (APIRequest, NodeID, inout RecordReader) async throws -> [UInt8]
    ) -> APIRoute {
        APIRoute(endpoint, .actAsAgent, bodyLimit: longestBody) { request in
            var reader = RecordReader(request.body)
            do {
                return .records(try await answer(request, try request.nodeID(), &reader))
            } catch let error as RecordError {
                throw ClusterError(
                    .invalid, "the body of \(endpoint.template) cannot be read: \(error); is the agent's program newer?"
                )
            }
        }
    }

    private static func bounded(_ wait: Duration) -> Duration { min(max(wait, .zero), Watch.longest) }
}
