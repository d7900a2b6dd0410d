/// Where the proxy listens.
public struct ProxyConfiguration: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port; 0 takes any free one.
    public var port: Int

    /// Listens on loopback.
    public init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }
}
