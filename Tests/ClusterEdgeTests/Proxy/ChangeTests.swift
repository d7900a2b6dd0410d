import ClusterEdge
import ClusterKit
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Testing

/// Instances come and go while clients ask.
@Suite(.serialized) struct ChangeTests {
    private static let clients = 16
    private static let requests = 320

    /// Two in three may be repeated, the third may not.
    private static func request(_ number: Int) -> String {
        number % 3 == 0
            ? "POST /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            : "GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    private static func backend() -> Backend { Backend { .later(Backend.ok("hello"), $0.line.count % 2 == 0 ? 1 : 3) } }

    @Test func aRollingReplacementFailsNoRequest() async throws {
        var backends = [Self.backend(), Self.backend()]
        var ports: [Int] = []
        for backend in backends { ports.append(try await backend.start()) }
        let all = try await ProxyWorld.result([.to(ports)]) { world in
            let isDone = Flag()
            async let load = LoadClient.run(
                Self.clients, each: Self.requests, until: isDone, to: world.port, expecting: "hello", Self.request)
            defer { isDone.set() }
            for round in 0..<8 {
                let place = round % 2
                let (old, new) = (backends[place], Self.backend())
                let served = old.requests.count
                try await eventually("it has work") { old.requests.count > served + 20 }
                ports[place] = try await new.start()
                try await world.registry.serve([.to(ports)])
                try await old.retire()
                backends[place] = new
            }
            isDone.set()
            return try await load
        }
        #expect(all.good == all.sent && all.good >= 5000)
        #expect(all.bad.isEmpty, "\(all.bad.prefix(3)), \(all.bad.count) in all")
        for backend in backends { await backend.stop() }
    }

    @Test func aKilledInstanceFailsOnlyWhatWasInFlightToIt() async throws {
        let (victim, other) = (Self.backend(), Self.backend())
        let ports = [try await victim.start(), try await other.start()]
        let all = try await ProxyWorld.result([.to(ports)]) { world in
            let isDone = Flag()
            async let load = LoadClient.run(
                Self.clients, each: Self.requests, until: isDone, to: world.port, expecting: "hello", Self.request)
            defer { isDone.set() }
            try await eventually("it has work") { victim.requests.count > 300 }
            await victim.stop()
            isDone.set()
            return try await load
        }
        #expect(all.good + all.bad.count == all.sent && all.sent >= 5000)
        // No client has more than one request in flight, and about half of those go to the other instance.
        #expect(all.bad.count <= Self.clients, "\(all.bad.prefix(3)), \(all.bad.count) in all")
        #expect(all.bad.allSatisfy { $0.hasPrefix("HTTP/1.1 502 ") || $0.hasPrefix("closed") }, "\(all.bad)")
        await other.stop()
    }

    /// It answers early and closes, with input unread: the answer arrives together with a reset.
    @Test func anEarlyAnswerBeforeAResetArrives() async throws {
        let server = try await RudeServer.start("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno")
        try await ProxyWorld.run(to: [server.port]) { world in
            for _ in 0..<20 {
                let client = try await world.client()
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nabc")
                for _ in 0..<40 where !client.isClosed { try? await client.send([UInt8](repeating: 120, count: 65536)) }
                try await expectStatus("413", client.readToEnd())
                client.close()
            }
        }
        await server.stop()
    }

    @Test func whoLeavesIsNotWaitedFor() async throws {
        let backend = Backend { $0.line.contains("/late") ? .later(Backend.ok("late"), 50) : .nothing }
        let port = try await backend.start()
        try await ProxyWorld.run(to: [port], configure: { $0.lingerTimeout = .seconds(3) }) { world in
            // Who ends only its own side is answered, when the instance does not take long.
            let half = try await world.client()
            try await half.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
            try await half.endOutput()
            #expect(try await half.readToEnd().hasSuffix("late"))
            half.close()
            let gone = try await world.client()
            try await gone.send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it is there") { backend.requests.count == 2 }
            gone.close()
            try await eventually("it is counted") {
                world.sink.value("traefik_service_requests_total 499 GET http web") == 1
            }
            try await eventually("the instance is told") { backend.open <= 1 }
        }
        await backend.stop()
    }

    @Test func shutdownEndsWhatIsInFlight() async throws {
        let backend = Backend { $0.line.contains("/late") ? .later(Backend.ok("late"), 3000) : .send(Backend.ok("hi")) }
        let port = try await backend.start()
        var configuration = ProxyConfiguration(port: 0)
        configuration.eventLoops = 2
        configuration.tick = .milliseconds(10)
        let registry = TestRegistry([.to([port])])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let proxy = Proxy(registry: registry, configuration: configuration, makeTable: { _ in registry.table })
        let services = ServiceGroup(services: [proxy], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let port = try #require(await proxy.port)
            let (idle, busy) = (try await RawClient.connect(to: port), try await RawClient.connect(to: port))
            try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await idle.read { $0.hasSuffix("hi") }
            try await busy.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it is there") { backend.requests.count == 2 }
            await services.triggerGracefulShutdown()
            _ = try await idle.readToEnd()
            #expect(busy.count == 0, "idle connections go first")
            try await eventually("nobody listens") { (try? await RawClient.connect(to: port)) == nil }
            let answer = try await busy.readToEnd()
            #expect(answer.hasSuffix("late") && answer.contains("Connection: close"), "\(answer)")
            for client in [idle, busy] { client.close() }
            try await group.waitForAll()
        }
        try await eventually("no connection is left") { backend.open == 0 }
        await backend.stop()
    }

    @Test func shutdownWaitsForNobodyWhoAsksNothing() async throws {
        let backend = Backend()
        let port = try await backend.start()
        var configuration = ProxyConfiguration(port: 0)
        configuration.eventLoops = 1
        configuration.headTimeout = .seconds(3600)
        configuration.lingerTimeout = .seconds(3600)
        configuration.shutdownTimeout = .seconds(3600)
        let registry = TestRegistry([.to([port])])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let proxy = Proxy(registry: registry, configuration: configuration, makeTable: { _ in registry.table })
        let services = ServiceGroup(services: [proxy], logger: logger)
        let ended = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await services.run()
                ended.add(1)
            }
            let port = try #require(await proxy.port)
            let (half, refused) = (try await RawClient.connect(to: port), try await RawClient.connect(to: port))
            // The head comes together with a request that is answered, so it was read when the answer is there.
            try await half.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /half HT")
            try await half.read { $0.hasSuffix("hello") }
            // It has its answer, and leaves its own side open.
            try await refused.send("\u{16}")
            try await expectStatus("400", refused.readToEnd())
            await services.triggerGracefulShutdown()
            try await eventually("the proxy ends") { ended.value == 1 }
            #expect(try await half.readToEnd().hasSuffix("hello"), "no answer to half a request")
            for client in [half, refused] { client.close() }
        }
        await backend.stop()
    }
}
