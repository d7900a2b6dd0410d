import ClusterKit
import Testing

/// The listings that users of the cluster write, as they stand in job files.
@Suite struct PaperListingTests {
    private static let tags = """
        name = "${JOB}"
        port = "http"
        tags = [
          # Strip a /path prefix off the URLs passed to this service.
          "traefik.http.routers.job.rule=Host(`example.org`) && PathPrefix(`/path`)",
          "traefik.http.routers.job.middlewares=job-stripprefix",
          "traefik.http.middlewares.job-stripprefix.stripprefix.prefixes=/path",
        ]
        """
    private static let check = """
        check {
          type = "http"
          port = "http"
          path = "/health"
          interval = "20s"
          timeout = "5s"
          initial_status = "warning"
        }
        """
    /// Two blocks, of which the second is a service of its own; and one that holds both.
    static let shapes = ["service {\n\(tags)\n}\nservice {\n\(check)\n}", "service {\n\(tags)\n\(check)\n}"]

    private static func file(_ services: String, inTask: Bool) -> String {
        """
        job "web" {
          group "web" {
            network {
              port "http" {}
            }
        \(inTask ? "" : services)
            task "serve" {
              driver = "raw_exec"
              config {
                command = "/bin/true"
              }
        \(inTask ? services : "")
            }
          }
        }
        """
    }

    /// The catalog of one allocation of the job, as a snapshot derives it.
    private static func catalog(_ services: String, inTask: Bool) throws -> ServiceCatalog {
        let job = try JobFile(text: file(services, inTask: inTask)).job()
        let group = try #require(job.groups.first)
        var instances: [ServiceInstance] = []
        for (number, placed) in group.placedServices.enumerated() {
            let names = ServiceNames(job: job.name, group: group.name, task: placed.task)
            let health = placed.spec.checks.map { CheckHealth(rawValue: $0.initialStatus) ?? .critical }
            var instance = RouteFixture.instance(
                names.replacing(in: placed.spec.name), number: UInt64(number), tags: placed.spec.tags,
                port: placed.spec.portLabel.isEmpty ? 0 : 20_000)
            instance.checks[0].health = health.first ?? .passing
            instances.append(instance)
        }
        return ServiceCatalog(instances: instances)
    }

    @Test(arguments: shapes, [false, true])
    func routesAndStrips(shape: String, inTask: Bool) throws {
        let table = TagRouteTable(try Self.catalog(shape, inTask: inTask))
        #expect(table.problems == [])
        #expect(table.routes.map(\.name) == ["job"])
        let head = RequestHead(host: "example.org", path: "/path/page")
        let route = try #require(table.route(for: head))
        #expect(route.service == "web")
        #expect(route.rule == "Host(`example.org`) && PathPrefix(`/path`)")
        #expect(route.priority == 42)
        #expect(route.middlewares == [.stripPrefix(["/path"])])
        #expect(route.targets.map(\.port) == [20_000])
        let rewritten = try #require(route.rewriting(head))
        #expect(head.text(rewritten.path) == "/page")
        #expect(rewritten.fieldLines == Array("X-Forwarded-Prefix: /path\r\n".utf8))
        #expect(table.name("example.org", "/other") == nil)
        #expect(table.name("example.com", "/path") == nil)
    }
}
