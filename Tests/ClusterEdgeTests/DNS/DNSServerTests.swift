import ClusterEdge
import ClusterKit
import NIOCore
import NIOPosix
import Testing

/// The server as clients meet it, over sockets.
@Suite(.timeLimit(.minutes(10))) struct DNSServerTests {
    private static let catalog = ServiceCatalog(
        instances: [instance("web", 1), instance("web", 2, nodeAddress: "10.0.0.2")], hosts: [host("node1", "10.0.0.1")]
    )

    @Test func answersOverBothTransports() async throws {
        try await withServer(ScriptedRegistry(Self.catalog)) { port in
            let udp = try await DatagramClient(port)
            let tcp = try await StreamClient(port)
            for _ in 0..<50 {
                #expect(try await udp.ask(TestQuery("web.service.consul"))?.texts == ["10.0.0.1", "10.0.0.2"])
                #expect(try await tcp.ask(TestQuery("web.service.consul"))?.texts == ["10.0.0.1", "10.0.0.2"])
            }
            try await tcp.close()
            try await udp.close()
        }
    }

    @Test func queriesBehindEachOtherAreAnsweredInOrder() async throws {
        let many = ServiceCatalog(
            instances: (0..<200).map { instance("many", $0, node: "n\($0)", nodeAddress: "10.0.0.\($0)") })
        try await withServer(ScriptedRegistry(many)) { port in
            let client = try await StreamClient(port)
            // So many that the answers, 8 KiB each, do not fit into the buffers between the two.
            let bytes = (0..<500).flatMap { number in
                let query = TestQuery("many.service.consul", 33).with { $0.id = UInt16(number) }.bytes
                return TestQuery.pair(UInt16(query.count)) + query
            }
            try await client.send(bytes)
            for number in 0..<500 {
                let answer = try #require(try await client.next())
                #expect(answer.id == number && answer.answers.count == 200)
            }
            // In pieces of one byte.
            let query = TestQuery("many.service.consul").bytes
            for byte in TestQuery.pair(UInt16(query.count)) + query { try await client.send([byte]) }
            #expect(try await client.next()?.answers.count == 200)
            try await client.close()
        }
    }

    @Test func malformedPacketsHarmNobody() async throws {
        try await withServer(ScriptedRegistry(Self.catalog)) { port in
            let udp = try await DatagramClient(port)
            for row in HostileQueryTests.rows where row.bytes.count < 60_000 {
                try await udp.send(row.bytes)
                // The next good query is answered, whatever became of the bad one.
                let query = TestQuery("web.service.consul").with { $0.id = 0x7777 }
                #expect(try await udp.ask(query)?.answers.count == 2, "after \(row.what)")
                let tcp = try await StreamClient(port)
                try await tcp.send(TestQuery.pair(UInt16(row.bytes.count)) + row.bytes)
                if let code = row.code {
                    #expect(try await tcp.next()?.code == code, "\(row.what)")
                } else {
                    #expect(try await tcp.next() == nil, "\(row.what)")
                }
                try? await tcp.close()
            }
            try await udp.close()
        }
    }

    @Test func slowAndSurplusConnectionsAreClosed() async throws {
        var configuration = DNSConfiguration(port: 0)
        configuration.maximumConnections = 2
        configuration.idleLimit = .seconds(4)
        let metrics = CollectedMetrics()
        try await withServer(ScriptedRegistry(Self.catalog), configuration, metrics: metrics) { port in
            func answers(_ client: StreamClient) async -> Bool {
                (try? await client.ask(TestQuery("web.service.consul"))?.code) == 0
            }
            func refused() -> Bool { metrics.total("cluster_dns_refused_connections_total") > 0 }
            // On a busy machine the first may be let go before the third comes.
            var open: [StreamClient] = []
            for _ in 0..<20 where !refused() {
                for client in open { try? await client.close() }
                open = [try await StreamClient(port), try await StreamClient(port)]
                guard await answers(open[0]), await answers(open[1]) else { continue }
                // It may be closed before this side is ready to read.
                let third = try? await StreamClient(port)
                if let third { #expect(((try? await third.next()) ?? nil) == nil, "one too many") }
                _ = await metrics.eventually(within: .seconds(5)) { _ in refused() }
            }
            #expect(refused())
            // Both have said something, but no whole query, and are closed.
            try? await open[0].send([0, 20, 1])
            #expect(try await open[0].next() == nil)
            #expect(try await open[1].next() == nil)
            try await eventually("there is room again") {
                guard let fourth = try? await StreamClient(port) else { return false }
                let isAnswered = await answers(fourth)
                try? await fourth.close()
                return isAnswered
            }
        }
    }

    @Test func nothingIsDeniedBeforeTheFirstCatalog() async throws {
        let registry = ScriptedRegistry(nil)
        try await withServer(registry) { port in
            let udp = try await DatagramClient(port)
            #expect(try await udp.ask(TestQuery("web.service.consul"))?.code == 2)
            try await udp.close()
        }
    }

    /// While catalogs change, each answer is of one catalog; when the registry is told that a catalog was taken, it is
    /// the one that is answered from.
    @Test func changesAreWholeAndDoneWhenTold() async throws {
        func catalog(_ round: Int) -> ServiceCatalog {
            ServiceCatalog(
                instances: (0..<3).map { instance("web", $0, nodeAddress: "10.0.\(round).\($0)") })
        }
        let registry = ScriptedRegistry(catalog(0))
        try await withServer(registry) { port in
            let udp = try await DatagramClient(port)
            let isDone = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let other = try await DatagramClient(port)
                    while !isDone.isSet {
                        let texts = try await other.ask(TestQuery("web.service.consul"))?.texts ?? []
                        let rounds = Set(texts.map { $0.split(separator: ".")[2] })
                        #expect(texts.count == 3 && rounds.count == 1, "\(texts)")
                    }
                    try await other.close()
                }
                for round in 1...100 {
                    await registry.publish(catalog(round))
                    let texts = try await udp.ask(TestQuery("web.service.consul"))?.texts
                    #expect(texts == (0..<3).map { "10.0.\(round).\($0)" })
                }
                isDone.set()
                try await group.waitForAll()
            }
            try await udp.close()
        }
    }

    @Test func queriesAreCounted() async throws {
        let metrics = CollectedMetrics()
        try await withServer(ScriptedRegistry(Self.catalog), metrics: metrics) { port in
            let udp = try await DatagramClient(port)
            for _ in 0..<3 { _ = try await udp.ask(TestQuery("web.service.consul")) }
            _ = try await udp.ask(TestQuery("none.service.consul", 33))
            _ = try await udp.ask(TestQuery("web.service.consul", 99).with { $0.class = 3 })
            try await udp.close()
            #expect(await metrics.eventually { $0.total("cluster_dns_queries_total") == 5 })
            let name = "cluster_dns_queries_total"
            #expect(metrics.total(name, ["udp", "A", "NOERROR"]) == 3)
            #expect(metrics.total(name, ["udp", "SRV", "NXDOMAIN"]) == 1)
            #expect(metrics.total(name, ["udp", "other", "REFUSED"]) == 1)
        }
    }

    @Test func aTakenPortIsExplained() async throws {
        try await withServer(ScriptedRegistry(Self.catalog)) { port in
            let second = DNSServer(
                registry: ScriptedRegistry(Self.catalog), configuration: DNSConfiguration(port: port))
            let error = await #expect(throws: ClusterError.self) { try await second.run() }
            #expect(error?.code == .inUse && error?.message.contains("\(port)") == true)
            #expect(await second.port == nil)
        }
        let wrong = DNSServer(
            registry: ScriptedRegistry(nil), configuration: DNSConfiguration(port: 0, domain: "no domain"))
        await #expect(throws: ClusterError.self) { try await wrong.run() }
    }
}
