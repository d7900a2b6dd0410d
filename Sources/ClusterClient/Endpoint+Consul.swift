/// What is served at Consul's port: services and their health.
extension Endpoint {
    /// The names of all services with their tags.
    public static let consulServices = Endpoint(.read, "/v1/catalog/services")
    /// Where a service runs.
    public static let consulService = Endpoint(.read, "/v1/catalog/service/:service")
    /// The machines.
    public static let consulNodes = Endpoint(.read, "/v1/catalog/nodes")
    /// One machine with its services.
    public static let consulNode = Endpoint(.read, "/v1/catalog/node/:node")
    /// The datacenters.
    public static let consulDatacenters = Endpoint(.read, "/v1/catalog/datacenters")
    /// Where a service runs, and how well.
    public static let consulHealth = Endpoint(.read, "/v1/health/service/:service")
    /// The checks of a service.
    public static let consulServiceChecks = Endpoint(.read, "/v1/health/checks/:service")
    /// The checks on a machine.
    public static let consulNodeChecks = Endpoint(.read, "/v1/health/node/:node")
    /// The checks that find a certain health.
    public static let consulChecksByHealth = Endpoint(.read, "/v1/health/state/:state")
}

/// What is served at Consul's port: the server itself.
extension Endpoint {
    /// What the server says of itself.
    public static let consulSelf = Endpoint(.read, "/v1/agent/self")
    /// All instances by identifier.
    public static let consulAgentServices = Endpoint(.read, "/v1/agent/services")
    /// All checks by identifier.
    public static let consulAgentChecks = Endpoint(.read, "/v1/agent/checks")
    /// The servers and machines.
    public static let consulMembers = Endpoint(.read, "/v1/agent/members")
    /// The address of the server that leads.
    public static let consulLeader = Endpoint(.read, "/v1/status/leader")
    /// The addresses of all servers.
    public static let consulPeers = Endpoint(.read, "/v1/status/peers")
}

/// What is served at Consul's port: keys and their values. Without a key, all keys are meant.
extension Endpoint {
    /// One key, or all that begin with it.
    public static let key = Endpoint(.read, "/v1/kv/:key")
    /// Writes a key.
    public static let writeKey = Endpoint(.write, "/v1/kv/:key")
    /// Removes a key, or all that begin with it.
    public static let removeKey = Endpoint(.delete, "/v1/kv/:key")
    /// All keys.
    public static let keys = Endpoint(.read, "/v1/kv")
    /// Refused: a write needs a key.
    public static let writeKeys = Endpoint(.write, "/v1/kv")
    /// Removes all keys.
    public static let removeKeys = Endpoint(.delete, "/v1/kv")
}
