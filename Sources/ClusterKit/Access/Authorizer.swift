/// Who asks: what a request says of its sender.
public struct Caller: Hashable, Sendable {
    /// The secret that came with the request; empty for none.
    public var token: String

    /// Someone with `token`.
    public init(token: String = "") { self.token = token }

    /// Someone without a token.
    public static let anonymous = Caller()
}

/// What is to be done, and to what.
public enum Action: Hashable, Sendable {
    /// Look at jobs, allocations and evaluations of a namespace.
    case readJobs(namespace: String)
    /// Register, change, stop or scale jobs of a namespace.
    case writeJobs(namespace: String)
    /// Read the output and files of tasks of a namespace.
    case readLogs(namespace: String)
    /// Look at nodes.
    case readNodes
    /// Change nodes.
    case writeNodes
    /// Act as the agent of a node.
    case actAsAgent(NodeID)
    /// Look at the servers' own state.
    case readServers
    /// Change how the servers work, the rules of placement for example.
    case writeServers
    /// Look at services, where they run and how well.
    case readServices
    /// Read keys that begin with `prefix`; the key itself where one is meant.
    case readKeys(prefix: String)
    /// Write or remove keys that begin with `prefix`; the key itself where one is meant.
    case writeKeys(prefix: String)
    /// Read a secret, or list what lies below a path.
    case readSecrets(SecretPath)
    /// Write, delete, bring back or destroy versions of a secret, or change its rules.
    case writeSecrets(SecretPath)
}

/// Decides who may do what; asked at every entry. A conformer answers at once, from memory.
public protocol Authorizer: Sendable {
    /// Throws `ClusterError.Code.denied` when `caller` may not do `action`.
    func authorize(_ caller: Caller, to action: Action) throws(ClusterError)
}

/// Lets everyone do everything: for one's own machine and for tests.
public struct AllowAll: Authorizer {
    /// Lets everyone in.
    public init() {}

    public func authorize(_ caller: Caller, to action: Action) throws(ClusterError) {}
}
