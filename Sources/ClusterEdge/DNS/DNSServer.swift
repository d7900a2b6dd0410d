public import ClusterKit
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Names what runs: serves the catalog of a registry as DNS, over UDP and TCP on one port, as Consul does.
///
/// It follows the registry; orders to stop an instance wait until it is out of the zone. When the registry falls silent
/// the last zone stays, and before the first catalog all names of the zone are answered with `SERVFAIL`: an error never
/// becomes an empty answer. It asks no other servers. `docs/DNS.md` has the names and what differs from Consul.
public final class DNSServer: Service {
    private let registry: any ServiceRegistry
    private let configuration: DNSConfiguration
    private let metrics: any MetricSink
    private let logger: Logger
    private let bound = ListeningPort()

    /// Serves what `registry` knows. Nothing listens before `run`.
    public init(
        registry: any ServiceRegistry, configuration: DNSConfiguration = DNSConfiguration(),
        metrics: any MetricSink = NoMetrics(), logger: Logger = Logger(label: "cluster.dns")
    ) {
        self.registry = registry
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
    }

    /// The port that is listened on over UDP and TCP, as soon as it is; `nil` when `run` ended before.
    public var port: Int? {
        get async { await bound.value }
    }

    /// Serves until the service group shuts down or the task is canceled.
    ///
    /// Throws `.inUse` when another program has the port, `.denied` when it needs rights, and `.invalid` when the
    /// address is not one of this machine or the domain is no domain name.
    public func run() async throws {
        defer { bound.set(nil) }
        guard let builder = DNSZoneBuilder(configuration) else {
            throw ClusterError(
                .invalid, "\"\(configuration.domain)\" is no domain name; give labels of 1 to 63 characters, as consul")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await cancelWhenGracefulShutdown { try await self.serve(builder, on: group.any()) }
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func serve(_ builder: DNSZoneBuilder, on loop: any EventLoop) async throws {
        let unknown = builder.unknown
        let desk = try await loop.submit { NIOLoopBound(DNSDesk(zone: unknown), eventLoop: loop) }.get()
        let sockets = DNSSockets(configuration, desk: desk, loop: loop)
        let (datagrams, streams) = try await sockets.open()
        let port = streams.localAddress?.port ?? configuration.port
        bound.set(port)
        logger.info("DNS listens", metadata: ["address": "\(configuration.host):\(port)"])
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.follow(builder, desk, loop) }
                group.addTask { try await self.report(desk, loop) }
                group.addTask { try await self.keep(datagrams, port, sockets) }
                group.addTask {
                    try await streams.closed()
                    throw ClusterError(.unavailable, "the DNS server's listening TCP socket was closed")
                }
                try await group.waitForAll()
            }
        } catch is CancellationError {}
        try? await streams.close()
    }

    /// Lets each catalog be the zone; returns to the registry only when it is.
    private func follow(_ builder: DNSZoneBuilder, _ desk: NIOLoopBound<DNSDesk>, _ loop: any EventLoop) async {
        var builder = builder
        await registry.follow { catalog in
            let zone = builder.zone(of: catalog)
            // It fails only when the loop has ended, and the server with it.
            try? await loop.submit { desk.value.zone = zone }.get()
        }
    }

    private func report(_ desk: NIOLoopBound<DNSDesk>, _ loop: any EventLoop) async throws {
        while true {
            try await Task.sleep(for: .seconds(1))
            metrics.record(try await loop.submit { desk.value.takeSamples() }.get())
        }
    }

    /// Serves datagrams. A socket can be closed by an error of a single answer, such as a firewall's no; it is then
    /// opened again, so that one client cannot end the service for all.
    private func keep(_ first: any Channel, _ port: Int, _ sockets: DNSSockets) async throws {
        var socket = first
        while true {
            try await socket.closed()
            logger.warning("DNS opens its UDP socket again, which an error had closed", metadata: ["port": "\(port)"])
            try await Task.sleep(for: .milliseconds(10))
            while true {
                do {
                    socket = try await sockets.openDatagrams(port)
                    break
                } catch {
                    logger.error("DNS cannot open its UDP socket; it tries again", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }
}

extension Channel {
    /// Waits until the channel is closed, for whatever reason; a canceled task closes it.
    fileprivate func closed() async throws {
        await withTaskCancellationHandler {
            try? await closeFuture.get()
        } onCancel: {
            close(promise: nil)
        }
        try Task.checkCancellation()
    }
}
