/// Where the DNS server listens, what it calls its zone, and its limits.
public struct DNSConfiguration: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port, for UDP and TCP alike; 0 takes one that is free for both.
    public var port: Int
    /// The domain under which everything is named.
    public var domain: String
    /// How long others may remember an answer, in whole seconds. A negative answer is never to be remembered.
    public var timeToLive: Duration
    /// Whether instances that warn are left out of answers.
    public var onlyPassing: Bool
    /// Addresses of the servers that serve the zone, for those that ask who does; without any, `host` if that is an
    /// address of one machine.
    public var nameServers: [String]
    /// How many TCP connections are held at a time; further ones are closed at once.
    public var maximumConnections: Int
    /// How long a TCP connection may take to send the next whole query and to take the answers to those before.
    public var idleLimit: Duration

    /// Listens on loopback at Consul's port.
    public init(
        host: String = "127.0.0.1", port: Int = 8600, domain: String = "consul", timeToLive: Duration = .zero,
        onlyPassing: Bool = false, nameServers: [String] = [], maximumConnections: Int = 256,
        idleLimit: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.domain = domain
        self.timeToLive = timeToLive
        self.onlyPassing = onlyPassing
        self.nameServers = nameServers
        self.maximumConnections = maximumConnections
        self.idleLimit = idleLimit
    }

    /// The time to live as records state it: within a week.
    var recordTimeToLive: UInt32 { UInt32(clamping: max(0, min(timeToLive.components.seconds, 604_800))) }
}
