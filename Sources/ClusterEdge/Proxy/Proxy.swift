public import ClusterKit
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A reverse proxy: takes HTTP/1 requests, and sends each to an instance of the service that its route names.
///
/// ```swift
/// let proxy = Proxy(registry: server.registry, makeTable: { TagRouteTable($0) })
/// try await ServiceGroup(services: [server, proxy], logger: logger).run()
/// ```
///
/// It follows the registry. An instance that leaves it gets no request from then on: the registry hears that the
/// proxy has taken note only after every event loop has.
public final class Proxy: Service {
    private let registry: any ServiceRegistry
    private let configuration: ProxyConfiguration
    private let makeTable: @Sendable (ServiceCatalog) -> any RouteTable
    private let metrics: any MetricSink
    private let logger: Logger
    private let bound = ProxyPort()

    /// Serves what `registry` knows, by the tables that `makeTable` makes of it. Nothing listens before `run`.
    public init(
        registry: any ServiceRegistry, configuration: ProxyConfiguration = ProxyConfiguration(),
        makeTable: @escaping @Sendable (ServiceCatalog) -> any RouteTable, metrics: any MetricSink = NoMetrics(),
        logger: Logger = Logger(label: "cluster.proxy")
    ) {
        self.registry = registry
        self.configuration = configuration
        self.makeTable = makeTable
        self.metrics = metrics
        self.logger = logger
    }

    /// The port that is listened on, as soon as it is; `nil` when `run` ended before.
    public var port: Int? {
        get async { await bound.value }
    }

    /// Listens until the service group shuts down, then ends what is in flight within the configured time; or until
    /// the task is canceled, then ends at once.
    ///
    /// Throws `.inUse` when another program has the port, and `.invalid` when the address is not one of this machine.
    public func run() async throws {
        defer { bound.set(nil) }
        let count = configuration.eventLoops > 0 ? configuration.eventLoops : System.coreCount
        let group = MultiThreadedEventLoopGroup(numberOfThreads: count)
        do {
            try await serve(LoopSet(group, configuration: possible), group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(_ loops: LoopSet, _ group: MultiThreadedEventLoopGroup) async throws {
        let publisher = TablePublisher(loops, entryPoint: configuration.entryPoint, metrics: metrics, logger: logger)
        await publisher.publish(makeTable(registry.catalog))
        let listener: any Channel
        do {
            listener = try await loops.listen(on: group)
        } catch let error as IOError {
            throw explain(error)
        }
        bound.set(listener.localAddress?.port)
        logger.info("proxy listens", metadata: ["address": "\(listener.localAddress?.description ?? "")"])
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [registry, makeTable] in
                await registry.follow { await publisher.publish(makeTable($0)) }
            }
            tasks.addTask { [metrics, configuration] in
                await loops.report(to: metrics, each: configuration.metricInterval, as: configuration.entryPoint)
            }
            try? await gracefulShutdown()
            try? await listener.close().get()
            await loops.drain(within: configuration.shutdownTimeout)
            tasks.cancelAll()
        }
        await loops.stop()
    }

    /// The configuration with as many connections as the process may have.
    private var possible: ProxyConfiguration {
        var possible = configuration
        possible.maximumConnections = DescriptorLimit.connections(configuration.maximumConnections)
        if possible.maximumConnections < configuration.maximumConnections {
            logger.warning(
                "fewer connections than configured: the limit of open files is low; raise it (ulimit -n)",
                metadata: [
                    "configured": "\(configuration.maximumConnections)", "served": "\(possible.maximumConnections)",
                ])
        }
        return possible
    }

    private func explain(_ error: IOError) -> ClusterError {
        let (host, port) = (configuration.host, configuration.port)
        switch error.errnoCode {
        case EADDRINUSE:
            return ClusterError(
                .inUse, "port \(port) on \(host) is taken by another program; choose another with --proxy-port")
        case EACCES:
            return ClusterError(
                .denied, "port \(port) on \(host) needs rights that this program lacks; choose one above 1023")
        case EADDRNOTAVAIL:
            return ClusterError(.invalid, "\(host) is no address of this machine; choose another with --bind")
        default:
            return ClusterError(.invalid, "the proxy cannot listen on \(host):\(port): \(error)")
        }
    }
}
