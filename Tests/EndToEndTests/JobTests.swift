import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct JobTests {
    private static func job(_ id: String, type: String = "service", script: String, memory: Int = 16) -> String {
        """
        job "\(id)" {
          type = "\(type)"
          group "app" {
            restart {
              attempts = 0
              mode     = "fail"
            }
            task "main" {
              driver = "raw_exec"
              config {
                command = "/bin/sh"
                args    = ["-c", "\(script)"]
              }
              resources {
                cpu    = 10
                memory = \(memory)
              }
            }
          }
        }
        """
    }

    @Test func aJobRunsFromItsFileToItsStop() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let script = "echo out-$NOMAD_JOB_NAME; echo err >&2; sleep 1000"
        let file = try scratch.write(Self.job("web", script: script), to: "web.nomad.hcl")

        let run = try await server.cluster("job", "run", file)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("finished with status \"complete\""))
        #expect(run.output.contains("\"running\""))
        #expect(!run.output.contains("\u{1B}"))

        let status = try await server.cluster("job", "status", "we")
        #expect(status.status == 0)
        #expect(status.output.contains("ID               = web\n"))
        let alloc = try #require(status.output.firstMatch(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  app /#)).1
        #expect(try await server.cluster("status", "-json", "web").output.contains("\"ID\": \"\(alloc)"))

        #expect(await eventually { try? await server.cluster("alloc", "logs", String(alloc)).output == "out-web\n" })
        #expect(
            await eventually {
                let words = ["logs", "-stderr", "-tail", "-n", "1", String(alloc), "main"]
                return try? await server.cluster(words).output == "err\n"
            })
        let detail = try await server.cluster("alloc", "status", String(alloc))
        #expect(detail.output.contains("Task \"main\" is \"running\""))
        #expect(detail.output.contains("Recent Events"))
        #expect(try await server.cluster("alloc", "logs", String(alloc), "nobody").status == 1)

        let scaled = try await server.cluster("job", "scale", "web", "app", "2")
        #expect(scaled.status == 0 && scaled.output.contains("\"running\""), "\(scaled)")
        #expect(
            await eventually {
                let shown = try? await server.cluster("job", "status", "web").output
                return shown?.matches(of: #/\n[0-9a-f]{8}  [0-9a-f]{8}  app .*  run +running/#).count == 2
            })
        let wrong = try await server.cluster("job", "scale", "web", "nogroup", "2")
        #expect(wrong.status == 1 && wrong.errors.contains("it has app"), "\(wrong)")
        #expect(try await server.cluster("job", "scale", "web", "1").status == 0)

        let stop = try await server.cluster("job", "stop", "web")
        #expect(stop.status == 0, "\(stop)")
        #expect(
            await eventually { try? await server.cluster("status", "web").output.contains("dead (stopped)") })
        #expect(try await server.cluster("job", "stop", "-purge", "web").status == 0)
        let gone = try await server.cluster("job", "status", "web")
        #expect(gone.status == 1)
        #expect(gone.errors.contains("\"web\""))
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func inputsAndOutputsAreNomads() async throws {
        let server = try await RunningServer()
        let text = Self.job("quick", type: "batch", script: "echo done")
        let printed = try await server.cluster("run", "-output", "-", input: text)
        #expect(printed.status == 0)
        #expect(printed.output.contains("\"ID\": \"quick\""))
        let run = try await server.cluster("run", "-json", "-", input: printed.output)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("\"Allocations\""))
        let stale = try await server.cluster("job", "run", "-check-index", "999", "-", input: text)
        #expect(stale.status == 1)
        #expect(stale.errors.contains("999"), "\(stale)")
        let nodes = try await server.cluster("node", "status")
        let node = try #require(nodes.output.firstMatch(of: #/\n([0-9a-f]{8}) .*ready/#)).1
        #expect(try await server.cluster("node", "status", String(node)).output.contains("raw_exec"))
        #expect(try await server.cluster("job", "inspect", "quick").output.hasPrefix("{\n    \"Job\": {"))
        #expect(try await server.cluster("version").status == 0)
        #expect(try await server.end(SIGINT) == 0, "\(server.said)")
    }

    @Test func troublesHaveTheirExitCodesAndReasons() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let large = try scratch.write(Self.job("large", script: "true", memory: 900_000_000), to: "large.nomad.hcl")
        let tooLarge = try await server.cluster("job", "run", large)
        #expect(tooLarge.status == 2, "\(tooLarge)")
        for part in ["memory", "900000000 MiB", "1 node"] {
            #expect(tooLarge.output.contains(part), "\(tooLarge)")
        }
        #expect(try await server.cluster("job", "status", "large").output.contains("Placement Failure"))

        let unknown = Self.job("odd", script: "true").replacing("raw_exec", with: "telepathy")
        let driver = try await server.cluster("job", "run", "-", input: unknown)
        #expect(driver.status == 2, "\(driver)")
        #expect(driver.output.contains("telepathy"), "\(driver)")

        let limits =
            "update {\n progress_deadline = \"5s\"\n healthy_deadline = \"4s\"\n min_healthy_time = \"1s\"\n}\n"
        let nowhere = Self.job("bad", script: "true").replacing("/bin/sh", with: "/no/such/program")
            .replacing("group \"app\"", with: limits + "group \"app\"")
        let failing = try await server.cluster("job", "run", "-", input: nowhere)
        #expect(failing.status == 1, "\(failing)")
        #expect(failing.output.contains("/no/such/program"), "\(failing)")

        let mistakes = try scratch.write(
            Self.job("m", script: "true").replacing("attempts", with: "attemts").replacing(
                "cpu    = 10", with: "cpu = {}"
            )
            .replacing("driver", with: "drivr"), to: "m.nomad.hcl")
        for command in ["run", "validate"] {
            let refused = try await server.cluster("job", command, mistakes)
            #expect(refused.status == 1)
            for part in ["m.nomad.hcl:5,", "m.nomad.hcl:9,", "m.nomad.hcl:15,", "^", "Did you mean \"attempts\"?"] {
                #expect(refused.errors.contains(part), "\(refused)")
            }
        }
        #expect(try await server.cluster("job", "validate", large).status == 0)
        let stop = try await server.cluster("job", "stop", "nothing")
        #expect(stop.status == 1)
        #expect(stop.errors.contains("\"nothing\""))
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func whatWaitsForItsTurnIsWatchedUntilItRuns() async throws {
        let server = try await RunningServer()
        let seed = Self.job("seed", type: "batch", script: "sleep 2")
        #expect(try await server.cluster("job", "run", "-detach", "-", input: seed).status == 0)
        let late = Self.job("late", type: "batch", script: "true").replacing(
            "job \"late\" {", with: "job \"late\" {\n  after = [{ job = \"seed\", state = \"complete\" }]")
        let run = try await server.cluster("job", "run", "-", input: late)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.contains("Waits: job seed is not complete yet"), "\(run)")
        #expect(run.output.contains("What it waited for has come"), "\(run)")
        #expect(!run.output.contains("room"), "\(run)")
        for words in [["restart", "lat"], ["eval", "lat"], ["revert", "lat", "0"], ["tag", "-name", "x", "lat"]] {
            let refused = try await server.cluster(["job"] + words)
            #expect(refused.status == 1 && refused.errors.contains("give its whole name"), "\(refused)")
        }
        #expect(try await server.cluster("job", "history", "lat").output.hasPrefix("Job ID = late\n"))
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func workOfWhichNothingEverRanIsAnError() async throws {
        let server = try await RunningServer()
        let never = Self.job("never", type: "batch", script: "true").replacing("/bin/sh", with: "/no/such/program")
        let run = try await server.cluster("job", "run", "-", input: never)
        #expect(run.status == 1 && run.output.contains("cluster alloc status"), "\(run)")
        #expect(!run.output.contains("alloc logs"), "\(run)")
        #expect(
            await eventually {
                let again = try? await server.cluster("job", "run", "-", input: never)
                return again?.status == 1 && again?.output.contains("Nothing was begun") == true
            })
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let outcome = try await Executables.run("cluster", ["job", "status", "-address=http://127.0.0.1:9"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("http://127.0.0.1:9"))
        #expect(outcome.errors.contains("NOMAD_ADDR"))
    }
}
