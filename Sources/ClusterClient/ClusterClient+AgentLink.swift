public import ClusterKit

/// What an agent says and asks, in the binary form of records.
extension ClusterClient: SampleLink {
    public func register(_ node: Node) async throws -> Registration {
        try await exchange(.linkRegister, node.id, node.encoded)
    }

    public func heartbeat(_ node: NodeID) async throws -> Registration {
        try await exchange(.linkHeartbeat, node, [])
    }

    public func assignments(for node: NodeID, after: ViewStamp, wait: Duration) async throws -> Assignments {
        var writer = RecordWriter()
        writer.put(after)
        writer.put(wait)
        return try await exchange(.linkAssignments, node, writer.bytes, wait: wait)
    }

    public func report(_ reports: [AllocationReport], from node: NodeID) async throws {
        _ = try await post(.linkReport, node, reports.encoded, wait: .zero)
    }

    public func inquiries(for node: NodeID, wait: Duration) async throws -> [Inquiry] {
        try await exchange(.linkInquiries, node, wait.encoded, wait: wait)
    }

    public func answer(_ inquiry: InquiryID, with answer: InquiryAnswer, from node: NodeID) async throws {
        var writer = RecordWriter()
        writer.put(inquiry)
        writer.put(answer)
        _ = try await post(.linkAnswer, node, writer.bytes, wait: .zero)
    }

    public func record(_ samples: [Sample], from node: NodeID) async throws {
        _ = try await post(.linkSamples, node, samples.encoded, wait: .zero)
    }

    fileprivate func exchange<Answer: Stored>(
        _ endpoint: Endpoint, _ node: NodeID, _ body: [UInt8], wait: Duration = .zero
    ) async throws -> Answer {
        let bytes = try await post(endpoint, node, body, wait: wait)
        do {
            return try Answer(decoding: bytes)
        } catch {
            throw ClusterError(
                .unavailable,
                "\(server) answered \(endpoint.template) with something unreadable (\(error)); is it a server?"
            )
        }
    }

    private func post(_ endpoint: Endpoint, _ node: NodeID, _ body: [UInt8], wait: Duration) async throws -> [UInt8] {
        let request = OutgoingRequest(
            endpoint: endpoint, argument: node.description, body: body, contentType: "application/octet-stream",
            wait: wait)
        return try await send(request).body
    }
}

extension ClusterClient: TemplateLink {
    public func values(
        of queries: [TemplateQuery], for allocation: AllocationID, from node: NodeID, after: Revision, wait: Duration
    ) async throws -> TemplateAnswer {
        var writer = RecordWriter()
        writer.put(allocation)
        writer.put(after)
        writer.put(wait)
        writer.put(queries)
        return try await exchange(.linkTemplates, node, writer.bytes, wait: wait)
    }
}
