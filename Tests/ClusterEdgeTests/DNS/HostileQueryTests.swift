import ClusterKit
import Testing

@testable import ClusterEdge

/// What strangers send: no bytes at all may stop the server or make it say more than little.
struct HostileQueryTests {
    private static let good = TestQuery("web.service.consul").bytes
    private static let name = TestQuery.wire("web.service.consul")
    private let zone = DNSZone.of([instance("web", 1, tags: ["primary"])], hosts: [host("node1", "10.0.0.1")])

    /// A packet and the code of its answer; `nil` for silence.
    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var bytes: [UInt8]
        var code: UInt16?
        var testDescription: String { what }

        init(_ what: String, _ bytes: [UInt8], _ code: UInt16?) {
            self.what = what
            self.bytes = bytes
            self.code = code
        }
    }

    private static func header(_ flags: UInt16, _ counts: UInt16...) -> [UInt8] {
        ([0x1234, flags] + counts).flatMap(TestQuery.pair)
    }

    private static func asked(_ name: [UInt8], _ rest: [UInt8] = []) -> [UInt8] {
        header(0x0100, 1, 0, 0, rest.isEmpty ? 0 : 1) + name + [0, 1, 0, 1] + rest
    }

    private static func patched(_ offset: Int, _ value: UInt8) -> [UInt8] {
        var bytes = good
        bytes[offset] = value
        return bytes
    }

    static let rows: [Row] =
        (0..<12).map { Row("only \($0) bytes of the header", Array(good.prefix($0)), nil) }
        + [12, 13, 16, 20, good.count - 5, good.count - 4, good.count - 3, good.count - 1].map {
            Row("cut after \($0) bytes", Array(good.prefix($0)), 1)
        }
        + [
            Row("an answer", patched(2, 0x81), nil),
            Row("an answer without content", header(0x8000, 0, 0, 0, 0), nil),
            Row("a header of ones", [UInt8](repeating: 0xff, count: 12), nil),
            Row("no question", header(0x0100, 0, 0, 0, 0), 1),
            Row("two questions", header(0x0100, 2, 0, 0, 0) + good[12...] + good[12...], 1),
            Row("65535 questions", header(0x0100, 65535, 0, 0, 0) + good[12...], 1),
            Row("an answer in a question", header(0x0100, 1, 1, 0, 0) + good[12...], 1),
            Row("an authority in a question", header(0x0100, 1, 0, 1, 0) + good[12...], 1),
            Row("65535 additional records that are not there", header(0x0100, 1, 0, 0, 65535) + good[12...], 1),
            Row("bytes behind the question", good + [0], 1),
            Row("a status request", header(0x1000, 1, 0, 0, 0) + good[12...], 4),
            Row("a notification", header(0x2400, 1, 0, 0, 0) + good[12...], 4),
            Row("an update", header(0x2800, 1, 0, 0, 0) + good[12...], 4),
            Row("operation 15", header(0x7800, 0, 0, 0, 0), 4),
            Row("a name that points to itself", asked([0xc0, 12]), 1),
            Row("a name that points forward", asked([0xc0, 30]), 1),
            Row("a name that points into the header", asked([0xc0, 0]), 1),
            Row("a label and a pointer to it", asked([1, 97, 0xc0, 12]), 1),
            Row("half a pointer", header(0x0100, 1, 0, 0, 0) + [0xc0], 1),
            Row("a label of kind 01", asked([0x41, 1] + name), 1),
            Row("a label of kind 10", asked([0x80, 1] + name), 1),
            Row("a label that goes beyond the packet", header(0x0100, 1, 0, 0, 0) + [63, 97, 98], 1),
            Row(
                "a name of 256 bytes",
                asked([UInt8]([UInt8](repeating: 1, count: 1) + [97]).repeated(127) + [1, 97, 0]), 1),
            Row("a name without end", header(0x0100, 1, 0, 0, 0) + [1, 97].repeated(400), 1),
            Row("class chaos", TestQuery("version.bind", 16).with { $0.class = 3 }.bytes, 5),
            Row("any class", TestQuery("web.service.consul").with { $0.class = 255 }.bytes, 5),
            Row("class 0", TestQuery("web.service.consul").with { $0.class = 0 }.bytes, 5),
            Row("a transfer", TestQuery("consul", 252).bytes, 5),
            Row("type 0", TestQuery("web.service.consul", 0).bytes, 0),
            Row("type 65535", TestQuery("web.service.consul", 65535).bytes, 0),
            Row("OPT as a type", TestQuery("web.service.consul", 41).bytes, 0),
            Row("version 1 of EDNS", TestQuery("web.service.consul", payload: 1232).with { $0.version = 1 }.bytes, 16),
            Row("version 255 of EDNS", TestQuery("x.org", payload: 0).with { $0.version = 255 }.bytes, 16),
            Row("an OPT record cut short", Array(TestQuery("web.service.consul", payload: 1232).bytes.dropLast(3)), 1),
            Row(
                "an OPT record whose options go beyond the packet",
                Array(TestQuery("web.service.consul", payload: 1232).bytes.dropLast(2)) + [255, 255], 1),
            Row(
                "two OPT records",
                header(0x0100, 1, 0, 0, 2) + good[12...] + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0].repeated(2), 1),
            Row("an OPT record with a name", asked(name, [1, 97, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]), 1),
            Row("an additional name that points to itself", asked(name, [0xc0, 36, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]), 1),
            Row("an additional name that points forward", asked(name, [0xc0, 60, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]), 1),
            Row("an additional name that is fine", asked(name, [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]), 0),
            Row("a name of zeros within", asked([3, 0, 0, 0] + TestQuery.wire("service.consul")), 3),
            Row("a name of signs", asked([4, 46, 92, 34, 255] + TestQuery.wire("service.consul")), 3),
            Row("an empty datagram", [], nil),
            Row("64 KiB of zeros", [UInt8](repeating: 0, count: 65535), 1),
            Row("64 KiB of ones", [UInt8](repeating: 0xff, count: 65535), nil),
        ]

    @Test(arguments: rows) func isRefusedOrNotAnswered(_ row: Row) throws {
        for transport in DNSTransport.allCases {
            let bytes = zone?.bytes(for: row.bytes, over: transport)
            guard let code = row.code else {
                #expect(bytes == nil)
                continue
            }
            let answer = try #require(bytes.flatMap { TestAnswer($0) })
            #expect(answer.code == code && answer.id == UInt16(row.bytes[0]) << 8 | UInt16(row.bytes[1]))
            #expect(answer.answers.isEmpty || code == 0)
        }
        #expect(zone?.reply(to: TestQuery("web.service.consul"))?.texts == ["10.0.0.1"])
    }

    @Test func additionalNamesMayPointSoOftenOnly() {
        // Each record's name points to the name of the record before it.
        func chain(_ length: Int) -> [UInt8] {
            var bytes = Self.header(0x0100, 1, 0, 0, UInt16(length)) + Self.good[12...]
            var previous = 12
            for _ in 0..<length {
                let start = bytes.count
                bytes += TestQuery.pair(0xc000 | UInt16(previous)) + [0, 1, 0, 1, 0, 0, 0, 0, 0, 0]
                previous = start
            }
            return bytes
        }
        #expect(zone?.bytes(for: chain(16)).flatMap { TestAnswer($0) }?.code == 0)
        #expect(zone?.bytes(for: chain(17)).flatMap { TestAnswer($0) }?.code == 1)
    }

    /// Whatever comes: silence or a well-formed answer with the query's identifier, within the limit.
    @Test func anyChangeOfAQueryIsSurvived() throws {
        let zone = try #require(zone)
        let seeds = [
            TestQuery("web.service.consul").bytes, TestQuery("_web._tcp.service.consul", 33, payload: 4096).bytes,
            TestQuery("c0000201.addr.consul", 1, payload: 512).bytes, TestQuery("nothing.consul", 255).bytes,
            TestQuery("1.0.0.10.in-addr.arpa", 12, payload: 1232).bytes,
        ]
        let seed: UInt64 = 0xd15
        var entropy = Entropy(seed: seed)
        var memory = [UInt8](repeating: 0, count: DNSTransport.datagramLimit)
        var codes: Set<UInt16> = []
        for round in 0..<100_000 {
            var bytes = seeds[Int(entropy.next() % 5)]
            for _ in 0...(entropy.next() % 4) {
                let place = Int(entropy.next() % UInt64(max(1, bytes.count)))
                switch entropy.next() % 8 {
                case 0: bytes = Array(bytes.prefix(place))
                case 1: bytes.insert(UInt8(truncatingIfNeeded: entropy.next()), at: min(place, bytes.count))
                case 2 where !bytes.isEmpty: bytes.remove(at: place)
                case 3: bytes += bytes.prefix(place)
                default:
                    if !bytes.isEmpty { bytes[place] = UInt8(truncatingIfNeeded: entropy.next()) }
                }
            }
            let outcome = bytes.withUnsafeBytes { query in
                memory.withUnsafeMutableBytes { zone.answer(query, over: .udp, turn: UInt64(round), into: $0) }
            }
            guard outcome.length > 0 else {
                #expect(bytes.count < 12 || bytes[2] & 0x80 != 0, "seed \(seed), round \(round): \(bytes)")
                continue
            }
            codes.insert(outcome.code.rawValue)
            // Reading all answers takes longer than giving them.
            guard round % 10 == 0 else { continue }
            let answer = TestAnswer(Array(memory.prefix(outcome.length)))
            #expect(answer?.code == outcome.code.rawValue, "seed \(seed), round \(round): \(bytes)")
            #expect(answer?.id == UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
        }
        #expect(codes.isSuperset(of: [0, 1, 3, 4, 5, 16]), "the changes reach every way out: \(codes)")
    }

    /// An open server must not be worth much to who sends in another's name.
    @Test func smallQueriesGetSmallAnswers() throws {
        let names = ["web.service.consul", "none.service.consul", "consul", "service.consul", "example.org"]
        var (asked, answered) = (0, 0)
        for name in names {
            for type: UInt16 in [1, 28, 33, 255, 6, 16] {
                let query = TestQuery(name, type, payload: 4096).bytes
                asked += query.count
                answered += zone?.bytes(for: query)?.count ?? 0
            }
        }
        #expect(Double(answered) <= 3 * Double(asked), "\(answered) bytes for \(asked)")
    }
}

extension TestQuery {
    func with(_ change: (inout TestQuery) -> Void) -> TestQuery {
        var query = self
        change(&query)
        return query
    }
}

extension [UInt8] {
    func repeated(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in self } }
}
