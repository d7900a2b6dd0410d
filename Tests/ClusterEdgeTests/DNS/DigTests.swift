import ClusterEdge
import ClusterKit
// Processes and pipes are in all of Foundation only.
import Foundation
import Testing

private let dig = ["/usr/bin/dig", "/usr/local/bin/dig", "/opt/homebrew/bin/dig"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

/// The server as people ask it.
@Suite(.timeLimit(.minutes(10)), .enabled(if: dig != nil, "skipped: needs dig (bind9-dnsutils)"))
struct DigTests {
    private static let catalog = ServiceCatalog(
        instances: [
            instance("web", 1, port: 8081, tags: ["primary"]),
            instance("web", 2, node: "node2", nodeAddress: "10.0.0.2", port: 8082),
            instance("six", 1, nodeAddress: "fd00::1"),
        ] + (0..<200).map { instance("many", $0, node: "n\($0)", nodeAddress: "10.1.0.\($0)") },
        hosts: [host("node1", "10.0.0.1", meta: ["rack": "7"])])

    @Test func digGetsAnswers() async throws {
        try await withServer(ScriptedRegistry(Self.catalog)) { (port: Int) async throws in
            func short(_ arguments: String...) throws -> [String] {
                try ask(port, ["+short"] + arguments).split(separator: "\n").map(String.init).sorted()
            }
            #expect(try short("web.service.consul", "A") == ["10.0.0.1", "10.0.0.2"])
            #expect(try short("six.service.consul", "AAAA") == ["fd00::1"])
            #expect(
                try short("web.service.consul", "SRV") == [
                    "1 1 8081 node1.node.dc1.consul.", "1 1 8082 node2.node.dc1.consul.",
                ])
            #expect(try short("primary.web.service.consul", "A") == ["10.0.0.1"])
            #expect(try short("_web._tcp.service.consul", "SRV").count == 2)
            #expect(try short("_web._primary.service.consul", "SRV") == ["1 1 8081 node1.node.dc1.consul."])
            #expect(try short("node1.node.consul", "A") == ["10.0.0.1"])
            #expect(try short("node1.node.dc1.consul", "TXT") == ["\"rack=7\""])
            #expect(try short("0a00000b.addr.consul", "A") == ["10.0.0.11"])
            #expect(try short("-x", "10.0.0.1") == ["node1.node.dc1.consul."])
            #expect(try short("+tcp", "web.service.consul", "A").count == 2)
            #expect(try short("web.service.consul", "ANY", "+notcp") == ["\"RFC8482\" \"\""])
        }
    }

    @Test func digShowsTheWholeMessage() async throws {
        try await withServer(ScriptedRegistry(Self.catalog)) { port in
            let missing = try ask(port, ["none.service.consul", "A"])
            #expect(missing.contains("status: NXDOMAIN") && missing.contains("AUTHORITY: 1"))
            #expect(missing.contains("consul.\t\t\t0\tIN\tSOA\tns.consul. hostmaster.consul."))
            let empty = try ask(port, ["web.service.consul", "TXT"])
            #expect(empty.contains("status: NOERROR") && empty.contains("ANSWER: 0, AUTHORITY: 1"))
            let located = try ask(port, ["web.service.consul", "SRV"])
            #expect(located.contains("ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 3"))
            #expect(located.contains("node2.node.dc1.consul.\t0\tIN\tA\t10.0.0.2"))
            #expect(located.contains("flags: qr aa rd;") && located.contains("recursion requested but not available"))
            let foreign = try ask(port, ["example.org", "A"])
            #expect(foreign.contains("status: REFUSED"))
            for output in [missing, empty, located, foreign] {
                #expect(!output.contains("Messages has") && !output.contains("WARNING: Message"), "\(output)")
            }
            let plain = try ask(port, ["many.service.consul", "A", "+noedns", "+ignore"])
            #expect(plain.contains("flags: qr aa tc rd") && plain.contains("ANSWER: 29"))
            let roomy = try ask(port, ["many.service.consul", "A", "+bufsize=800", "+ignore"])
            #expect(roomy.contains("flags: qr aa tc rd") && roomy.contains("udp: 1232"))
            // Without +ignore it asks again over TCP and gets all.
            let whole = try ask(port, ["many.service.consul", "A"])
            #expect(whole.contains("Truncated, retrying in TCP mode") && whole.contains("ANSWER: 200"))
            let version = try ask(port, ["web.service.consul", "A", "+edns=1", "+noednsnegotiation"])
            #expect(version.contains("status: BADVERS"))
        }
    }

    private func ask(_ port: Int, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: dig ?? "")
        process.arguments = ["@127.0.0.1", "-p", "\(port)", "+time=30", "+tries=1"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return output
    }
}
