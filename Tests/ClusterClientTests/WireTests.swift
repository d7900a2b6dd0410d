import ClusterKit
import Testing

@testable import ClusterClient

/// What the client makes of texts and bytes, without a server.
struct WireTests {
    @Test func pathsAreEscaped() {
        #expect(Endpoint.jobAllocations.path("a/b c") == "/v1/job/a%2Fb%20c/allocations")
        #expect(Endpoint.jobs.path() == "/v1/jobs")
        #expect(Endpoint.escape("ä%\0") == "%C3%A4%25%00")
    }

    @Test func framesAreDividedWhereverTheBytesAreCut() throws {
        let text = #"{"a":"}{\"\\"}{}{"b":{"c":"}"}}"#
        for size in 1...text.utf8.count {
            var splitter = FrameSplitter()
            var frames: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                try splitter.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let frame = splitter.next() { frames.append(String(decoding: frame, as: UTF8.self)) }
            }
            #expect(frames == [#"{"a":"}{\"\\"}"#, "{}", #"{"b":{"c":"}"}}"#])
        }
    }

    @Test func framesWithoutEndAreRefused() {
        var splitter = FrameSplitter()
        #expect(throws: ClusterError.self) {
            for _ in 0...FrameSplitter.longest / (1 << 20) {
                try splitter.append([UInt8](repeating: UInt8(ascii: "{"), count: 1 << 20))
            }
        }
    }

    @Test func addressesAreChecked() throws {
        #expect(try ServerAddress("127.0.0.1:4646").description == "http://127.0.0.1:4646")
        #expect(try ServerAddress("https://host:1/").description == "https://host:1")
        for wrong in ["", "http://", "ftp://a", "http://a/b", "http://a b", "http://u@h"] {
            #expect(throws: ClusterError.self) { try ServerAddress(wrong) }
        }
    }

    /// What connects would end the program over such a port.
    @Test(arguments: [
        "http://127.0.0.1:99999", "http://127.0.0.1:65536", "http://[::1]:99999", "localhost:0", "https://host:x",
        "http://host:99999999999999999999", "http://host:+80", "http://host:",
    ])
    func portsThatThereAreNoneOfAreRefused(address: String) {
        let error = #expect(throws: ClusterError.self) { try ClusterClient(servers: [address]) }
        #expect(error?.code == .invalid)
        #expect(error?.message == "the address \"\(address)\" has no such port; ports go from 1 to 65535")
    }

    @Test func hostsMayBeNumbersOfBothKinds() throws {
        #expect(try ServerAddress("http://[::1]:65535").description == "http://[::1]:65535")
        #expect(try ServerAddress("http://[fe80::1]").description == "http://[fe80::1]")
        for wrong in ["http://::1:4646", "http://[::1:4646", "http://:4646"] {
            #expect(throws: ClusterError.self) { try ServerAddress(wrong) }
        }
    }

    @Test func serversAreTriedFromTheOneThatAnsweredLast() throws {
        let list = try ServerList(["a:1", "b:1", "c:1", "a:1"])
        #expect(list.inOrder.map(\.description) == ["http://a:1", "http://b:1", "http://c:1"])
        list.prefer(list.inOrder[1])
        #expect(list.inOrder.map(\.description) == ["http://b:1", "http://c:1", "http://a:1"])
    }

    @Test func errorKindsSurviveTheWire() {
        for code: ClusterError.Code in [.invalid, .notFound, .conflict, .denied, .storeRefused, .tooLarge, .internal] {
            #expect(ClusterError.Code(named: code.description) == code)
        }
        #expect(ClusterError.Code(status: 500, text: "Enforcing job modify index 3: x") == .conflict)
        #expect(ClusterError.Code(status: 403, text: "") == .denied)
    }
}
