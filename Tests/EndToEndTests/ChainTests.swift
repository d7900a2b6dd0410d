import Foundation
import Testing

/// A job that runs gets a name, a health, a route, a secret and figures.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Executables.toolPath("curl") != nil && Executables.toolPath("dig") != nil, "skipped: needs curl, dig"))
struct ChainTests {
    @Test(arguments: [false, true])
    func aJobGetsANameARouteAndASecret(inTask: Bool) async throws {
        let server = try await RunningServer()
        #expect(try await server.cluster("secret", "put", "web", "password=-", input: "correct horse").status == 0)
        let job = try WebJob.file(
            services: WebJob.service(check: WebJob.check()), inTask: inTask, template: WebJob.template)
        let run = try await server.cluster("job", "run", "-", input: job)
        #expect(run.status == 0, "\(run)")
        #expect(await eventually { try? server.ask("/path/").status == 200 }, "\(server.said)")
        let (_, page) = try server.ask("/path/")
        #expect(page.contains("Reached under /path."))
        #expect(page.contains("a secret of 13 characters"))
        #expect(try server.ask("/other").status == 404)
        #expect(try server.ask("/pathology").status == 404)
        #expect(try server.ask("/path/", host: "example.com").status == 404)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 2 })
        #expect(try server.dig("web.service.consul", "A").contains("127.0.0.1"))
        let status = try await server.cluster("job", "status", "web")
        #expect(status.output.contains("running"))
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func theListingsAsTheyStandAreTwoServices() async throws {
        let server = try await RunningServer()
        let job = try WebJob.file(services: WebJob.service() + "\n" + WebJob.checkService)
        #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
        #expect(await eventually { try? server.ask("/path/").status == 200 }, "\(server.said)")
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 2 })
        #expect(await eventually { try? server.dig("web-web.service.consul", "A").contains("127.0.0.1") })
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func whatFailsItsCheckIsOfferedToNobodyUntilItMends() async throws {
        let server = try await RunningServer()
        let job = try WebJob.file(services: WebJob.service(check: WebJob.check()))
        #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 2 })
        #expect(try server.ask("/path/health/fail", "-X", "POST").status == 200)
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 1 })
        // The proxy sends everyone to the other one, as soon as it has heard of it too.
        #expect(
            await eventually { try? (0..<8).allSatisfy { _ in try server.ask("/path/health").status == 200 } })
        let critical = try server.figures("consul_health_service_status").filter {
            $0.contains("status=\"critical\"") && $0.contains("service_name=\"web\"") && $0.hasSuffix(" 1")
        }
        #expect(critical.count == 1, "\(critical)")
        let name = try #require(critical.first?.firstMatch(of: #/_nomad-task-([0-9a-f-]{36})-/#)).1
        let listed = try await server.cluster("job", "status", "web").output
        #expect(listed.contains(#/\n[0-9a-f]{8} .* run +running +critical /#), "\(listed)")
        #expect(listed.contains(#/\n[0-9a-f]{8} .* run +running +passing /#), "\(listed)")
        let shown = try await server.cluster("alloc", "status", String(name))
        #expect(shown.output.contains("critical"), "\(shown.output)")
        // Asked itself, past the proxy, it is mended.
        let port = try #require(shown.output.firstMatch(of: #/127\.0\.0\.1:([0-9]+)/#)).1
        _ = try Executables.tool("curl", ["-sS", "-X", "POST", "http://127.0.0.1:\(port)/health/mend"])
        #expect(await eventually { try? server.dig("web.service.consul", "SRV").count == 2 })
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func aBrokenRouteIsNamedAndTheOthersServe() async throws {
        let server = try await RunningServer()
        let broken = """
            service {
              name = "broken"
              port = "http"
              tags = ["traefik.http.routers.broken.rule=Host(`example.net` &&"]
            }
            """
        let job = try WebJob.file(services: WebJob.service() + "\n" + broken)
        #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
        #expect(await eventually { try? server.ask("/path/").status == 200 }, "\(server.said)")
        #expect(try server.ask("/", host: "example.net").status == 404)
        #expect(
            await eventually { server.said.contains("traefik.http.routers.broken.rule=Host(`example.net` &&") },
            "\(server.said)")
        #expect(try await server.end() == 0, "\(server.said)")
    }
}
