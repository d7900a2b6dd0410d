public import ClusterKit
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the API listens.
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

    /// Listens on loopback at Nomad's port.
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

/// Serves a `Server` over HTTP in Nomad's dialect, for clients and for agents.
///
/// ```swift
/// let api = APIServer(server)
/// try await ServiceGroup(services: [server, api], logger: logger).run()
/// ```
public final class APIServer: Service {
    private let server: Server
    private let configuration: APIConfiguration
    private let logger: Logger
    private let bound = BoundPort()

    /// Serves `server`. Nothing listens before `run`.
    public init(
        _ server: Server, configuration: APIConfiguration = APIConfiguration(),
        logger: Logger = Logger(label: "cluster.http")
    ) {
        self.server = server
        self.configuration = configuration
        self.logger = logger
    }

    /// The port that is listened on, as soon as it is; `nil` when `run` ended before.
    public var port: Int? {
        get async { await bound.value }
    }

    /// Listens until the service group shuts down or the task is canceled; what is parked is then answered at once.
    ///
    /// Throws `.inUse` when another program has the port, and `.invalid` when the address is not one of this machine.
    public func run() async throws {
        let application = Application(
            responder: APIResponder(
                server: server, routes: EndpointTable(Self.routes(configuration)),
                address: { [bound, configuration] in
                    "\(configuration.host):\(bound.current ?? configuration.port)"
                },
                hostRule: HostRule(isLoopbackOnly: Self.isLoopback(configuration.host))),
            server: .http1(configuration: .init(additionalChannelHandlers: [ConnectionWatch()])),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil),
            onServerRunning: { [bound] channel in bound.set(channel.localAddress?.port) },
            logger: logger)
        defer { bound.set(nil) }
        do {
            try await application.run()
        } catch let error as IOError {
            throw explain(error)
        }
    }

    private func explain(_ error: IOError) -> ClusterError {
        let (host, port) = (configuration.host, configuration.port)
        switch error.errnoCode {
        case EADDRINUSE:
            return ClusterError(
                .inUse, "port \(port) on \(host) is taken by another program; choose another with --http-port")
        case EACCES:
            return ClusterError(
                .denied, "port \(port) on \(host) needs rights that this program lacks; choose one above 1023")
        case EADDRNOTAVAIL:
            return ClusterError(.invalid, "\(host) is no address of this machine; choose another with --bind")
        default:
            return ClusterError(.invalid, "the API cannot listen on \(host):\(port): \(error)")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// All that is served.
    static func routes(_ configuration: APIConfiguration) -> [APIRoute] {
        jobReads + jobWrites + jobParts + allocationRoutes + logRoutes(configuration) + evaluationRoutes + nodeRoutes
            + agentRoutes(configuration) + eventRoutes(configuration) + metricRoutes + linkRoutes
    }
}

/// A port that becomes known once.
private final class BoundPort: Sendable {
    private struct State {
        var port: Int?
        var isKnown = false
        var waiting: [CheckedContinuation<Int?, Never>] = []
    }

    private let state = Mutex(State())

    /// The port, when it is known already.
    var current: Int? { state.withLock(\.port) }

    var value: Int? {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state in
                    if !state.isKnown { state.waiting.append(continuation) }
                    return (state.isKnown, state.port)
                }
                if known.0 { continuation.resume(returning: known.1) }
            }
        }
    }

    func set(_ port: Int?) {
        let waiting = state.withLock { state in
            state.isKnown = true
            state.port = port
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: port) }
    }
}
