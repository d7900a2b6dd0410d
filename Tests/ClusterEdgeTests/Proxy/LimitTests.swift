import ClusterEdge
import ClusterKit
import Testing

/// Limits, time limits, tables that change, and the end.
@Suite(.serialized) struct LimitTests {
    private func status(_ answer: String) -> String { String(answer.split(separator: " ").dropFirst().first ?? "") }

    @Test func headsHaveLimits() async throws {
        try await ProxyWorld.run(to: []) { world in
            let long = String(repeating: "a", count: 9000)
            try await expectStatus("414", world.exchange("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n"))
            // Without an end in sight.
            try await expectStatus("414", world.exchange("GET /\(long)"))
            let line = "X: \(long)\r\n"
            #expect(
                try await status(world.exchange("GET / HTTP/1.1\r\nHost: a\r\n\(line)\(line)\(line)\(line)\r\n"))
                    == "431")
            let many = String(repeating: "A: b\r\n", count: 100)
            try await expectStatus("431", world.exchange("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n"))
            try await expectStatus("400", world.exchange("\u{16}\u{3}\u{1}"))
        }
    }

    @Test func connectionsHaveALimit() async throws {
        let backend = Backend()
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port], configure: { $0.maximumConnections = 2 }) { world in
            let first = try await world.client()
            let second = try await world.client()
            try await eventually("both are counted") {
                world.sink.value("cluster_proxy_client_connections http") == 2
            }
            let third = try await world.client()
            try await expectStatus("503", third.readToEnd())
            third.close()
            first.close()
            try await eventually("there is room again") { try await status(world.get()) == "200" }
            second.close()
        }
        await backend.stop()
    }

    @Test func slowClientsAreLetGo() async throws {
        let backend = Backend { _ in .nothing }
        let port = try await backend.start()
        try await ProxyWorld.run(
            to: [port],
            configure: {
                // Long enough for what these clients send to be there before they are let go.
                $0.headTimeout = .seconds(3)
                $0.keepAliveTimeout = .seconds(3)
                $0.bodyTimeout = .seconds(3)
            }
        ) { world in
            let silent = try await world.client()
            let head = try await world.client()
            let body = try await world.client()
            try await head.send("GET / HT")
            try await body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx")
            // A byte now and then does not put the end of the head off.
            while !head.isClosed {
                try? await head.send("T")
                try await Task.sleep(for: .milliseconds(200))
            }
            try await expectStatus("408", head.readToEnd())
            try await expectStatus("408", body.readToEnd())
            #expect(try await silent.readToEnd().isEmpty)
            for client in [silent, head, body] { client.close() }
            try await eventually("nothing is left open") {
                world.sink.value("cluster_proxy_client_connections http") == 0 && backend.open == 0
            }
        }
        await backend.stop()
    }

    @Test func idleConnectionsToInstancesAreClosed() async throws {
        let backend = Backend()
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port], configure: { $0.upstreamIdleTimeout = .milliseconds(100) }) { world in
            _ = try await world.get()
            try await eventually("it is closed") { backend.open == 0 }
        }
        await backend.stop()
    }

    @Test func anInstanceThatLeavesGetsNothingMore() async throws {
        let old = Backend { $0.line.contains("/slow") ? .nothing : .send(Backend.ok("old")) }
        let new = Backend { _ in .send(Backend.ok("new")) }
        let (oldPort, newPort) = (try await old.start(), try await new.start())
        try await ProxyWorld.run(to: [oldPort]) { world in
            let waiting = try await world.client()
            try await waiting.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await world.get().hasSuffix("old"))
            try await eventually("the slow request is there") { old.requests.count == 2 }
            try await world.registry.serve([.to([newPort])])
            let before = old.requests.count
            for _ in 0..<20 { #expect(try await world.get().hasSuffix("new")) }
            #expect(old.requests.count == before)
            try await eventually("its idle connection is closed, the busy one stays") { old.open == 1 }
            let url = "http://127.0.0.1:"
            #expect(world.sink.value("traefik_service_server_up web \(url)\(oldPort)") == 0)
            #expect(world.sink.value("traefik_service_server_up web \(url)\(newPort)") == 1)
            waiting.close()
            try await eventually("the client left, so the request ends") { old.open == 0 }
        }
        await old.stop()
        await new.stop()
    }

    @Test func figuresOfAServiceEndWithItsLastRequest() async throws {
        let backend = Backend { $0.line.contains("/slow") ? .nothing : .send(Backend.ok("hello")) }
        let port = try await backend.start()
        let open = "traefik_service_open_connections GET http"
        try await ProxyWorld.run([.to([port], name: "old")]) { world in
            let slow = try await world.client()
            try await slow.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it is in flight") { world.sink.value("\(open) old") == 1 }
            try await world.registry.serve([.to([port], name: "new")])
            _ = try await world.get()
            try await eventually("reports go on") {
                world.sink.clear()
                try await eventually("there is a report") { world.sink.has("\(open) new") }
                return world.sink.value("\(open) new") == 0
            }
            #expect(world.sink.value("\(open) old") == 1, "what is in flight is told")
            slow.close()
            try await eventually("its end is counted") {
                world.sink.value("traefik_service_requests_total 499 GET http old") == 1
            }
            #expect(world.sink.value("\(open) old") == 0)
            for _ in 0..<3 {
                world.sink.clear()
                try await eventually("there is a report") { world.sink.has("\(open) new") }
            }
            #expect(!world.sink.has("\(open) old"), "nothing is told of a service that is gone")
        }
        await backend.stop()
    }

    @Test func requestsAreSharedOutEvenly() async throws {
        let backends = [Backend(), Backend(), Backend()]
        var ports: [Int] = []
        for backend in backends { ports.append(try await backend.start()) }
        try await ProxyWorld.run(to: ports) { world in
            for _ in 0..<30 { _ = try await world.get() }
            #expect(backends.map(\.requests.count) == [10, 10, 10])
        }
        for backend in backends { await backend.stop() }
    }

    @Test func durationsAndBytesAreCounted() async throws {
        let backend = Backend()
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port]) { world in
            _ = try await world.exchange(
                "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody")
            for method in ["PURGE", "BREW"] {
                _ = try await world.exchange("\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            }
            try await eventually("they are counted") {
                world.sink.value("traefik_service_requests_total 200 POST http web") == 1
                    && world.sink.value("traefik_service_requests_bytes_total 200 POST http web") == 4
                    && world.sink.value("traefik_service_request_duration_seconds 200 POST http web") == 1
                    && world.sink.value("traefik_entrypoint_requests_total 200 EXTENSION_METHOD http http") == 2
            }
        }
        await backend.stop()
    }
}
