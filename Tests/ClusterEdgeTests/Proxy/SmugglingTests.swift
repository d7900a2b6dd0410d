import ClusterEdge
import ClusterKit
import ClusterTesting
import Foundation
import Synchronization
import Testing

/// No request reaches an instance as two, or under another path than its route was chosen by: whoever the instance is.
@Suite(.serialized) struct SmugglingTests {
    @Test func thereAreEnoughCases() { #expect(SmugglingCase.all.count >= 60) }

    @Test func aLaxServerIsNotFooled() async throws {
        let backend = Backend { .send($0.line.hasPrefix("HEAD") ? "" : Backend.ok("x")) }
        let port = try await backend.start()
        try await check(port) { backend.requests.map(\.line).map { String($0.split(separator: " ")[1]) } }
        // What the proxy says of the client reaches the instance, whatever the client says of the connection.
        #expect(backend.requests.allSatisfy { $0.header("x-forwarded-for") == "127.0.0.1" })
        #expect(backend.requests.allSatisfy { $0.header("upgrade") == nil && $0.header("content_length") == nil })
        await backend.stop()
    }

    @Test(.enabled(if: Peer.nginx != nil, "skipped: needs nginx")) func nginxIsNotFooled() async throws {
        let port = try QuietPort.pick()
        let peer = try Peer(
            "nginx", arguments: { ["-p", $0, "-c", "\($0)/conf"] },
            conf: { folder in
                """
                daemon off; master_process off; worker_processes 1; pid \(folder)/pid; error_log \(folder)/err;
                events { worker_connections 256; }
                http {
                  log_format seen '$request_uri'; access_log \(folder)/seen seen; merge_slashes off;
                  client_body_temp_path \(folder)/b; proxy_temp_path \(folder)/p; fastcgi_temp_path \(folder)/f;
                  uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
                  server { listen 127.0.0.1:\(port); location / { return 200 x; } }
                }
                """
            })
        defer { peer.stop() }
        try await peer.answers(on: port)
        try await check(port) { peer.lines("seen") }
    }

    @Test(.enabled(if: Peer.haproxy != nil, "skipped: needs haproxy")) func haproxyIsNotFooled() async throws {
        let port = try QuietPort.pick()
        let peer = try Peer(
            "haproxy", arguments: { ["-db", "-f", "\($0)/conf"] },
            conf: { _ in
                """
                global
                  log stdout format raw local0
                  maxconn 256
                defaults
                  mode http
                  log global
                  log-format "SEEN %HU"
                  option dontlognull
                  timeout client 5s
                  timeout connect 5s
                  timeout server 5s
                frontend f
                  bind 127.0.0.1:\(port)
                  http-request return status 200 content-type text/plain string x

                """
            })
        defer { peer.stop() }
        try await peer.answers(on: port)
        try await check(port) {
            peer.lines("out").filter { $0.hasPrefix("SEEN ") }.map { String($0.dropFirst(5)) }
        }
    }

    /// Sends all cases, each over a connection of its own, and compares what the proxy chose routes by with what the
    /// server says it was asked.
    private func check(_ port: Int, seen: () -> [String]) async throws {
        let probes = seen().count
        let table = RecordingTable(port)
        try await ProxyWorld.run(table.routes, table: table) { world in
            var forwarded = 0
            for item in SmugglingCase.all {
                let before = table.targets.count
                let client = try await world.client()
                try await client.send(item.raw)
                try await client.endOutput()
                let answer = try await client.readToEnd()
                client.close()
                let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
                #expect(status == (item.status == 0 ? 200 : item.status), "\(item): \(answer.prefix(200))")
                let answers = answer.split(separator: "HTTP/1.1 ").filter { $0.first?.isNumber ?? false }.count
                #expect(answers == 1, "one answer to \(item): \(answer)")
                let chosen = table.targets.count - before
                #expect(chosen <= 1, "one request in \(item)")
                if item.status == 0 { forwarded += 1 }
            }
            try await eventually("the server logs them") { seen().count - probes >= forwarded }
            let asked = Array(seen().dropFirst(probes))
            #expect(isWithin(asked, table.targets), "asked \(asked) of \(table.targets)")
            let paths = asked.map { $0.prefix { $0 != "?" } }
            #expect(!paths.contains { $0.contains("..") || $0.contains("//") || $0.contains("%2e") })
        }
    }

    /// Whether all of these stand among those, in their order.
    private func isWithin(_ asked: [String], _ chosen: [String]) -> Bool {
        var rest = chosen[...]
        for target in asked {
            guard let place = rest.firstIndex(of: target) else { return false }
            rest = rest[(place + 1)...]
        }
        return true
    }
}

/// A table that keeps what it was asked for.
final class RecordingTable: RouteTable {
    let routes: [Route]
    var problems: [RouteProblem] { [] }
    private let asked = Mutex<[String]>([])

    init(_ port: Int) { routes = [.to([port])] }

    /// Paths with queries, as they were matched.
    var targets: [String] { asked.withLock { $0 } }

    func route(for head: borrowing RequestHead) -> Route? {
        let target = head.text(head.path) + (head.query.isEmpty ? "" : "?" + head.text(head.query))
        asked.withLock { $0.append(target) }
        return routes[0]
    }
}

/// A server of others, in a folder of its own.
final class Peer {
    static let nginx = find("nginx")
    static let haproxy = find("haproxy")

    private let process = Process()
    private let folder: String

    static func find(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    init(_ name: String, arguments: (String) -> [String], conf: (String) -> String) throws {
        folder = NSTemporaryDirectory() + "peer-\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try conf(folder).write(toFile: folder + "/conf", atomically: true, encoding: .utf8)
        _ = FileManager.default.createFile(atPath: folder + "/out", contents: nil)
        process.executableURL = URL(fileURLWithPath: try #require(Self.find(name)))
        process.arguments = arguments(folder)
        process.standardOutput = FileHandle(forWritingAtPath: folder + "/out")
        process.standardError = FileHandle(forWritingAtPath: folder + "/out")
        try process.run()
    }

    func answers(on port: Int) async throws {
        try await eventually("the peer listens: \(lines("out")) \(lines("err"))") {
            guard let client = try? await RawClient.connect(to: port) else { return false }
            try await client.send("GET /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            _ = try await client.readToEnd()
            client.close()
            return true
        }
        try await Task.sleep(for: .milliseconds(50))
    }

    func lines(_ file: String) -> [String] {
        let text = (try? String(contentsOfFile: folder + "/" + file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func stop() {
        // The test program may hold back SIGTERM, and its children with it.
        kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: folder)
    }
}
