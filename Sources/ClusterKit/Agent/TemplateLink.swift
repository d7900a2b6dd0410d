/// A link that also answers what templates ask for.
public protocol TemplateLink: AgentLink {
    /// What is known of `queries` for an allocation that runs on `node`, as soon as any of it is newer than `after`;
    /// otherwise the same again after about `wait`.
    ///
    /// Throws `ClusterError(.denied)` for an allocation that is not the node's, has ended, or states no templates.
    func values(
        of queries: [TemplateQuery], for allocation: AllocationID, from node: NodeID, after: Revision, wait: Duration
    ) async throws -> TemplateAnswer
}

/// What is known of some queries.
public struct TemplateAnswer: Hashable, Sendable {
    /// The values of what was asked for.
    public var values: [TemplateQuery: TemplateValue]
    /// The revision that last changed any of them.
    public var revision: Revision

    /// States what is known.
    public init(values: [TemplateQuery: TemplateValue], revision: Revision) {
        self.values = values
        self.revision = revision
    }
}

extension TemplateAnswer: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            TemplateAnswer(values: try fields.next(), revision: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(values)
            $0.put(revision)
        }
    }
}
