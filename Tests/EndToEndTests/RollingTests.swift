import Foundation
import Testing

/// Instances come and go under load.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Executables.toolPath("wrk") != nil && Executables.toolPath("curl") != nil, "skipped: needs wrk, curl"))
struct RollingTests {
    private func running(_ server: RunningServer) async throws -> [String] {
        let status = try await server.cluster("job", "status", "web").output
        return status.matches(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  web .*  run +running/#).map { String($0.1) }
    }

    @Test func replacingInstancesOneAfterAnotherFailsNoRequest() async throws {
        let server = try await RunningServer()
        let job = try WebJob.file(count: 3, services: WebJob.service(check: WebJob.check()))
        #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 3 })
        let load = try await ProxyLoad.during(server) { _ in
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
