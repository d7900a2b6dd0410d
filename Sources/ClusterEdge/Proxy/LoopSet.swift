import ClusterKit
import NIOCore
import NIOPosix

/// The event loops of one proxy.
struct LoopSet: Sendable {
    private let loops: [NIOLoopBound<ProxyLoop>]
    private let eventLoops: [any EventLoop]
    private let places: [ObjectIdentifier: Int]
    private let connections: ConnectionCount
    private let configuration: ProxyConfiguration

    /// Makes what each event loop knows, on that loop.
    init(_ group: MultiThreadedEventLoopGroup, configuration: ProxyConfiguration) async throws {
        let connections = ConnectionCount()
        let eventLoops = group.makeIterator().map { $0 }
        var loops: [NIOLoopBound<ProxyLoop>] = []
        for eventLoop in eventLoops {
            let loop = try await eventLoop.submit {
                let loop = ProxyLoop(eventLoop, configuration: configuration, connections: connections)
                loop.start()
                return NIOLoopBound(loop, eventLoop: eventLoop)
            }.get()
            loops.append(loop)
        }
        places = Dictionary(uniqueKeysWithValues: eventLoops.enumerated().map { (ObjectIdentifier($1), $0) })
        self.loops = loops
        self.eventLoops = eventLoops
        self.connections = connections
        self.configuration = configuration
    }

    /// Listens; connections are dealt out to the loops in turn.
    func listen(on group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        let limit = max(configuration.bufferLimit, 1024)
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024))
            .childChannelOption(
                .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: limit / 2, high: limit)
            )
            .childChannelInitializer { [loops, places] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let place = places[ObjectIdentifier(channel.eventLoop)] else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(ClientConnection(loops[place].value))
                }
            }
            .bind(host: configuration.host, port: configuration.port).get()
    }

    /// Serves by another table. Returns when every loop does.
    func serve(_ table: any RouteTable) async {
        let futures = zip(eventLoops, loops).map { eventLoop, loop in
            eventLoop.submit { loop.value.serve(table) }
        }
        for future in futures { try? await future.get() }
    }

    /// Hands what was counted on, at equal intervals, until the task is canceled; and once more then.
    func report(to sink: any MetricSink, each interval: Duration, as entryPoint: String) async {
        let figures = ProxyFigures(entryPoint: entryPoint)
        repeat {
            try? await Task.sleep(for: interval)
            var total = LoopFigures()
            for (eventLoop, loop) in zip(eventLoops, loops) {
                if let counted = try? await eventLoop.submit({ loop.value.counters.take() }).get() { total += counted }
            }
            sink.record(figures.samples(of: total, connections: connections.value))
        } while !Task.isCancelled
    }

    /// Closes what is idle, and waits for what is in flight.
    func drain(within limit: Duration) async {
        for (eventLoop, loop) in zip(eventLoops, loops) { eventLoop.execute { loop.value.drain() } }
        let end = ContinuousClock.now.advanced(by: limit)
        while connections.value > 0, ContinuousClock.now < end {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    /// Closes everything.
    func stop() async {
        for (eventLoop, loop) in zip(eventLoops, loops) {
            try? await eventLoop.submit { loop.value.stop() }.get()
        }
    }
}
