/// How a server behaves. The library reads no flags, files or environment; hosts do and fill this in.
public struct ServerConfiguration: Sendable {
    /// The server's name, unique among the servers of one store.
    public var name: String
    /// The region that jobs are meant for.
    public var region: String
    /// How long a node counts as alive after a heartbeat, at least; it grows with the number of nodes.
    public var heartbeatTTL: Duration
    /// How much longer a node may be silent before it counts as lost.
    public var heartbeatGrace: Duration
    /// The most heartbeats a second that all nodes together are asked for.
    public var heartbeatsPerSecond: Int
    /// The wait after the store refused a write, 10 ms at least: scheduling stands still, and what users and agents ask
    /// to be written gathers until the store is tried again.
    public var storeRetry: Duration
    /// How many versions of a job are kept beside those that still run.
    public var keptJobVersions: Int
    /// How long an agent may take to answer a question about its files.
    public var inquiryTimeout: Duration
    /// For how many of those that wait for room a node is kept at one time, at most: see `reservationLimit`.
    public var reservations: Int
    /// How long work waits for room before a node may be kept for it.
    public var reservationDelay: Duration
    /// How long an order to stop waits for those who route to the instance, at most.
    public var withdrawalLimit: Duration
    /// How long what has ended is kept.
    public var collection: CollectionThresholds

    /// When a node is set aside that fails what others pass; `nil` never does that.
    public var setAside: SetAsidePolicy?

    /// Takes Nomad's defaults.
    public init(
        name: String = "server-1", region: String = "global", heartbeatTTL: Duration = .seconds(10),
        heartbeatGrace: Duration = .seconds(10), heartbeatsPerSecond: Int = 50, storeRetry: Duration = .seconds(1),
        keptJobVersions: Int = 6, inquiryTimeout: Duration = .seconds(10), withdrawalLimit: Duration = .seconds(1),
        reservations: Int = 3, reservationDelay: Duration = .seconds(60),
        collection: CollectionThresholds = CollectionThresholds(), setAside: SetAsidePolicy? = SetAsidePolicy()
    ) {
        self.name = name
        self.region = region
        self.heartbeatTTL = heartbeatTTL
        self.heartbeatGrace = heartbeatGrace
        self.heartbeatsPerSecond = heartbeatsPerSecond
        self.storeRetry = storeRetry
        self.keptJobVersions = keptJobVersions
        self.inquiryTimeout = inquiryTimeout
        self.withdrawalLimit = withdrawalLimit
        self.reservations = reservations
        self.reservationDelay = reservationDelay
        self.setAside = setAside
        self.collection = collection
    }

    /// What `nodes` nodes are granted, so that all together stay below the limit: each beats twice in a term.
    package func grantedTTL(nodes: Int) -> Duration {
        max(heartbeatTTL, .seconds(2 * Int64(nodes)) / max(1, heartbeatsPerSecond))
    }

    /// How many nodes are kept at one time for the first of those who wait: never more than a tenth of the `nodes` that
    /// take work, but one if there are two. A cluster of one node keeps none, for nothing else could run then.
    func reservationLimit(nodes: Int) -> Int {
        nodes < 2 ? 0 : min(max(0, reservations), max(1, nodes / 10))
    }
}
