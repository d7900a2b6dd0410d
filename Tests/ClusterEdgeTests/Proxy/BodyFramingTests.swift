import Testing

@testable import ClusterEdge

struct BodyFramingTests {
    /// What passes of a body that arrives in pieces of a size, and how many bytes were used.
    private func pass(_ text: String, in size: Int, keepsFraming: Bool = true) throws -> (String, Int, Bool) {
        var framing = BodyFraming.chunked(ChunkScanner())
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var used = 0
        while used < bytes.count, !framing.isDone {
            let piece = Array(bytes[used..<min(used + size, bytes.count)])
            var parts: [Range<Int>] = []
            used += try piece.withUnsafeBufferPointer {
                try framing.read($0, keepsFraming: keepsFraming, into: &parts)
            }
            for part in parts { output += piece[part] }
        }
        return (String(decoding: output, as: UTF8.self), used, framing.isDone)
    }

    private static let good: [(String, String, String)] = [
        ("0\r\n\r\n", "0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;a=b\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5;a=\"x;y\"\r\nhello\r\n00;q\r\nA: b\r\nC: d\r\n\r\n", "5\r\nhello\r\n00\r\n\r\n", "hello"),
        ("A\r\n0123456789\r\n1\r\n\n\r\n0\r\n\r\n", "A\r\n0123456789\r\n1\r\n\n\r\n0\r\n\r\n", "0123456789\n"),
    ]

    @Test(arguments: [1, 2, 3, 7, 1000]) func chunksPassInPieces(size: Int) throws {
        for (text, framed, plain) in Self.good {
            let kept = try pass(text + "GET /next", in: size)
            #expect(kept.0 == framed && kept.1 == text.utf8.count && kept.2, "\(text)")
            let bare = try pass(text + "GET /next", in: size, keepsFraming: false)
            #expect(bare.0 == plain && bare.1 == text.utf8.count && bare.2, "\(text)")
        }
    }

    @Test(arguments: [
        "\r\n", "g\r\n", "+5\r\n", "-1\r\n", "0x5\r\n", " 5\r\n", "5 \r\n", "5\n", "5;a\n", "5\r\nhelloX",
        "5\r\nhello\n",
        "10000000000000000\r\n", "00000000000000001\r\n", "5;\u{0}\r\n", "0\r\nA: b\n", "0\r\n A: b\r\n", "5\rx",
        "0\r\n\rx", "5,5\r\n", "5;" + String(repeating: "a", count: 9000),
    ])
    func badChunksAreRefused(text: String) {
        #expect(throws: HTTPRefusal.self) { try pass(text, in: 1000) }
        #expect(throws: HTTPRefusal.self) { try pass(text, in: 1) }
    }

    @Test func aLengthEndsTheBody() throws {
        var framing = BodyFraming.length(5)
        var parts: [Range<Int>] = []
        let used = try Array("hel".utf8).withUnsafeBufferPointer {
            try framing.read($0, keepsFraming: true, into: &parts)
        }
        #expect(used == 3 && parts == [0..<3] && !framing.isDone)
        let rest = try Array("loGET".utf8).withUnsafeBufferPointer {
            try framing.read($0, keepsFraming: true, into: &parts)
        }
        #expect(rest == 2 && framing.isDone)
    }
}

struct BalancerCoreTests {
    private func turns(_ weights: [Int], _ count: Int, without: Set<Int> = []) -> String {
        var balancer = BalancerCore(weights: weights)
        return (0..<count).map { _ in
            balancer.next { !without.contains($0) }.map { String(UnicodeScalar(UInt8(97 + $0))) } ?? "-"
        }.joined()
    }

    @Test func takesTurnsByWeight() {
        #expect(turns([1, 1, 1], 6) == "abcabc")
        #expect(turns([5, 1, 1], 7) == "aabacaa")
        #expect(turns([2, 1], 6) == "abaaba")
    }

    @Test func leavesOutWhoIsNotEligible() {
        #expect(turns([1, 1, 1], 4, without: [1]) == "acac")
        #expect(turns([1], 2, without: [0]) == "--")
        #expect(turns([], 1) == "-")
    }

    @Test func oddWeightsDoNotTrap() {
        #expect(turns([0, -5], 4) == "abab")
        #expect(turns([.max, .max, 1], 2) == "ab")
    }

    @Test func avoidanceDoublesAndEnds() {
        var avoidance = AvoidanceCore()
        #expect(!avoidance.isAvoided(at: 0))
        avoidance.refused(at: 100, first: 10, most: 35)
        #expect(avoidance.isAvoided(at: 109) && !avoidance.isAvoided(at: 110))
        avoidance.refused(at: 110, first: 10, most: 35)
        #expect(avoidance.isAvoided(at: 129) && !avoidance.isAvoided(at: 130))
        for _ in 0..<100 { avoidance.refused(at: 200, first: 10, most: 35) }
        #expect(avoidance.isAvoided(at: 234) && !avoidance.isAvoided(at: 235))
        avoidance.accepted()
        #expect(!avoidance.isAvoided(at: 200))
    }
}

struct DescriptorLimitTests {
    @Test func leavesRoomForTheRestOfTheProcess() {
        #expect(DescriptorLimit.connections(8192, within: 1024) == 448)
        #expect(DescriptorLimit.connections(8192, within: 1_048_576) == 8192)
        #expect(DescriptorLimit.connections(8192, within: nil) == 8192)
        #expect(DescriptorLimit.connections(8192, within: 10) == 16)
        #expect(DescriptorLimit.current.map { $0 > 0 } ?? true)
    }
}
