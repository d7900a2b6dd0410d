import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct LaunchTests {
    private static func job(_ id: String, _ block: String, _ script: String, task: String = "") -> String {
        """
        job "\(id)" {
          type = "batch"
          \(block)
          group "app" {
            task "main" {
              driver = "raw_exec"
              config {
                command = "/bin/sh"
                args    = ["-c", "\(script)"]
              }
              \(task)
              resources {
                cpu    = 10
                memory = 16
              }
            }
          }
        }
        """
    }

    private static func children(_ output: String, of job: String) -> [String] {
        output.split(separator: "\n").filter { $0.hasPrefix("\(job)/") }.map { String($0.prefix { $0 != " " }) }
    }

    /// Each second makes a job of its own, whose task runs and knows whose it is.
    @Test func aScheduleRunsTasks() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let marks = scratch.path + "/marks"
        let block = "periodic { cron = \"* * * * * * *\" }"
        let file = try scratch.write(
            Self.job("tick", block, "echo $NOMAD_JOB_ID $NOMAD_JOB_PARENT_ID >> \(marks)"), to: "tick.nomad.hcl")
        let run = try await server.cluster("job", "run", file)
        #expect(run.status == 0, "\(run)")
        func lines() -> [String] {
            let text = (try? String(contentsOfFile: marks, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }
        #expect(await eventually { lines().count >= 3 })
        let status = try await server.cluster("job", "status", "tick")
        #expect(status.output.contains("Next Periodic Launch"), "\(status)")
        #expect(Self.children(status.output, of: "tick").count >= 3)
        #expect(try await server.cluster("job", "stop", "-purge", "tick").status == 0)
        let names = lines().map { $0.split(separator: " ")[0] }
        #expect(Set(names).count == names.count, "no second began twice: \(names)")
        #expect(names.allSatisfy { $0.hasPrefix("tick/periodic-") })
    }

    /// A dispatched task finds its bytes in a file and its words in its environment.
    @Test func aDispatchReachesItsTask() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let block = "parameterized {\n payload = \"required\"\n meta_required = [\"commit\"]\n}"
        let task = "dispatch_payload { file = \"in/order.txt\" }"
        let script = "cat local/in/order.txt; echo $NOMAD_META_commit"
        let file = try scratch.write(Self.job("build", block, script, task: task), to: "build.nomad.hcl")
        #expect(try await server.cluster("job", "run", file).status == 0)
        let payload = try scratch.write("hello\n", to: "payload")
        let refused = try await server.cluster("job", "dispatch", "build", payload)
        #expect(refused.status == 1 && refused.errors.contains("required meta keys: commit"), "\(refused)")
        let sent = try await server.cluster("job", "dispatch", "-meta", "commit=abc", "build", payload)
        #expect(sent.status == 0, "\(sent)")
        let child = try #require(sent.output.firstMatch(of: #/Dispatched Job ID = (\S+)/#)).1
        let status = try await server.cluster("job", "status", "-json", String(child))
        #expect(status.status == 0, "\(status)")
        let found = try await server.cluster("job", "status", String(child))
        let alloc = try #require(found.output.firstMatch(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  app /#), "\(found)").1
        #expect(
            await eventually {
                try? await server.cluster("alloc", "logs", String(alloc)).output == "hello\nabc\n"
            })
        #expect(try await server.cluster("system", "gc").status == 0)
    }
}
