import ClusterKit
import ClusterShimCore
import Foundation
import Logging

/// A folder for one test, with a driver in it and all that a task needs.
final class Workshop: Sendable {
    /// Which driver a test wants.
    enum Way: String, CaseIterable, Sendable {
        case helper, helperWithoutGroups, inProcess, inProcessWithoutGroups
    }

    let folder: String
    let way: Way

    init(_ way: Way = .helper) throws {
        self.way = way
        folder = NSTemporaryDirectory() + "clusterkit-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The shim's program, which is built beside the test bundle.
    static var shim: String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("cluster-shim").path
    }

    /// A driver on this workshop's state folder; each call makes another, as a restarted agent would.
    func driver(strayPatience: Duration = .seconds(10)) throws -> ProcessDriver {
        let groups = way == .helper || way == .inProcess
        let isHelper = way == .helper || way == .helperWithoutGroups
        return try ProcessDriver(
            supervision: isHelper ? .helper(Self.shim) : .inProcess, stateFolder: folder + "/state",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, usesControlGroups: groups,
            strayPatience: strayPatience)
    }

    /// A request to run a shell script.
    func script(
        _ text: String, _ arguments: [String] = [], task: String = "web", environment: [String: String] = [:],
        allocation: AllocationID? = nil
    ) throws -> TaskRequest {
        var request = TaskRequest(
            allocation: allocation ?? AllocationID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)),
            task: task, folders: TaskFolders(task: "", shared: ""))
        request.config = [
            "command": "/bin/sh", "args": .list((["-c", text, "sh"] + arguments).map { .string($0) }),
        ]
        request.environment = environment
        let base = folder + "/" + request.allocation.description
        request.folders = TaskFolders(task: base + "/" + task, shared: base + "/alloc")
        for path in [request.folders.local, request.folders.logs] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        return request
    }

    /// All that a task wrote to a stream.
    func output(of request: TaskRequest, _ stream: LogStream = .stdout) throws -> String {
        let reader = LogReader(folders: request.folders, rotation: request.logs)
        let chunk = try reader.read(LogRequest(task: request.task, stream: stream, limit: .max), isOver: true)
        return String(decoding: chunk.data, as: UTF8.self)
    }
}

/// Looks again and again until a condition holds; false when it does not within a time that is generous on a busy
/// machine.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return try await condition()
}

/// Whether a process runs under this number.
func runs(_ pid: Int32) -> Bool {
    guard let status = ProcessStatus(of: pid) else { return false }
    return status.state != "Z" && status.state != "X"
}

/// The numbers that a task wrote, one a line.
func numbers(_ text: String) -> [Int32] { text.split(separator: "\n").compactMap { Int32($0) } }
