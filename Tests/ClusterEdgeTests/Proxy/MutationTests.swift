import ClusterEdge
import ClusterKit
import Testing

/// Requests with random damage: the proxy answers or closes, and goes on serving. The seed makes a failure repeatable.
@Suite(.serialized) struct MutationTests {
    private static let valid = [
        "GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a:80\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
        "POST /a%41 HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 5\r\nConnection: keep-alive, x-y\r\n\r\nhello",
        "GET http://a/../b HTTP/1.0\r\nHost: A.\r\nX_Y: z\r\nExpect: 100-continue\r\n\r\n",
    ]

    @Test func nothingTraps() async throws {
        let backend = Backend { .send(Backend.ok("\($0.connection)")) }
        let port = try await backend.start()
        try await ProxyWorld.run(
            to: [port],
            configure: {
                $0.lingerTimeout = .milliseconds(20)
                $0.bodyTimeout = .milliseconds(100)
                $0.responseTimeout = .milliseconds(100)
            }
        ) { world in
            var entropy = Entropy(seed: 20_260_101)
            for round in 0..<1500 {
                var bytes = Array(Self.valid[round % Self.valid.count].utf8)
                for _ in 0..<Int(entropy.next() % 6 + 1) { mutate(&bytes, using: &entropy) }
                let client = try await world.client()
                try? await client.send(bytes)
                if round % 3 == 0 { try? await client.endOutput() }
                client.close()
            }
            #expect(try await world.get().hasPrefix("HTTP/1.1 200 "))
            try await eventually("all connections are let go") {
                world.sink.value("cluster_proxy_client_connections http") == 0
            }
        }
        await backend.stop()
    }

    private func mutate(_ bytes: inout [UInt8], using entropy: inout Entropy) {
        guard !bytes.isEmpty else { return }
        let place = Int(entropy.next() % UInt64(bytes.count))
        switch entropy.next() % 6 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: entropy.next())
        case 1: bytes.insert([0, 10, 13, 32, 37, 58, 255][Int(entropy.next() % 7)], at: place)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeSubrange(place...)
        case 4: bytes += bytes[place...]
        default: bytes.insert(contentsOf: bytes[..<place], at: place)
        }
    }
}
