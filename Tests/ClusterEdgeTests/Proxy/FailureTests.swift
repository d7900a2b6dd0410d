import ClusterEdge
import ClusterKit
import ClusterTesting
import Testing

/// What clients are told when something goes wrong, and what is tried before.
@Suite(.serialized) struct FailureTests {
    private func status(_ answer: String) -> String { String(answer.split(separator: " ").dropFirst().first ?? "") }

    @Test func noRouteAndNoInstance() async throws {
        try await ProxyWorld.run([.to([], prefix: "/known")]) { world in
            let none = try await world.get("/other")
            #expect(none.hasPrefix("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain"), "\(none)")
            #expect(none.hasSuffix("\r\n\r\nno route is meant for this host and path\n"))
            try await expectStatus("503", world.get("/known"))
            try await eventually("they are counted") {
                world.sink.value("traefik_entrypoint_requests_total 404 GET http http") == 1
                    && world.sink.value("traefik_service_requests_total 503 GET http web") == 1
                    && world.sink.value("traefik_entrypoint_open_connections GET http http") == 0
            }
        }
    }

    @Test func aRefusedConnectionGoesToAnotherInstance() async throws {
        let backend = Backend()
        let port = try await backend.start()
        let dead = try QuietPort.pick()
        try await ProxyWorld.run(to: [dead, port]) { world in
            for _ in 0..<10 { try await expectStatus("200", world.get()) }
            // Nothing was sent to the dead one, so a POST may go elsewhere too.
            let post = try await world.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody")
            #expect(status(post) == "200" && backend.requests.last?.body == "body")
            try await eventually("retries are few, since the dead one is passed over") {
                let retries = world.sink.value("traefik_service_retries_total web")
                return (1...6).contains(retries)
            }
        }
        await backend.stop()
        try await ProxyWorld.run(to: [dead]) { world in try await expectStatus("502", world.get()) }
    }

    @Test func aStaleConnectionIsNoticedByNobody() async throws {
        let backend = Backend { $0.connection == 1 && $0.line.contains("/2") ? .hangUp : .send(Backend.ok("hi")) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            try await expectStatus("200", world.get("/1"))
            // The connection that was kept closes as the next request arrives on it.
            try await expectStatus("200", world.get("/2"))
            #expect(backend.requests.map(\.connection) == [1, 1, 2])
        }
        await backend.stop()
    }

    @Test func whatMayHaveHappenedIsNotRepeated() async throws {
        let backend = Backend { $0.line.hasPrefix("POST") ? .hangUp : .send(Backend.ok("hi")) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            try await expectStatus("200", world.get())
            let post = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"
            try await expectStatus("502", world.exchange(post))
            #expect(backend.requests.filter { $0.line.hasPrefix("POST") }.count == 1)
        }
        await backend.stop()
    }

    @Test func aFreshConnectionThatClosesIsNotTriedAgain() async throws {
        let backend = Backend { _ in .hangUp }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            try await expectStatus("502", world.get())
            #expect(backend.requests.count == 1)
        }
        await backend.stop()
    }

    @Test func aSilentInstanceTimesOut() async throws {
        let backend = Backend { _ in .nothing }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port], configure: { $0.responseTimeout = .milliseconds(100) }) { world in
            try await expectStatus("504", world.get())
            try await eventually("its connection is closed") { backend.open == 0 }
        }
        await backend.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "hello", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "HTTP/1.1 200 O\u{0}K\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func anAnswerThatIsNotProperIsNotPassedOn(answer: String) async throws {
        let backend = Backend { _ in .finish(answer) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in try await expectStatus("502", world.get()) }
        await backend.stop()
    }

    @Test func interimAnswersHaveALimit() async throws {
        let backend = Backend { request in
            let count = request.line.contains("/few") ? 16 : 17
            return .send(String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: count) + Backend.ok("done"))
        }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            // The count begins anew with each request, also over the same connection.
            for _ in 0..<2 {
                let few = try await world.get("/few")
                #expect(few.ranges(of: "HTTP/1.1 102 ").count == 16 && few.hasSuffix("done"), "\(few)")
            }
            #expect(backend.connections == 1)
            let many = try await world.get("/many")
            #expect(many.ranges(of: "HTTP/1.1 102 ").count == 16, "\(many)")
            #expect(many.contains("HTTP/1.1 502 ") && !many.contains("done"), "\(many)")
        }
        await backend.stop()
    }

    /// Each answer is read at once, so the client's buffer is full between two of them.
    @Test(arguments: ["", "Connection: close\r\n"])
    func answersWaitForAClientThatAsksAheadAndDoesNotRead(header: String) async throws {
        let (total, body) = (3000, String(repeating: "x", count: 10_000))
        let backend = Backend { _ in .send("HTTP/1.1 200 OK\r\n\(header)Content-Length: 10000\r\n\r\n\(body)") }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client(reading: false)
            client.push(Array(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: total).utf8))
            var (seen, still) = (0, 0)
            try await eventually("the requests stop or are all there") {
                let now = backend.requests.count
                still = now == seen && now > 0 ? still + 1 : 0
                seen = now
                return still > 60 || now == total
            }
            #expect(seen < total, "what the client does not read is not fetched")
            client.startReading()
            try await eventually("they go on") { backend.requests.count == total }
            client.close()
        }
        await backend.stop()
    }

    @Test func whatAnInstanceSendsUnaskedReachesNobody() async throws {
        let backend = Backend { _ in .send(Backend.ok("one") + Backend.ok("poison")) }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            for _ in 0..<3 {
                let answer = try await world.get()
                #expect(answer.hasSuffix("one"))
            }
            #expect(backend.connections == 3)
        }
        await backend.stop()
    }

    @Test func aCutAnswerIsCutForTheClientToo() async throws {
        let backend = Backend { _ in .finish("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf") }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let answer = try await world.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!answer.contains("502") && !answer.hasSuffix("10\r\n\r\nhalf      "))
        }
        await backend.stop()
    }

    @Test func anEarlyAnswerEndsTheConnection() async throws {
        let backend = Backend { _ in .interim("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno", "") }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            let client = try await world.client()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("Connection: close"), "\(answer)")
            client.close()
        }
        await backend.stop()
    }
}
