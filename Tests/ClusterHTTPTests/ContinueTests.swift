import NIOCore
import NIOPosix
import Testing

/// Clients that ask whether they may send a body, as curl does before one of more than 1 MiB.
@Suite(.timeLimit(.minutes(1))) struct ContinueTests {
    private let head = "PUT /v1/validate/job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"

    @Test(arguments: ["100-continue", "100-Continue"])
    func whoAsksBeforeABodyIsBiddenToGoOn(expectation: String) async throws {
        let request = head + "Expect: \(expectation)\r\n\r\n"
        try await withCluster { cluster in
            let connection = try await connect(to: cluster)
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                var (answers, text) = ([String](), "")
                for try await piece in inbound {
                    text += String(buffer: piece)
                    guard text.hasSuffix("\r\n\r\n") || answers.count == 1 else { continue }
                    answers.append(text)
                    text = ""
                    if answers.count == 2 { break }
                    try await outbound.write(ByteBuffer(string: "{}"))
                }
                #expect(answers.first == "HTTP/1.1 100 Continue\r\n\r\n")
                #expect(answers.last?.hasPrefix("HTTP/1.1 400 Bad Request\r\n") == true, "\(answers)")
            }
        }
    }

    /// Answers come in the order of the requests, so the first one is complete before a word of the second is said.
    @Test func nobodyIsBiddenAmidAnEarlierAnswer() async throws {
        let first = "GET /v1/jobs?index=1000000&wait=300ms HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let second =
            "PUT /v1/validate/job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        try await withCluster { cluster in
            let connection = try await connect(to: cluster)
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: first + second))
                var text = ""
                var isBidden = false
                for try await piece in inbound {
                    text += String(buffer: piece)
                    if !isBidden, text.contains("HTTP/1.1 200 OK\r\n"), text.contains("100 Continue\r\n\r\n") {
                        isBidden = true
                        try await outbound.write(ByteBuffer(string: "{}"))
                    }
                    if text.contains("HTTP/1.1 400 Bad Request\r\n") { break }
                }
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(text)")
                #expect(text.contains("[]HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad Request\r\n"), "\(text)")
            }
        }
    }

    /// Clients of HTTP/1.0 and simple ones know no answer before the answer.
    @Test func whoDoesNotAskIsNotBidden() async throws {
        let request = head + "\r\n{}"
        try await withCluster { cluster in
            let connection = try await connect(to: cluster)
            try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                var pieces = inbound.makeAsyncIterator()
                let first = try await pieces.next().map { String(buffer: $0) }
                #expect(first?.hasPrefix("HTTP/1.1 400 Bad Request\r\n") == true, "\(first ?? "")")
            }
        }
    }

    private func connect(to cluster: TestCluster) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: cluster.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }
}
