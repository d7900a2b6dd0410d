/// Where a dialect of the API is served, and as what.
public struct APIConfiguration: Sendable {
    /// The address to listen on. On loopback, only requests that name this machine are taken.
    public var host: String
    /// The port; 0 takes any free one.
    public var port: Int
    /// The datacenter that the server says it stands in.
    public var datacenter: String
    /// The version of the program, shown to clients.
    public var version: String
    /// How often a stream that has nothing to say shows that it lives.
    public var streamHeartbeat: Duration

    /// Listens on loopback, at Nomad's port unless another is given: Consul's is 8500, Vault's 8200.
    public init(
        host: String = "127.0.0.1", port: Int = 4646, datacenter: String = "dc1", version: String = "0.1.0",
        streamHeartbeat: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.datacenter = datacenter
        self.version = version
        self.streamHeartbeat = streamHeartbeat
    }
}
