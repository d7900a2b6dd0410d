import Foundation
import Testing

/// The small web service as a job, with the listings that a real build cluster has.
enum WebJob {
    /// The first of the two, with what `check` adds to it.
    static func service(check: String = "") -> String {
        """
        service {
          name = "${JOB}"
          port = "http"
          tags = [
            # Strip a /path prefix off the URLs passed to this service.
            "traefik.http.routers.job.rule=Host(`example.org`) && PathPrefix(`/path`)",
            "traefik.http.routers.job.middlewares=job-stripprefix",
            "traefik.http.middlewares.job-stripprefix.stripprefix.prefixes=/path",
          ]
        \(check)
        }
        """
    }

    /// The second, as it stands.
    static let checkService = """
        service {
          check {
            type = "http"
            port = "http"
            path = "/health"
            interval = "20s"
            timeout = "5s"
            initial_status = "warning"
          }
        }
        """

    /// A check that a test can wait for.
    static func check(initial: String = "critical") -> String {
        """
          check {
            type           = "http"
            port           = "http"
            path           = "/health"
            interval       = "1s"
            timeout        = "30s"
            initial_status = "\(initial)"
          }
        """
    }

    /// The job. Services stand in the group or, with `inTask`, in the task.
    static func file(
        _ id: String = "web", count: Int = 2, services: String, inTask: Bool = false, template: String = "",
        constraint: String = ""
    ) throws -> String {
        """
        job "\(id)" {
          group "web" {
            count = \(count)
            \(constraint)
            network {
              port "http" {}
            }
            \(inTask ? "" : services)
            restart {
              attempts = 3
              delay    = "1s"
            }
            task "web" {
              driver = "raw_exec"
              config {
                command = "\(try Executables.path("WebService"))"
              }
              \(inTask ? services : "")
              \(template)
              resources {
                cpu    = 50
                memory = 32
              }
            }
          }
        }
        """
    }

    /// The password as a file.
    static let template = """
        template {
          data        = "{{ with secret \\"secret/data/web\\" }}{{ .Data.data.password }}{{ end }}"
          destination = "secrets/password"
        }
        """
}

/// Asks a server's proxy, its DNS and its figures as a user would.
extension RunningServer {
    /// One request through the proxy: the status and all that came, `nil` without curl.
    func ask(_ path: String, host: String = "example.org", _ more: String...) throws -> (status: Int, text: String) {
        let arguments = ["-sS", "-m", "100", "-i", "-H", "Host: \(host)"] + more + [try place("Proxy") + path]
        let outcome = try #require(try Executables.tool("curl", arguments))
        let status = outcome.output.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (status ?? 0, outcome.output + outcome.errors)
    }

    /// The short answer of dig.
    func dig(_ name: String, _ type: String) throws -> [String] {
        let place = try place("DNS").split(separator: ":")
        let arguments = ["@\(place[0])", "-p", "\(place[1])", "+short", "+time=30", "+tries=1", name, type]
        let outcome = try #require(try Executables.tool("dig", arguments))
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// The lines of one metric.
    func figures(_ name: String) throws -> [String] {
        let outcome = try #require(
            try Executables.tool("curl", ["-sS", "-m", "100", address + "/v1/metrics?format=prometheus"]))
        return outcome.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix(name + "{") }
    }
}
