import ClusterKit
import ClusterTesting
import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A driver of one's own: runs `script = "…"` with the shell, by way of the driver for processes. It forwards what
/// every driver does, and none of the optional abilities.
struct ShellDriver: TaskDriver {
    let name = "shell"
    let processes: ProcessDriver

    func fingerprint() async -> DriverStatus { DriverStatus(healthy: true) }

    func start(_ request: TaskRequest) async throws -> TaskHandle {
        guard case .string(let script)? = request.config["script"] else {
            throw TaskStartFailure("the shell driver needs script = \"…\" in its config", isRecoverable: false)
        }
        var request = request
        request.config = ["command": "/bin/sh", "args": ["-c", .string(script)]]
        return named(name, try await processes.start(request))
    }

    func wait(for handle: TaskHandle) async throws -> TaskExit { try await processes.wait(for: inner(handle)) }

    func stop(_ handle: TaskHandle, signal: String, grace: Duration) async throws {
        try await processes.stop(inner(handle), signal: signal, grace: grace)
    }

    func remove(_ handle: TaskHandle) async throws { try await processes.remove(inner(handle)) }

    /// What still runs of a task, where the system tells what tasks use.
    func leftOvers(of handle: TaskHandle) async -> [String] {
        let driver: any TaskDriver = processes
        guard let meter = driver as? any TaskMeasuring, let usage = try? await meter.usage(of: inner(handle)) else {
            return []
        }
        return ["\(usage.processes ?? 1) processes of \(handle.task)"]
    }

    private func inner(_ handle: TaskHandle) -> TaskHandle { named(processes.name, handle) }

    private func named(_ driver: String, _ handle: TaskHandle) -> TaskHandle {
        TaskHandle(driver: driver, allocation: handle.allocation, task: handle.task, facts: handle.facts)
    }
}

/// Runs the public conformance suite on it: an empty list means that it keeps every promise that the suite can see.
@main enum CustomDriver {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/custom-driver-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let tasks = TaskDriverConformance.Tasks(
            succeeding: ["script": "exit 0"], failing: ["script": "exit 42"], failureCode: 42,
            lasting: ["script": "trap 'exit 0' TERM; echo > local/ready; while :; do sleep 0.05; done"],
            stubborn: ["script": "trap '' TERM; echo > local/ready; while :; do sleep 0.05; done"], unstartable: [:],
            ready: "local/ready")
        let makeDriver: @Sendable () throws -> ShellDriver = {
            ShellDriver(processes: try ProcessDriver(supervision: .inProcess, stateFolder: folder + "/tasks"))
        }
        let suite = TaskDriverConformance(
            tasks: tasks, folder: folder,
            leftOvers: { handle in
                guard let driver = try? makeDriver() else { return ["nobody to ask"] }
                return await driver.leftOvers(of: handle)
            },
            makeDriver: { try makeDriver() })
        let violations = await suite.run()
        try FileManager.default.removeItem(atPath: folder)
        violations.forEach { print($0) }
        print(violations.isEmpty ? "the driver keeps its promises" : "\(violations.count) promises are broken")
        guard violations.isEmpty else { exit(1) }
    }
}
