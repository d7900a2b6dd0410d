import ClusterKit
import Testing

@testable import ClusterEdge

/// What is answered, as a pure function of catalog and question.
struct DNSAnswerTests {
    private let zone = DNSZone.of(
        [
            instance("web", 1, port: 8081, tags: ["primary", "v1.2"]),
            instance("web", 2, node: "node2", nodeAddress: "10.0.0.2", port: 8082, tags: ["Secondary"]),
            instance("web", 3, node: "far", datacenter: "dc2", nodeAddress: "10.2.0.1", port: 8083, health: .warning),
            instance("web", 4, node: "node4", nodeAddress: "10.0.0.4", port: 8084, health: .critical),
            instance("six", 1, address: "2001:db8::1", port: 53),
            instance("own", 1, address: "192.0.2.7", port: 80),
            instance("down", 1, health: .critical),
            instance("twice", 1, port: 1), instance("twice", 2, port: 2),
        ],
        hosts: [
            host("node1", "10.0.0.1", meta: ["rack": "7", "color": "blue"]), host("node2", "10.0.0.2"),
            host("far", "10.2.0.1", datacenter: "dc2"), host("build.example.org", "10.0.0.9"),
            host("v6", "fd00::9"), host("both", "10.1.1.1"), host("both", "10.2.1.1", datacenter: "dc2"),
        ])

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var type: UInt16
        var code: UInt16 = 0
        var answers: [String]
        var testDescription: String { "\(name) \(type)" }
    }

    static let rows: [Row] = [
        // By name; failing instances are left out, those that warn are not.
        Row(name: "web.service.consul", type: 1, answers: ["10.0.0.1", "10.0.0.2", "10.2.0.1"]),
        Row(name: "WEB.Service.CONSUL", type: 1, answers: ["10.0.0.1", "10.0.0.2", "10.2.0.1"]),
        Row(name: "web.service.dc1.consul", type: 1, answers: ["10.0.0.1", "10.0.0.2"]),
        Row(name: "web.service.dc2.consul", type: 1, answers: ["10.2.0.1"]),
        Row(name: "web.service.dc3.consul", type: 1, code: 3, answers: []),
        Row(name: "web.service.consul", type: 28, answers: []),
        Row(name: "six.service.consul", type: 28, answers: ["20 1 d b8 0 0 0 0 0 0 0 0 0 0 0 1"]),
        Row(name: "six.service.consul", type: 1, answers: []),
        Row(name: "twice.service.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "down.service.consul", type: 1, code: 3, answers: []),
        Row(name: "nowhere.service.consul", type: 1, code: 3, answers: []),
        // By tag, blind to case; a tag may hold dots.
        Row(name: "primary.web.service.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "secondary.web.service.consul", type: 1, answers: ["10.0.0.2"]),
        Row(name: "primary.web.service.dc1.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "primary.web.service.dc2.consul", type: 1, code: 3, answers: []),
        Row(name: "v1.2.web.service.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "2.web.service.consul", type: 1, answers: []),
        Row(name: "none.web.service.consul", type: 1, code: 3, answers: []),
        // Where exactly.
        Row(
            name: "web.service.dc1.consul", type: 33,
            answers: ["1 1 8081 node1.node.dc1.consul", "1 1 8082 node2.node.dc1.consul"]),
        Row(name: "own.service.consul", type: 33, answers: ["1 1 80 c0000207.addr.dc1.consul"]),
        Row(
            name: "six.service.consul", type: 33,
            answers: ["1 1 53 20010db8000000000000000000000001.addr.dc1.consul"]),
        Row(
            name: "_twice._tcp.service.consul", type: 33,
            answers: ["1 1 1 node1.node.dc1.consul", "1 1 2 node1.node.dc1.consul"]),
        Row(name: "_web._udp.service.dc2.consul", type: 33, answers: ["1 1 8083 far.node.dc2.consul"]),
        Row(name: "_web._primary.service.consul", type: 33, answers: ["1 1 8081 node1.node.dc1.consul"]),
        Row(name: "_web._other.service.consul", type: 33, code: 3, answers: []),
        Row(name: "_web._primary.service.consul", type: 1, answers: ["10.0.0.1"]),
        // Machines.
        Row(name: "node1.node.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "node1.node.consul", type: 28, answers: []),
        Row(name: "node1.node.dc1.consul", type: 1, answers: ["10.0.0.1"]),
        Row(name: "node1.node.dc2.consul", type: 1, code: 3, answers: []),
        Row(name: "both.node.consul", type: 1, answers: ["10.1.1.1", "10.2.1.1"]),
        Row(name: "both.node.dc2.consul", type: 1, answers: ["10.2.1.1"]),
        Row(name: "node1.node.consul", type: 16, answers: ["color=blue", "rack=7"]),
        Row(name: "build.example.org.node.consul", type: 1, answers: ["10.0.0.9"]),
        Row(name: "v6.node.consul", type: 28, answers: ["fd 0 0 0 0 0 0 0 0 0 0 0 0 0 0 9"]),
        // Addresses.
        Row(name: "0a00000b.addr.consul", type: 1, answers: ["10.0.0.11"]),
        Row(name: "C0000207.addr.DC1.consul", type: 1, answers: ["192.0.2.7"]),
        Row(name: "c0000207.addr.dc1.consul", type: 28, answers: []),
        Row(name: "c0000207.addr.dc9.consul", type: 1, code: 3, answers: []),
        Row(name: "c000020g.addr.consul", type: 1, code: 3, answers: []),
        Row(name: "c00002.addr.consul", type: 1, code: 3, answers: []),
        Row(
            name: "20010db8000000000000000000000001.addr.consul", type: 28,
            answers: ["20 1 d b8 0 0 0 0 0 0 0 0 0 0 0 1"]),
        // Names that only have others below them exist: a resolver that asks for them first goes on.
        Row(name: "service.consul", type: 1, answers: []), Row(name: "dc2.consul", type: 1, answers: []),
        Row(name: "node.dc2.consul", type: 1, answers: []), Row(name: "_tcp.service.consul", type: 33, answers: []),
        Row(name: "example.org.node.consul", type: 1, answers: []),
        // The zone itself.
        Row(name: "consul", type: 2, answers: ["ns.consul"]),
        Row(name: "consul", type: 6, answers: ["ns.consul hostmaster.consul [0, 0, 0, 0]"]),
        Row(name: "consul", type: 1, answers: []), Row(name: "ns.consul", type: 1, answers: ["127.0.0.1"]),
        // Whose an address is.
        Row(name: "1.0.0.10.in-addr.arpa", type: 12, answers: ["node1.node.dc1.consul"]),
        Row(name: "7.2.0.192.in-addr.arpa", type: 12, answers: ["own.service.consul"]),
        Row(
            name: "9.0.0.0." + String(repeating: "0.", count: 24) + "0.0.d.f.ip6.arpa", type: 12,
            answers: ["v6.node.dc1.consul"]),
        // What is none of ours.
        Row(name: "example.org", type: 1, code: 5, answers: []), Row(name: "", type: 2, code: 5, answers: []),
        Row(name: "notconsul", type: 1, code: 5, answers: []),
        Row(name: "1.1.1.1.in-addr.arpa", type: 12, code: 5, answers: []),
        Row(name: "web.service.consul.example.org", type: 1, code: 5, answers: []),
        Row(name: "consul", type: 252, code: 5, answers: []), Row(name: "consul", type: 251, code: 5, answers: []),
    ]

    @Test(arguments: rows) func answers(_ row: Row) throws {
        for transport in DNSTransport.allCases {
            let answer = try #require(zone?.reply(to: TestQuery(row.name, row.type, payload: 1232), over: transport))
            #expect(answer.code == row.code)
            #expect(answer.texts == row.answers)
            #expect(answer.id == 0x1234 && answer.flags & 0x8000 != 0 && answer.flags & 0x0080 == 0)
            #expect(answer.question == row.name, "the question comes back as asked")
            #expect(answer.answers.allSatisfy { $0.name == row.name && $0.timeToLive == 0 })
            let isOurs = row.code != 5
            #expect(answer.isAuthoritative == isOurs)
            // Whoever gets nothing learns who has the authority, and that nothing is to be remembered.
            let isNegative = isOurs && row.answers.isEmpty
            #expect(answer.authorities.map(\.type) == (isNegative ? [6] : []))
            for record in answer.authorities {
                #expect(record.name.lowercased() == "consul" && record.timeToLive == 0)
                #expect(record.data.suffix(4) == [0, 0, 0, 0])
                #expect(record.text.lowercased().hasPrefix("ns.consul hostmaster.consul"))
            }
        }
    }

    @Test func targetsComeWithTheirAddressesOnce() throws {
        let twice = try #require(zone?.reply(to: TestQuery("twice.service.consul", 33)))
        #expect(twice.additions.map { "\($0.name) \($0.text)" } == ["node1.node.dc1.consul 10.0.0.1"])
        for turn in 0..<20 {
            let web = try #require(zone?.reply(to: TestQuery("web.service.consul", 33), turn: UInt64(turn)))
            #expect(
                Set(web.additions.map { "\($0.name) \($0.text)" }) == [
                    "node1.node.dc1.consul 10.0.0.1", "node2.node.dc1.consul 10.0.0.2", "far.node.dc2.consul 10.2.0.1",
                ])
            #expect(web.additions.count == 3)
        }
    }

    @Test func everyInstanceComesFirstAboutEquallyOften() throws {
        var first: [String: Int] = [:]
        // Every other turn, as a client takes that asks for A and AAAA each time.
        for turn in stride(from: UInt64(0), to: 6000, by: 2) {
            let answer = try #require(zone?.reply(to: TestQuery("web.service.consul"), turn: turn))
            first[answer.answers[0].text, default: 0] += 1
        }
        #expect(first.count == 3 && first.values.allSatisfy { (800...1200).contains($0) }, "\(first)")
    }

    @Test func warningInstancesAreLeftOutWhenAsked() throws {
        var configuration = DNSConfiguration()
        configuration.onlyPassing = true
        configuration.timeToLive = .seconds(5)
        let zone = DNSZone.of(
            [instance("web", 1), instance("web", 2, nodeAddress: "10.0.0.2", health: .warning)],
            configuration: configuration)
        let answer = try #require(zone?.reply(to: TestQuery("web.service.consul")))
        #expect(answer.texts == ["10.0.0.1"])
        #expect(answer.answers.map(\.timeToLive) == [5])
    }

    @Test func anyIsRefusedPolitelyInDatagramsAndCompleteOverStreams() throws {
        let small = try #require(zone?.reply(to: TestQuery("web.service.consul", 255)))
        #expect(small.answers.map(\.type) == [13])
        let whole = try #require(zone?.reply(to: TestQuery("web.service.dc1.consul", 255), over: .tcp))
        #expect(whole.answers.map(\.type).sorted() == [1, 1, 33, 33])
        let empty = try #require(zone?.reply(to: TestQuery("service.consul", 255)))
        #expect(empty.answers.isEmpty && empty.authorities.count == 1)
    }

    @Test func beforeTheFirstCatalogNothingIsDenied() throws {
        let zone = try #require(DNSZoneBuilder(DNSConfiguration())).unknown
        let answer = try #require(zone.reply(to: TestQuery("web.service.consul")))
        #expect(answer.code == 2 && answer.authorities.isEmpty)
        #expect(zone.reply(to: TestQuery("example.org"))?.code == 5)
    }

    @Test func anotherDomainMayBeServed() throws {
        var configuration = DNSConfiguration()
        configuration.domain = "Cluster.example.org"
        let zone = DNSZone.of([instance("web", 1)], configuration: configuration)
        #expect(zone?.reply(to: TestQuery("web.service.cluster.example.org"))?.texts == ["10.0.0.1"])
        #expect(zone?.reply(to: TestQuery("no.service.cluster.example.org"))?.code == 3)
        #expect(zone?.reply(to: TestQuery("example.org"))?.code == 5)
        #expect(zone?.reply(to: TestQuery("web.service.consul"))?.code == 5)
        for bad in ["", "a..b", ".", String(repeating: "x", count: 64), "a b"] {
            configuration.domain = bad
            #expect(DNSZoneBuilder(configuration) == nil, "\(bad)")
        }
    }

    @Test func servicesThatNobodyCouldAskForHarmNoOthers() throws {
        let zone = DNSZone.of([
            instance("with space", 1), instance("with.dot", 1), instance("_under", 1), instance("", 1),
            instance("ä", 1), instance(String(repeating: "l", count: 64), 1),
            instance("odd", 1, node: "no de", address: "localhost", port: 70000, tags: ["", ".", "a b", "x..y"]),
            instance("web", 1),
        ])
        #expect(zone?.reply(to: TestQuery("web.service.consul"))?.texts == ["10.0.0.1"])
        #expect(zone?.reply(to: TestQuery("dot.service.consul"))?.code == 3)
        let odd = try #require(zone?.reply(to: TestQuery("odd.service.consul")))
        #expect(odd.code == 0 && odd.answers.isEmpty)
    }
}
