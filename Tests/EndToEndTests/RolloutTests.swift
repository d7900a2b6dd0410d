import Foundation
import Testing

/// Roll-outs with real processes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RolloutTests {
    private static func job(_ script: String, meta: String = "first", count: Int = 2, progress: String = "0s") -> String
    {
        """
        job "web" {
          meta { owner = "\(meta)" }
          update {
            min_healthy_time  = "1s"
            healthy_deadline  = "4m"
            progress_deadline = "\(progress)"
            auto_revert       = true
          }
          group "app" {
            count = \(count)
            restart {
              attempts = 0
              mode     = "fail"
            }
            reschedule {
              delay          = "5s"
              delay_function = "constant"
              unlimited      = true
            }
            task "main" {
              driver = "raw_exec"
              config {
                command = "/bin/sh"
                args    = ["-c", "\(script)"]
              }
              resources {
                cpu    = 10
                memory = 16
              }
            }
          }
        }
        """
    }

    @Test func aBadVersionIsRevertedAndAPlanTellsBefore() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let good = try scratch.write(Self.job("exec sleep 1000"), to: "good.nomad.hcl")
        let bad = try scratch.write(Self.job("exit 3"), to: "bad.nomad.hcl")
        let other = try scratch.write(Self.job("exec sleep 1000", meta: "second"), to: "other.nomad.hcl")

        let first = try await server.cluster("job", "run", good)
        #expect(first.status == 0 && first.output.contains("Deployment completed successfully"), "\(first)")

        let harmless = try await server.cluster("job", "plan", other)
        #expect(harmless.status == 0 && harmless.output.contains("Nothing that runs"), "\(harmless)")
        let plan = try await server.cluster("job", "plan", bad)
        #expect(plan.status == 1, "\(plan)")
        #expect(plan.output.contains("2 instances, for task \"main\" > config"), "\(plan)")
        #expect(try await server.cluster("job", "plan", "none.hcl").status == 255)
        #expect(try await server.cluster("job", "plan").status == 255)

        let run = try await server.cluster("job", "run", "-reason", "try it", bad)
        #expect(run.status == 1, "\(run)")
        #expect(
            await eventually {
                let shown = try? await server.cluster("deployment", "list").output
                return shown?.contains("Failed due to unhealthy allocations - rolling back to job version 0")
            })
        #expect(
            await eventually {
                let shown = try? await server.cluster("job", "status", "web").output
                return shown?.matches(of: #/\n[0-9a-f]{8}  [0-9a-f]{8}  app +2 +run +running/#).count == 2
            })
        let history = try await server.cluster("job", "history", "-p", "web")
        #expect(history.output.contains("try it") && history.output.contains("Author      = cluster"), "\(history)")
        #expect(try await server.cluster("job", "revert", "web", "2").status == 1)
        #expect(try await server.end() == 0, "\(server.said)")
    }

    /// However soon somebody looks: what counts is how the deployment ends.
    @Test func anInstanceThatIsReplacedInTimeIsNoFailure() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let mark = scratch.path + "/mark"
        let script = "test -e \(mark) && exec sleep 1000; touch \(mark); exit 3"
        let job = try scratch.write(Self.job(script, count: 1, progress: "5m"), to: "job.nomad.hcl")
        let run = try await server.cluster("job", "run", job)
        #expect(run.status == 0 && run.output.contains("Deployment completed successfully"), "\(run)")
        #expect(try await server.end() == 0, "\(server.said)")
    }
}
