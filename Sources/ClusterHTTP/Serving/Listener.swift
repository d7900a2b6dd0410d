import ClusterKit
import Hummingbird
import Logging
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Listens at one port and answers in one dialect: what the servers of all dialects have in common.
final class Listener: Sendable {
    private let server: Server
    private let dialect: Dialect
    private let routes: [APIRoute]
    private let configuration: APIConfiguration
    private let logger: Logger
    private let bound = BoundPort()

    init(
        _ server: Server, _ dialect: Dialect, routes: [APIRoute], configuration: APIConfiguration, logger: Logger
    ) {
        self.server = server
        self.dialect = dialect
        self.routes = routes
        self.configuration = configuration
        self.logger = logger
    }

    /// The port that is listened on, as soon as it is; `nil` when `run` ended before.
    var port: Int? {
        get async { await bound.value }
    }

    /// Listens until the service group shuts down or the task is canceled; what is parked is then answered at once.
    func run() async throws {
        let isVault = dialect == .vault
        // What the framework says of a start that another service's failure cuts short is no news to anyone.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: APIResponder(
                server: server, routes: EndpointTable(routes), dialect: dialect,
                datacenter: configuration.datacenter,
                address: { [bound, configuration] in
                    "\(configuration.writtenHost):\(bound.current ?? configuration.port)"
                },
                hostRule: HostRule(isLoopbackOnly: Self.isLoopback(configuration.host)), logger: logger),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionWatch(), ContinueAnswer()]
                        + (isVault ? [ListMethodInstaller()] : []))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil),
            onServerRunning: { [bound] channel in bound.set(channel.localAddress?.port) },
            logger: quiet)
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
                .inUse,
                "port \(port) on \(host) is taken by another program; choose another with \(dialect.portFlag)")
        case EACCES:
            return ClusterError(
                .denied, "port \(port) on \(host) needs rights that this program lacks; choose one above 1023")
        case EADDRNOTAVAIL:
            return ClusterError(.invalid, "\(host) is no address of this machine; choose another with --bind")
        default:
            return ClusterError(
                .invalid, "the \(dialect.name) API cannot listen on \(host):\(port): \(error)")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

extension APIConfiguration {
    /// The host as it stands in front of a port.
    fileprivate var writtenHost: String { host.contains(":") ? "[\(host)]" : host }
}
