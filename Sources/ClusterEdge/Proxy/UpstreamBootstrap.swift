import NIOCore
import NIOPosix

/// Opens connections to instances.
struct UpstreamBootstrap {
    private let bootstrap: ClientBootstrap

    init(_ loop: ProxyLoop) {
        let limit = max(loop.configuration.bufferLimit, 1024)
        bootstrap = ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(TimeAmount(loop.configuration.connectTimeout))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024))
            .channelOption(
                .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: limit / 2, high: limit))
    }

    func connect(to upstream: Upstream) -> EventLoopFuture<any Channel> {
        if let address = upstream.address { return bootstrap.connect(to: address) }
        return bootstrap.connect(host: upstream.key.address, port: upstream.key.port)
    }

    static func isTimeout(_ error: any Error) -> Bool {
        if case .connectTimeout = error as? ChannelError { return true }
        return false
    }
}
