import ClusterEdge
import ClusterKit
import ClusterTesting
import NIOCore
import Testing

/// What becomes of a request and its answer on the way.
@Suite(.serialized) struct ForwardingTests {
    @Test func statesWhoAsksAndStripsThePrefix() async throws {
        let backend = Backend()
        let port = try await backend.start()
        try await ProxyWorld.run([.to([port], prefix: "/path", strips: true)]) { world in
            let answer = try await world.get(
                "/path/a%7eb?q=1",
                headers:
                    "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Prefix: /evil\r\nX_Forwarded_For: 6\r\nAccept: */*\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nhello"), "\(answer)")
            #expect(answer.contains("Connection: close\r\n"))
            let request = try #require(backend.requests.first)
            #expect(request.line == "GET /a~b?q=1 HTTP/1.1")
            let lines = request.head.split(separator: "\r\n").dropFirst().sorted()
            #expect(
                lines == [
                    "Accept: */*", "Host: example.org", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-Host: example.org",
                    "X-Forwarded-Port: 80", "X-Forwarded-Prefix: /path", "X-Forwarded-Proto: http",
                    "X-Real-Ip: 127.0.0.1",
                ], "\(lines)")
        }
        await backend.stop()
    }

    @Test func hostIsReplacedWhereItIsNotPassed() async throws {
        let backend = Backend()
        let port = try await backend.start()
        // The first instance refuses, so the name is replaced once more.
        let dead = try QuietPort.pick()
        try await ProxyWorld.run([.to([dead, port], passesHost: false)]) { world in
            _ = try await world.get()
            #expect(backend.requests.first?.header("host") == "127.0.0.1:\(port)")
            #expect(backend.requests.first?.header("x-forwarded-host") == "example.org")
        }
        await backend.stop()
    }

    @Test func oneConnectionCarriesManyRequestsInOrder() async throws {
        let backend = Backend { .send(Backend.ok("<\($0.line)>")) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            // Pipelined, the last in two pieces.
            try await client.send((1...9).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined() + "GET /10 HT")
            try await client.send("TP/1.1\r\nHost: a\r\n\r\n")
            let text = try await client.read { $0.contains("/10 HTTP/1.1>") }
            let answers = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(answers == (1...10).map { "GET /\($0) HTTP/1.1" })
            #expect(backend.connections == 1, "an idle connection is used again")
            client.close()
        }
        await backend.stop()
    }

    @Test func bodiesPassBothWays() async throws {
        let backend = Backend { request in
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n")
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            try await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhel")
            try await client.send("lo\r\n0\r\nX: y\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz")
            let text = try await client.read { $0.components("\r\n0\r\n\r\n") == 3 }
            #expect(!text.contains("x=y") && !text.contains("T: 1") && text.contains("\r\n\r\n3\r\nabc\r\n"))
            #expect(backend.requests.map(\.body) == ["hello", "xyz"])
            #expect(backend.requests[0].header("transfer-encoding") == "chunked")
            #expect(backend.requests[1].header("content-length") == "3")
            client.close()
        }
        await backend.stop()
    }

    @Test func oldClientsGetWhatTheyKnow() async throws {
        let backend = Backend {
            $0.line.contains("chunked")
                ? .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
                : .send(Backend.ok("hi"))
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let plain = try await world.exchange("GET /chunked HTTP/1.0\r\nHost: a\r\n\r\n")
            #expect(plain.hasSuffix("\r\n\r\nabc") && !plain.lowercased().contains("chunked"), "\(plain)")
            let client = try await world.client()
            for _ in 0..<2 {
                client.clear()
                try await client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
                let text = try await client.read { $0.hasSuffix("hi") }
                #expect(text.contains("Connection: keep-alive\r\n"))
            }
            client.close()
        }
        await backend.stop()
    }

    @Test(arguments: [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), ("GET", "HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        ("HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ])
    func answersWithoutBodyEndWithTheirHead(method: String, answer: String) async throws {
        let backend = Backend { $0.line.contains("/next") ? .send(Backend.ok("next")) : .send(answer) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            try await client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
            let text = try await client.read { $0.hasSuffix("next") }
            #expect(text == answer + Backend.ok("next"))
            #expect(backend.connections == 1)
            client.close()
        }
        await backend.stop()
    }

    @Test func anAnswerUntilCloseEndsWithTheConnection() async throws {
        let backend = Backend { _ in .finish("HTTP/1.1 200 OK\r\nA: b\r\n\r\nall of it") }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let answer = try await world.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer == "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\nall of it")
        }
        await backend.stop()
    }

    @Test func continueComesFromTheInstance() async throws {
        let backend = Backend { _ in .interim("HTTP/1.1 100 Continue\r\n\r\n", Backend.ok("done")) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            try await client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            try await client.read { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("body")
            try await client.read { $0.hasSuffix(Backend.ok("done")) }
            #expect(backend.requests.map(\.body) == ["body"])
            client.close()
        }
        await backend.stop()
    }

    @Test func aTunnelPassesBothWaysAndEndsHalfByHalf() async throws {
        let backend = Backend { _ in
            .echo("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX: y\r\n\r\n")
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            try await client.send(
                "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly")
            let text = try await client.read { $0.hasSuffix("early") }
            #expect(
                text
                    == "HTTP/1.1 101 Switching Protocols\r\nX: y\r\n"
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly"
            )
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            try await client.read { $0.hasSuffix("earlyGET / HTTP/1.1\r\n\r\n") }
            try await client.endOutput()
            #expect(try await client.readToEnd().hasSuffix("bye"), "the other half was still open")
            try await eventually("the instance's side ends too") { backend.open == 0 }
            try await eventually("it is counted") {
                world.sink.value("traefik_service_requests_total 101 GET websocket web") == 1
            }
        }
        await backend.stop()
    }

    @Test func aTunnelThatNobodyAskedForIsRefused() async throws {
        let backend = Backend { _ in
            .echo("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            try await expectStatus("502", world.get())
        }
        await backend.stop()
    }

    @Test func aSlowReaderHoldsTheInstanceBack() async throws {
        let backend = Backend { _ in
            .flood(head: "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n", chunk: 65536, times: 1024)
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client(reading: false)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            var last = -1
            // Kernel buffers fill; then nothing moves.
            try await eventually("the instance stands still") {
                let now = backend.sent
                defer { last = now }
                try await Task.sleep(for: .milliseconds(200))
                return now == last && now > 0
            }
            #expect(backend.sent < 32 << 20, "what nobody reads is not read: \(backend.sent)")
            client.startReading()
            try await eventually("all of it comes: \(client.count)") { client.count > 64 << 20 }
            client.close()
        }
        await backend.stop()
    }

    @Test func aSlowInstanceHoldsTheClientBack() async throws {
        let server = try await SilentServer.start()
        try await ProxyWorld.run(to: [server.port]) { world in
            let client = try await world.client()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108864\r\n\r\n")
            let sent = Counter()
            let pump = Swift.Task {
                for _ in 0..<1024 {
                    try await client.send([UInt8](repeating: 120, count: 65536))
                    sent.add(65536)
                }
            }
            var last = -1
            try await eventually("the client stands still") {
                let now = sent.value
                defer { last = now }
                try await Swift.Task.sleep(for: .milliseconds(200))
                return now == last && now > 0
            }
            #expect(sent.value < 32 << 20, "\(sent.value)")
            pump.cancel()
            client.close()
        }
        await server.stop()
    }
}

extension String {
    /// How many parts a separator makes of it.
    func components(_ separator: String) -> Int { split(separator: separator, omittingEmptySubsequences: false).count }
}
