import ClusterKit
import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opens the two sockets of the server, both on one event loop.
struct DNSSockets: Sendable {
    private let configuration: DNSConfiguration
    private let desk: NIOLoopBound<DNSDesk>
    private let loop: any EventLoop

    /// How often another free port is tried when only one of the two could be had.
    private static let attempts = 32

    init(_ configuration: DNSConfiguration, desk: NIOLoopBound<DNSDesk>, loop: any EventLoop) {
        self.configuration = configuration
        self.desk = desk
        self.loop = loop
    }

    /// Opens both at the configured port, or at one that is free for both.
    func open() async throws -> (datagrams: any Channel, streams: any Channel) {
        var attempt = 1
        while true {
            do {
                return try await openOnce()
            } catch let error as IOError {
                let isPortOpen = configuration.port == 0 && error.errnoCode == EADDRINUSE
                guard isPortOpen, attempt < Self.attempts else { throw explain(error) }
                attempt += 1
            } catch {
                throw ClusterError(
                    .invalid, "DNS cannot listen on \(configuration.host):\(configuration.port): \(error)")
            }
        }
    }

    private func openOnce() async throws -> (any Channel, any Channel) {
        let datagrams = try await openDatagrams(configuration.port)
        do {
            return (datagrams, try await openStreams(datagrams.localAddress?.port ?? configuration.port))
        } catch {
            try? await datagrams.close()
            throw error
        }
    }

    /// Opens the socket for datagrams.
    func openDatagrams(_ port: Int) async throws -> any Channel {
        let length = DatagramHandler.readLength
        var bootstrap = DatagramBootstrap(group: loop)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .channelInitializer { [desk] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(desk.value))
                }
            }
        // Only Linux reads several at once. One such read at a time: a second one mostly finds nothing.
        #if os(Linux)
            let count = DatagramHandler.readCount
            bootstrap =
                bootstrap
                .channelOption(.datagramVectorReadMessageCount, value: count)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: count * length))
        #else
            bootstrap = bootstrap.channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: length))
        #endif
        return try await bootstrap.bind(host: configuration.host, port: port).get()
    }

    private func openStreams(_ port: Int) async throws -> any Channel {
        let patience = TimeAmount(configuration.idleLimit)
        return try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .childChannelInitializer { [desk, configuration] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        StreamHandler(desk.value, limit: configuration.maximumConnections, patience: patience))
                }
            }
            .bind(host: configuration.host, port: port).get()
    }

    private func explain(_ error: IOError) -> ClusterError {
        let (host, port) = (configuration.host, configuration.port)
        switch error.errnoCode {
        case EADDRINUSE:
            return ClusterError(
                .inUse, "port \(port) on \(host) is taken by another program; choose another with --dns-port")
        case EACCES:
            return ClusterError(
                .denied, "port \(port) on \(host) needs rights that this program lacks; choose one above 1023")
        case EADDRNOTAVAIL:
            return ClusterError(.invalid, "\(host) is no address of this machine; choose another with --bind")
        default:
            return ClusterError(.invalid, "DNS cannot listen on \(host):\(port): \(error)")
        }
    }
}
