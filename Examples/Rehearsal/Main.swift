import ClusterKit
import ClusterTesting

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A rehearsal: one's own job on one's own machines through six hours in which more goes wrong than usually in a year.
/// As a unit test it is the same but for its last lines: `#expect(report.violations.isEmpty)`.
@main
struct Rehearsal {
    static func main() throws {
        let job = try JobFile(text: web).job()
        var options = WorldOptions(
            machines: (1...9).map { SampleCluster.node("build\($0)", number: UInt64($0)) },
            script: [
                .register(job, at: .seconds(10)),
                .loseMachine(4, at: .seconds(3600), for: nil),
                .crashServer(at: .seconds(7200), for: .seconds(5)),
                .drain(7, at: .seconds(3 * 3600)),
                .scale(job.id, "web", to: 4, at: .seconds(4 * 3600)),
            ],
            duration: .seconds(6 * 3600), settling: .seconds(600),
            // Another number, another course.
            seed: CommandLine.arguments.dropFirst().first.flatMap(UInt64.init) ?? 1,
            // Tasks do as they are told here; without this, chance lets some of them fail.
            course: { _ in .runs })
        // Every ten minutes something breaks by chance as well, and of a thousand messages five are lost.
        options.roughness = Roughness(faultInterval: .seconds(600), lostPerMille: 5)
        options.promises = [
            WorldPromise("somebody answers") { moment in
                guard moment.hasServer, moment.time > .seconds(60) else { return nil }
                guard moment.services.offered("web").isEmpty else { return nil }
                return "web is offered by nobody, while \(moment.running.count) tasks run"
            }
        ]
        let report = SimulatedWorld(options).run()
        for (fault, count) in report.faults.sorted(by: { $0.key < $1.key }) { print("\(count) x \(fault)") }
        let live = report.state.allocations(of: job.id).filter(\.isLive).map(\.nodeName).sorted()
        print("\(report.events) events; at the end web runs on \(live.joined(separator: ", "))")
        // By chance nobody answers just then, or the disk is full.
        for failure in report.scriptFailures { print("not done: \(failure)") }
        for violation in report.violations { print("BROKEN \(violation)") }
        exit(report.violations.isEmpty ? 0 : 1)
    }

    private static let web = """
        job "web" {
          group "web" {
            count = 3
            constraint {
              operator = "distinct_hosts"
              value    = "true"
            }
            network {
              port "http" {}
            }
            service {
              name = "web"
              port = "http"
              check {
                type     = "tcp"
                interval = "10s"
                timeout  = "2s"
              }
            }
            task "server" {
              driver = "raw_exec"
              config {
                command = "/usr/bin/server"
              }
              resources {
                cpu    = 500
                memory = 256
              }
            }
          }
        }
        """
}
