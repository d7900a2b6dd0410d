import Foundation
import Testing

/// A `cluster-agent` of its own for a test, which can be killed and started again.
final class RunningAgent {
    let data: String
    private let name: String
    private let server: String
    private let log: FileHandle
    private var process: Process?

    init(_ name: String, server: String, scratch: Scratch) throws {
        self.name = name
        self.server = server
        data = scratch.path + "/" + name
        log = try scratch.file(name + ".log").handle
        try start()
    }

    deinit { crash() }

    /// Starts it on its folder.
    func start() throws {
        let arguments = ["--server", server, "--data-dir", data, "--name", name]
        let process = try Executables.prepared("cluster-agent", arguments, [:])
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// Kills it, and waits until it is gone. Its tasks go on.
    func crash() {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Makes it stand still; its tasks go on.
    func freeze() { if let process { kill(process.processIdentifier, SIGSTOP) } }

    /// Lets it go on.
    func thaw() { if let process { kill(process.processIdentifier, SIGCONT) } }

    /// Kills whatever works in its folder, as the loss of the machine would.
    func killTasks() { for pid in tasks { kill(pid, SIGKILL) } }

    /// The first processes of its tasks: what a shell has just forked looks like the shell until it executes.
    var leaders: [pid_t] { tasks.filter { getsid($0) == $0 } }

    /// The processes that work in its folder.
    var tasks: [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { pid in
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")
            return place?.hasPrefix(data) == true
        }
    }
}
