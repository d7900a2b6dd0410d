public import ClusterKit
public import Logging
public import ServiceLifecycle

/// Serves a `Server` over HTTP in Nomad's dialect, for clients and for agents.
///
/// ```swift
/// let api = APIServer(server)
/// try await ServiceGroup(services: [server, api], logger: logger).run()
/// ```
public final class APIServer: Service {
    private let listener: Listener

    /// Serves `server`. Nothing listens before `run`.
    public init(
        _ server: Server, configuration: APIConfiguration = APIConfiguration(),
        logger: Logger = Logger(label: "cluster.http")
    ) {
        listener = Listener(
            server, .nomad, routes: Self.routes(configuration), configuration: configuration, logger: logger)
    }

    /// The port that is listened on, as soon as it is; `nil` when `run` ended before.
    public var port: Int? {
        get async { await listener.port }
    }

    /// Listens until the service group shuts down or the task is canceled; what is parked is then answered at once.
    ///
    /// Throws `.inUse` when another program has the port, and `.invalid` when the address is not one of this machine.
    public func run() async throws { try await listener.run() }

    /// All that is served.
    static func routes(_ configuration: APIConfiguration) -> [APIRoute] {
        jobReads + jobWrites + jobParts + scalingRoutes + deploymentReads + deploymentWrites + versionRoutes
            + allocationRoutes + logRoutes(configuration) + evaluationRoutes + nodeRoutes + nodePoolRoutes
            + serviceRoutes + agentRoutes(configuration) + operatorRoutes + eventRoutes(configuration) + metricRoutes
            + placementRoutes + whatIfRoutes + queueRoutes + linkRoutes
    }
}
