import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct HostTests {
    /// What went wrong, in one line.
    private func line(_ outcome: Executables.Outcome) -> String {
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(outcome)")
        return lines.last.map(String.init) ?? ""
    }

    @Test func whatIsTakenIsRefusedInOneLine() async throws {
        let server = try await RunningServer(), scratch = try Scratch()
        let port = String(server.address.split(separator: ":")[2])
        let folder = try await Executables.run(
            "cluster-server", ["--dev", "--data-dir", server.data, "--http-port", "0"] + RunningServer.freePorts)
        #expect(folder.status == 1)
        #expect(line(folder).contains(server.data), "\(folder)")
        let taken = try await Executables.run(
            "cluster-server",
            ["--dev", "--data-dir", scratch.path + "/other", "--http-port", port] + RunningServer.freePorts)
        #expect(taken.status == 1)
        #expect(line(taken).contains("port \(port)"), "\(taken)")
        #expect(line(taken).contains("--http-port"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/other"), "nothing is left behind")
        let both = try await Executables.run(
            "cluster-server",
            ["--data-dir", scratch.path + "/other", "--http-port", port] + RunningServer.freePorts
                + ["--proxy-port", port])
        #expect(both.status == 1 && both.errors.split(separator: "\n").count == 2, "\(both)")
        #expect(both.errors.contains("--http-port") && both.errors.contains("--proxy-port"), "\(both)")
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func aFolderIsForTryingOutOrForGoodNeverBoth() async throws {
        let scratch = try Scratch(), ports = ["--http-port", "0"] + RunningServer.freePorts
        let forGood = try await RunningServer(arguments: [], data: scratch.path + "/good")
        #expect(try await forGood.end() == 0)
        let tried = try await Executables.run("cluster-server", ["--dev", "--data-dir", forGood.data] + ports)
        #expect(tried.status == 1)
        #expect(line(tried).contains("without --dev"), "\(tried)")
        let again = try await RunningServer(arguments: [], data: forGood.data)
        #expect(try await again.end() == 0)
        let forTrying = try await RunningServer()
        #expect(try await forTrying.end() == 0)
        let used = try await Executables.run("cluster-server", ["--data-dir", forTrying.data] + ports)
        #expect(used.status == 1)
        #expect(line(used).contains("made by --dev"), "\(used)")
    }

    @Test func wrongFlagsAndSettingsAreAnswered() async throws {
        let scratch = try Scratch()
        let unknown = try await Executables.run("cluster-server", ["--http-prt", "1"])
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("--http-port"), "\(unknown)")
        let far = try await Executables.run("cluster-server", ["--xyz"])
        #expect(far.status == 2 && far.errors.contains("--xyz") && !far.errors.contains("Did you mean"), "\(far)")
        let open = try await Executables.run("cluster-server", ["--bind", "0.0.0.0", "--data-dir", scratch.path])
        #expect(open.status == 1)
        #expect(line(open).contains("--insecure-allow-open"))
        let file = try scratch.write("http_prt = 1", to: "server.hcl")
        let settings = try await Executables.run("cluster-server", ["--config", file, "--data-dir", scratch.path])
        #expect(settings.status == 1)
        #expect(settings.errors.contains("server.hcl:1,1"), "\(settings)")
        #expect(try await Executables.run("cluster-server", ["--help"]).status == 0)
        #expect(try await Executables.run("cluster-agent", ["--data-dir", scratch.path]).status == 1)
    }

    #if os(Linux)
        @Test func theLimitOfOpenFilesIsRaisedForTheHostAndNotForTasks() async throws {
            let server = try await RunningServer(openFiles: 300)
            let limits = try String(contentsOfFile: "/proc/\(server.pid)/limits", encoding: .utf8)
            let row = try #require(limits.firstMatch(of: #/Max open files +([0-9]+) +([0-9]+)/#))
            #expect(row.1 == row.2 || row.1 == "1048576", "\(row.0)")
            let job = """
                job "limits" {
                  type = "batch"
                  group "app" {
                    task "main" {
                      driver = "raw_exec"
                      config {
                        command = "/bin/sh"
                        args    = ["-c", "ulimit -S -n"]
                      }
                    }
                  }
                }
                """
            #expect(try await server.cluster("job", "run", "-", input: job).status == 0)
            let status = try await server.cluster("job", "status", "limits").output
            let alloc = try #require(status.firstMatch(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  app /#)).1
            #expect(await eventually { try? await server.cluster("alloc", "logs", String(alloc)).output == "300\n" })
            #expect(try await server.end() == 0, "\(server.said)")
        }
    #endif

    @Test func aServerAndAnAgentAreTwoProcessesAndTasksOutliveBoth() async throws {
        let server = try await RunningServer(arguments: []), scratch = try Scratch()
        func startAgent() throws -> Process {
            let agent = try Executables.prepared(
                "cluster-agent", ["--server", server.address, "--data-dir", scratch.path + "/agent", "--name", "one"],
                [:])
            agent.standardOutput = FileHandle.nullDevice
            agent.standardError = FileHandle.nullDevice
            try agent.run()
            return agent
        }
        let agent = try startAgent()
        defer { if agent.isRunning { kill(agent.processIdentifier, SIGKILL) } }
        #expect(await eventually { try? await server.cluster("node", "status").output.contains("ready") })
        let second = try await Executables.run(
            "cluster-agent", ["--server", server.address, "--data-dir", scratch.path + "/agent"])
        #expect(second.status == 1)
        #expect(line(second).contains(scratch.path), "\(second)")

        let pid = scratch.path + "/pid"
        let job = """
            job "lasting" {
              group "app" {
                task "main" {
                  driver = "raw_exec"
                  config {
                    command = "/bin/sh"
                    args    = ["-c", "echo $$ > \(pid); exec sleep 1000"]
                  }
                }
              }
            }
            """
        #expect(try await server.cluster("run", "-", input: job).status == 0)
        #expect(await eventually { (try? String(contentsOfFile: pid, encoding: .utf8))?.hasSuffix("\n") })
        let number = try #require(pid_t(try String(contentsOfFile: pid, encoding: .utf8).dropLast()))
        defer { kill(number, SIGKILL) }
        kill(agent.processIdentifier, SIGTERM)
        #expect(await eventually { !agent.isRunning })
        #expect(agent.terminationStatus == 0)
        #expect(kill(number, 0) == 0)

        let again = try startAgent()
        defer { if again.isRunning { kill(again.processIdentifier, SIGKILL) } }
        #expect(try await server.cluster("stop", "lasting").status == 0)
        #expect(await eventually { kill(number, 0) != 0 })
        #expect(try await server.end() == 0, "\(server.said)")
    }
}
