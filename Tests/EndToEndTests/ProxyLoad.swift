import Foundation
import Synchronization
import Testing

/// Requests that wrk sent through a server's proxy, and those that failed.
struct ProxyLoad {
    /// So many connections send one request after the other.
    static let connections = 8

    private(set) var requests = 0
    private(set) var failures = 0

    private init(report: String) {
        requests = report.firstMatch(of: #/([0-9]+) requests in/#).flatMap { Int($0.1) } ?? 0
        failures = report.firstMatch(of: #/Non-2xx or 3xx responses: ([0-9]+)/#).flatMap { Int($0.1) } ?? 0
        if let sockets = report.firstMatch(
            of: #/Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)/#)
        {
            failures += [sockets.1, sockets.2, sockets.3, sockets.4].compactMap { Int($0) }.reduce(0, +)
        }
    }

    /// Loads the proxy until `body` is done, which is told how many requests were counted so far.
    static func during(
        _ server: RunningServer, _ body: (_ count: @Sendable () -> Int) async throws -> Void
    ) async throws -> ProxyLoad {
        let arguments = [
            "-t1", "-c\(connections)", "-d1s", "--timeout", "100s", "-H", "Host: example.org",
            try server.place("Proxy") + "/path/",
        ]
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Whatever is in flight when one run ends is counted by none.
                while !tally.isOver {
                    let outcome = try #require(await Executables.longTool("wrk", arguments))
                    tally.add(ProxyLoad(report: outcome.output))
                }
            }
            defer { tally.end() }
            try await body { tally.sum.requests }
            tally.end()
            try await group.waitForAll()
        }
        return tally.sum
    }

    /// What was counted so far.
    private final class Tally: Sendable {
        private let state = Mutex((sum: ProxyLoad(report: ""), isOver: false))

        var sum: ProxyLoad { state.withLock { $0.sum } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func add(_ part: ProxyLoad) {
            state.withLock {
                $0.sum.requests += part.requests
                $0.sum.failures += part.failures
            }
        }

        func end() { state.withLock { $0.isOver = true } }
    }
}
