import ClusterKit

/// What a route asks of its caller: every route states one, and the responder enforces it before the route runs.
enum Access: Sendable {
    /// Anyone may ask: it says no more than that a server is there.
    case open
    /// Read jobs, allocations and evaluations of the namespace that the request is about.
    case readJobs
    /// Change jobs of that namespace.
    case writeJobs
    /// Read the output of tasks of that namespace.
    case readLogs
    /// Look at nodes.
    case readNodes
    /// Change nodes.
    case writeNodes
    /// Look at the servers.
    case readServers
    /// Change how the servers work.
    case writeServers
    /// Look at services and their health.
    case readServices
    /// Read the keys that begin with the argument of the path.
    case readKeys
    /// Change the keys that begin with the argument of the path.
    case writeKeys
    /// Read the secrets at or below the argument of the path.
    case readSecrets
    /// Change the secret in the path.
    case writeSecrets
    /// Act as the agent of the node in the path.
    case actAsAgent
    /// Changes in the namespace that the body states; the server asks once that is known.
    case statedByBody
    /// Lists and streams over all that the caller may see; what it may not see is left out.
    case filtered

    /// The action to authorize before the route runs; `nil` where the answer itself is filtered or the server asks.
    func action(for request: APIRequest, in snapshot: Snapshot) throws(ClusterError) -> Action? {
        switch self {
        case .open, .statedByBody, .filtered: nil
        case .readJobs: .readJobs(namespace: Self.namespace(of: request, in: snapshot))
        case .writeJobs: .writeJobs(namespace: Self.namespace(of: request, in: snapshot))
        case .readLogs: .readLogs(namespace: Self.namespace(of: request, in: snapshot))
        case .readNodes: .readNodes
        case .writeNodes: .writeNodes
        case .readServers: .readServers
        case .writeServers: .writeServers
        case .readServices: .readServices
        case .readKeys: .readKeys(prefix: request.argument)
        case .writeKeys: .writeKeys(prefix: request.argument)
        case .readSecrets: .readSecrets(request.secretPath)
        case .writeSecrets: .writeSecrets(request.secretPath)
        case .actAsAgent: .actAsAgent(try request.nodeID())
        }
    }

    /// What an identifier names lives in a namespace of its own, whatever the query says.
    private static func namespace(of request: APIRequest, in snapshot: Snapshot) -> String {
        switch request.parameter {
        case "allocation":
            AllocationID(request.argument).flatMap { snapshot.allocations[$0]?.job.namespace } ?? request.namespace
        case "evaluation":
            EvaluationID(request.argument).flatMap { snapshot.evaluations[$0]?.job.namespace } ?? request.namespace
        case "deployment":
            DeploymentID(request.argument).flatMap { snapshot.deployments[$0]?.job.namespace } ?? request.namespace
        default: request.namespace
        }
    }
}
