import Foundation
import Testing

/// A `cluster-server --dev` of its own for a test.
final class RunningServer {
    let scratch = Result { try Scratch() }
    let data: String
    let address: String
    private let process: Process
    private let output: String

    /// Starts a server and waits until it is ready. One that is to start again on its port needs one that nobody else
    /// gets meanwhile: `QuietPort`. `openFiles` is the soft limit that it finds.
    init(
        arguments: [String] = ["--dev"], data: String? = nil, port: Int = 0, openFiles: Int? = nil
    ) async throws {
        let scratch = try scratch.get()
        self.data = data ?? scratch.path + "/data"
        let (path, handle) = try scratch.file("server")
        output = path
        process = try Executables.prepared(
            "cluster-server", arguments + ["--data-dir", self.data, "--http-port", "\(port)"] + Self.freePorts, [:])
        if let openFiles, let program = process.executableURL?.path {
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            let script = "ulimit -S -n \(openFiles); exec \"$0\" \"$@\""
            process.arguments = ["-c", script, program] + (process.arguments ?? [])
        }
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let process = process
        let isReady = try await eventually {
            try String(contentsOfFile: path, encoding: .utf8).hasSuffix("\nready\n") || !process.isRunning
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(isReady && process.isRunning, "\(text)")
        address = String(try #require(text.firstMatch(of: #/http://127\.0\.0\.1:[1-9][0-9]*/#)).output)
    }

    /// Any free ports for what a test does not choose one for.
    static let freePorts = ["consul", "vault", "dns", "proxy"].flatMap { ["--\($0)-port", "0"] }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// What the server said so far.
    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// What it printed in the row of a name: `Proxy`, `DNS`, `Consul API`, `Vault API`.
    func place(_ name: String) throws -> String {
        let row = try #require(said.split(separator: "\n").first { $0.hasPrefix(name + " ") }, "\(said)")
        return String(row.dropFirst(name.count).drop { $0 == " " })
    }

    /// The process.
    var pid: pid_t { process.processIdentifier }

    /// The port that it listens on.
    var port: Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    /// Kills it, and waits until it is gone.
    func crash() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Runs `cluster` against it.
    func cluster(_ arguments: String..., input: String = "") async throws -> Executables.Outcome {
        try await cluster(arguments, input: input)
    }

    /// Runs `cluster` against it.
    func cluster(_ arguments: [String], input: String = "") async throws -> Executables.Outcome {
        let places = ["NOMAD_ADDR": address, "VAULT_ADDR": (try? place("Vault API")) ?? ""]
        return try await Executables.run("cluster", arguments, environment: places, input: input)
    }

    /// Asks it to end, and gives its exit code.
    func end(_ signal: Int32 = SIGTERM) async throws -> Int32 {
        kill(process.processIdentifier, signal)
        let process = process
        try #require(await eventually { !process.isRunning }, "it did not end: \(said)")
        return process.terminationStatus
    }
}
