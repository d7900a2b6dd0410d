import NIOCore
import NIOPosix
import Testing

/// Clients that ask whether they may send a body, as curl does before one of more than 1 MiB.
@Suite(.timeLimit(.minutes(1))) struct ContinueTests {
    @Test func whoAsksBeforeABodyIsBiddenToGoOn() async throws {
        try await withCluster { cluster in
            let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: cluster.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await connection.executeThenClose { inbound, outbound in
                var pieces = inbound.makeAsyncIterator()
                var text = ""
                func read(to end: String) async throws {
                    while !text.hasSuffix(end), let piece = try await pieces.next() { text += String(buffer: piece) }
                }
                let head = """
                    PUT /v1/validate/job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
                    Expect: 100-continue\r\n\r\n
                    """
                // One after the other on the same connection.
                for _ in 0..<2 {
                    text = ""
                    try await outbound.write(ByteBuffer(string: head))
                    try await read(to: "\r\n\r\n")
                    #expect(text == "HTTP/1.1 100 Continue\r\n\r\n")
                    text = ""
                    try await outbound.write(ByteBuffer(string: "{}"))
                    try await read(to: "}")
                    #expect(text.hasPrefix("HTTP/1.1 400 ") || text.hasPrefix("HTTP/1.1 200 "), "\(text)")
                    if !text.contains("}") { break }
                }
            }
        }
    }
}
