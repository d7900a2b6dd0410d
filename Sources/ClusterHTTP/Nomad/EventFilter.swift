import ClusterKit

/// Which events a reader asks for, and may see.
struct EventFilter: Sendable {
    /// Keys by topic; `*` stands for all of either.
    private var keys: [String: Set<String>] = [:]
    private let request: APIRequest

    /// Reads `topic=Job:web`, `topic=Node`, `topic=*`; without any, all are asked for.
    init(_ request: APIRequest) throws(ClusterError) {
        self.request = request
        let stated = request.query.all("topic")
        for text in stated.isEmpty ? ["*"] : stated {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let topic = String(parts[0])
            // Topics that this cluster has nothing to say about may be asked for; nothing comes of them.
            guard !topic.isEmpty else {
                throw ClusterError(.invalid, "Invalid key value pair for topic: \"\(text)\"; write Topic or Topic:key")
            }
            let key = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : "*"
            keys[topic, default: []].insert(key)
        }
    }

    /// Whether the reader wants an event, and may have it.
    func passes(_ event: Event) -> Bool {
        let wanted = keys[event.topic.rawValue, default: []].union(keys["*", default: []])
        guard wanted.contains("*") || wanted.contains(event.key) || !wanted.isDisjoint(with: event.filterKeys) else {
            return false
        }
        guard event.topic == .node else { return request.shows(event.namespace) }
        return (try? request.server.authorize(request.caller, to: .readNodes)) != nil
    }
}

extension AnswerWriter {
    mutating func event(_ event: Event, at revision: Revision) {
        object { writer in
            writer.field("Topic", event.topic.rawValue)
            writer.field("Type", event.type.description)
            writer.field("Key", event.key)
            writer.field("Namespace", event.namespace)
            writer.name("FilterKeys")
            writer.arrayOrNull(event.filterKeys) { $0.string($1) }
            writer.field("Index", revision)
            writer.field("Payload") { $0.payload(of: event) }
        }
    }

    private mutating func payload(of event: Event) {
        object { writer in
            switch event.payload {
            case .job(let record, let status):
                writer.name("Job")
                writer.raw(JobDocument(record, status: status.rawValue).json)
            case .evaluation(let evaluation):
                writer.name("Evaluation")
                writer.evaluation(evaluation)
            case .allocation(let allocation, let snapshot):
                writer.name("Allocation")
                writer.allocation(allocation, in: snapshot, withJob: false)
            case .node(let node):
                writer.name("Node")
                writer.node(node)
            case .deployment(let deployment, let snapshot):
                writer.name("Deployment")
                writer.deployment(deployment, in: snapshot)
            case .service(let instance, let check):
                writer.name("Service")
                writer.serviceRegistration(instance)
                if let check {
                    writer.field("Check") { $0.check(CheckView(check, of: instance)) }
                }
            case .removed: break
            }
        }
    }
}
