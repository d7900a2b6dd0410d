import ClusterKit
import Testing

@testable import ClusterEdge

/// What happens when an answer is too long for a datagram.
struct DNSSizeTests {
    private static let count = 200
    private let zone = DNSZone.of(
        (0..<count).map {
            instance("many", $0, node: "node\($0)", nodeAddress: "10.1.\($0 / 250).\($0 % 250 + 1)", port: 20000 + $0)
        })

    @Test(arguments: [
        (UInt16?.none, 512), (UInt16?(0), 512), (512, 512), (700, 700), (1232, 1232), (4096, 1232), (65535, 1232),
    ]) func datagramsAreCutAndSaySo(_ payload: UInt16?, _ limit: Int) throws {
        for type: UInt16 in [1, 33] {
            let query = TestQuery("many.service.consul", type, payload: payload)
            let answer = try #require(zone?.reply(to: query))
            #expect(answer.isTruncated && answer.size <= limit)
            // As full as can be: not even one more record fits, nor is a record cut.
            let longest = type == 1 ? 16 : 60
            #expect(answer.size > limit - longest && !answer.answers.isEmpty)
            #expect(answer.additions.map(\.type) == (payload == nil ? [] : [41]))
        }
    }

    @Test func streamsAreComplete() throws {
        for type: UInt16 in [1, 33] {
            let answer = try #require(zone?.reply(to: TestQuery("many.service.consul", type), over: .tcp))
            #expect(!answer.isTruncated && Set(answer.answers).count == Self.count)
            #expect(answer.additions.count == (type == 33 ? Self.count : 0))
            let targets = Set(answer.answers.compactMap { $0.text.split(separator: " ").last.map(String.init) })
            #expect(type == 1 || Set(answer.additions.map(\.name)) == targets)
        }
    }

    /// Which records a cut answer holds differs from turn to turn, so that all of them are reached.
    @Test func everyInstanceIsGivenToSomebody() throws {
        var seen: Set<String> = []
        for turn in 0..<300 {
            seen.formUnion(zone?.reply(to: TestQuery("many.service.consul"), turn: UInt64(turn))?.texts ?? [])
        }
        #expect(seen.count == Self.count)
    }

    /// An answer of 64 KiB and more is cut over TCP as well; pointers do not reach all of its records.
    @Test func tooManyForAStream() throws {
        let zone = DNSZone.of(
            (0..<1700).map { instance("huge", $0, node: "n\($0)", nodeAddress: "10.1.\($0 / 250).\($0 % 250 + 1)") })
        let answer = try #require(zone?.reply(to: TestQuery("huge.service.consul", 33, payload: 1232), over: .tcp))
        #expect(answer.isTruncated && answer.size <= 65535 && answer.answers.count > 1000)
        let some = DNSZone.of(
            (0..<500).map { instance("huge", $0, node: "n\($0)", nodeAddress: "10.1.\($0 / 250).\($0 % 250 + 1)") })
        let whole = try #require(some?.reply(to: TestQuery("huge.service.consul", 33), over: .tcp))
        #expect(!whole.isTruncated && whole.answers.count == 500)
        #expect(Set(whole.additions.map(\.name)).count == whole.additions.count && whole.additions.count > 300)
    }

    /// Only addresses that belong to targets are missing: that is no cut answer.
    @Test func missingAddressesAreNoTruncation() throws {
        let zone = DNSZone.of(
            (0..<9).map { instance("few", $0, node: "node\($0)", nodeAddress: "10.1.0.\($0 + 1)") })
        let answer = try #require(zone?.reply(to: TestQuery("few.service.consul", 33)))
        #expect(!answer.isTruncated && answer.answers.count == 9 && answer.additions.count < 9)
        let roomy = try #require(zone?.reply(to: TestQuery("few.service.consul", 33, payload: 1232)))
        #expect(roomy.additions.count == 10)
    }

    /// Whatever the catalog holds, what is answered over TCP is what the catalog says.
    @Test func whatIsAskedIsWhatIsThere() throws {
        var entropy = Entropy(seed: 53)
        for round in 0..<100 {
            let all = (0..<Int(entropy.next() % 20)).map { number in
                let host = entropy.next() % 5
                let tags = (0..<(entropy.next() % 3)).map { "t\($0)" }
                let health = CheckHealth.allWords[Int(entropy.next() % 3)]
                return instance(
                    "s\(entropy.next() % 4)", number, node: "n\(host)", datacenter: "dc\(host % 2)",
                    nodeAddress: "10.0.0.\(host)", address: host == 4 ? "fd00::\(number)" : nil,
                    port: Int(entropy.next() % 65536), tags: tags, health: health)
            }
            let zone = try #require(DNSZone.of(all))
            for service in 0..<4 {
                for (prefix, tag) in [("", String?.none), ("t0.", "t0"), ("t1.", "t1")] {
                    let expected = all.filter {
                        $0.name == "s\(service)" && $0.health > .critical && (tag.map($0.tags.contains) ?? true)
                    }
                    let query = TestQuery("\(prefix)s\(service).service.consul", 33)
                    let answer = try #require(zone.reply(to: query, over: .tcp, turn: entropy.next()))
                    let ports = answer.answers.compactMap { $0.text.split(separator: " ").dropFirst(2).first }
                    #expect(Set(ports.map(String.init)) == Set(expected.map { "\($0.port)" }), "round \(round)")
                    #expect((answer.code == 3) == expected.isEmpty)
                }
            }
        }
    }
}

extension CheckHealth {
    static let allWords: [CheckHealth] = [.critical, .warning, .passing]
}
