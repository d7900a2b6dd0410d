public import ClusterKit
public import Logging
public import ServiceLifecycle

/// Serves the secrets of a `Server` over HTTP in Vault's dialect.
///
/// ```swift
/// let vault = VaultServer(server)
/// try await ServiceGroup(services: [server, vault], logger: logger).run()
/// ```
public final class VaultServer: Service {
    private let listener: Listener

    /// Serves the secrets of `server`. Nothing listens before `run`.
    public init(
        _ server: Server, configuration: APIConfiguration = APIConfiguration(port: 8200),
        logger: Logger = Logger(label: "cluster.vault")
    ) {
        listener = Listener(
            server, .vault, routes: Self.routes(configuration), configuration: configuration, logger: logger)
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
        systemRoutes(configuration) + mountRoutes + tokenRoutes + dataRoutes + metadataRoutes
    }
}
