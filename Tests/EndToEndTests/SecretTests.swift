import ClusterTesting
import Foundation
import Testing

/// A secret is in its task's folder for secrets, and nowhere else.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SecretTests {
    private static let canary = "canary-7f3a9c51e8d24b60"

    /// A task that shows nothing of its secret but that it has it.
    private static func job(_ id: String) -> String {
        """
        job "\(id)" {
          group "app" {
            task "main" {
              driver = "raw_exec"
              config {
                command = "/bin/sh"
                args    = ["-c", "wc -c < secrets/password; exec sleep 1000"]
              }
              \(WebJob.template)
              resources {
                cpu    = 10
                memory = 16
              }
            }
          }
        }
        """
    }

    /// The files below a folder that hold the canary.
    private func files(holding text: String, below folder: String) throws -> [String] {
        let needle = Data(text.utf8)
        let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            FileManager.default.contents(atPath: folder + "/" + path)?.range(of: needle) != nil
        }
    }

    @Test func aSecretIsInItsTasksFolderAndNowhereElse() async throws {
        let server = try await RunningServer()
        let put = try await server.cluster("secret", "put", "web", "password=-", input: Self.canary)
        #expect(put.status == 0, "\(put)")
        #expect(!(put.output + put.errors).contains(Self.canary))
        #expect(try await server.cluster("run", "-", input: Self.job("holder")).status == 0)
        let status = try await server.cluster("job", "status", "holder")
        let alloc = try #require(status.output.firstMatch(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  app /#)).1
        #expect(
            await eventually { try? await server.cluster("alloc", "logs", String(alloc)).output.contains("23") },
            "\(status)")
        let holding = try files(holding: Self.canary, below: server.data)
        #expect(holding.count == 1, "\(holding)")
        #expect(holding.allSatisfy { $0.hasSuffix("/main/secrets/password") }, "\(holding)")
        #expect(!server.said.contains(Self.canary))
        for text in [status.output, try await server.cluster("alloc", "status", String(alloc)).output] {
            #expect(!text.contains(Self.canary))
        }
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        for pid in processes where pid != getpid() {
            for file in ["environ", "cmdline"] {
                let content = FileManager.default.contents(atPath: "/proc/\(pid)/\(file)") ?? Data()
                #expect(content.range(of: Data(Self.canary.utf8)) == nil, "\(file) of \(pid)")
            }
        }
        #expect(try await server.cluster("secret", "get", "-field", "password", "web").output == Self.canary)
        #expect(try await server.end() == 0, "\(server.said)")
    }

    @Test func aSealedStoreHoldsBackNewTasksAndNoOthers() async throws {
        let scratch = try Scratch()
        let key = try scratch.write(String(repeating: "5a", count: 32) + "\n", to: "seal.key")
        chmod(key, 0o600)
        let data = scratch.path + "/server"
        let port = try QuietPort.pick()
        var server = try await RunningServer(arguments: ["--seal-key", key], data: data, port: port)
        let agent = try RunningAgent("one", server: server.address, scratch: scratch)
        #expect(try await server.cluster("secret", "put", "web", "password=first").status == 0)
        #expect(try await server.cluster("run", "-", input: Self.job("early")).status == 0)
        #expect(await eventually { try? await server.cluster("job", "status", "early").output.contains(" running ") })
        #expect(try await server.end() == 0)

        server = try await RunningServer(arguments: [], data: data, port: port)
        #expect(try await server.cluster("run", "-detach", "-", input: Self.job("late")).status == 0)
        var said = ""
        let isWaiting = await eventually {
            let status = try? await server.cluster("job", "status", "late").output
            guard let alloc = status?.firstMatch(of: #/\n([0-9a-f]{8})  [0-9a-f]{8}  app /#)?.1 else { return false }
            said = (try? await server.cluster("alloc", "status", String(alloc)).output) ?? ""
            return said.contains("sealed")
        }
        #expect(isWaiting, "\(said)")
        let shown = try await server.cluster("job", "status", "late").output
        #expect(shown.contains("Waiting\n") && shown.contains("sealed"), "\(shown)")
        #expect(try await server.cluster("job", "status", "early").output.contains(" running "))
        let refused = try await server.cluster("secret", "get", "web")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("sealed"), "\(refused)")
        #expect(try await server.end() == 0)

        server = try await RunningServer(arguments: ["--seal-key", key], data: data, port: port)
        #expect(await eventually { try? await server.cluster("job", "status", "late").output.contains(" running ") })
        agent.crash()
        agent.killTasks()
    }

    @Test func anotherKeyIsRefused() async throws {
        let scratch = try Scratch()
        let (right, wrong) = (
            try scratch.write(String(repeating: "5a", count: 32), to: "right.key"),
            try scratch.write(String(repeating: "a5", count: 32), to: "wrong.key")
        )
        chmod(right, 0o600)
        chmod(wrong, 0o600)
        let data = scratch.path + "/server"
        let server = try await RunningServer(arguments: ["--seal-key", right], data: data)
        #expect(try await server.cluster("secret", "put", "web", "password=first").status == 0)
        #expect(try await server.end() == 0)
        let ports = ["--http-port", "0"] + RunningServer.freePorts
        let refused = try await Executables.run(
            "cluster-server", ["--data-dir", data, "--seal-key", wrong] + ports)
        #expect(refused.status == 1)
        #expect(refused.errors.contains(wrong), "\(refused)")
    }
}
