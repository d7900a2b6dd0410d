import Foundation
import Testing

/// Instances come and go under load.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Executables.toolPath("wrk") != nil && Executables.toolPath("curl") != nil, "skipped: needs wrk, curl"))
struct RollingTests {
    /// Requests that a run of wrk counted, and those that failed.
    private struct Load {
        var requests = 0
        var failures = 0

        init(_ report: String) {
            requests = report.firstMatch(of: #/([0-9]+) requests in/#).flatMap { Int($0.1) } ?? 0
            failures = report.firstMatch(of: #/Non-2xx or 3xx responses: ([0-9]+)/#).flatMap { Int($0.1) } ?? 0
            if let sockets = report.firstMatch(
                of: #/Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)/#)
            {
                failures += [sockets.1, sockets.2, sockets.3, sockets.4].compactMap { Int($0) }.reduce(0, +)
            }
        }
    }

    private func running(_ server: RunningServer) async throws -> [String] {
        let status = try await server.cluster("job", "status", "web").output
        return status.matches(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  web .*  run +running/#).map { String($0.1) }
    }

    /// Loads the proxy for a while, in which `body` must be done.
    private func load(_ server: RunningServer, _ body: () async throws -> Void) async throws -> Load {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Executables.toolPath("wrk")))
        process.arguments = [
            "-t1", "-c8", "-d45s", "--timeout", "10s", "-H", "Host: example.org", try server.place("Proxy") + "/path/",
        ]
        let output = try scratch.file("wrk")
        process.standardOutput = output.handle
        process.standardError = output.handle
        try process.run()
        defer { process.terminate() }
        try await body()
        #expect(process.isRunning, "the load ended before all were replaced")
        _ = await eventually { !process.isRunning }
        return Load(try String(contentsOfFile: output.path, encoding: .utf8))
    }

    @Test func replacingInstancesOneAfterAnotherFailsNoRequest() async throws {
        let server = try await RunningServer()
        let job = try WebJob.file(count: 3, services: WebJob.service(check: WebJob.check()))
        #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 3 })
        let load = try await load(server) {
            for old in try await running(server) {
                let before = Set(try server.dig("web.service.consul", "SRV"))
                #expect(try await server.cluster("alloc", "stop", "-detach", old).status == 0)
                let isReplaced = await eventually {
                    let now = try? server.dig("web.service.consul", "SRV")
                    return now?.count == 3 && !(now?.allSatisfy(before.contains) ?? true)
                }
                #expect(isReplaced, "\(old) was not replaced: \(server.said)")
            }
        }
        // `Benchmarks/Edge/rolling.py` does the same with optimized programs and a hundred thousand requests.
        #expect(load.requests > 100, "\(load)")
        #expect(load.failures == 0, "\(load)")
        #expect(try await server.end() == 0, "\(server.said)")
    }
}
