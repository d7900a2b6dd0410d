// Processes and pipes are in all of Foundation only.
import Foundation
import Testing

/// Runs the programs that were built beside the tests.
enum Executables {
    /// What a program said, and how it ended.
    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs a program to its end; it is killed when it takes very long.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> Outcome {
        let scratch = try Scratch()
        let process = try prepared(name, arguments, environment)
        let output = try scratch.file("output"), errors = try scratch.file("errors")
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try Data(input.utf8).write(to: URL(fileURLWithPath: scratch.path + "/input"))
        process.standardInput = FileHandle(forReadingAtPath: scratch.path + "/input")
        try process.run()
        let hasEnded = await eventually { !process.isRunning }
        if !hasEnded { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        #expect(hasEnded, "\(name) \(arguments) did not end")
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output.path, encoding: .utf8),
            errors: try String(contentsOfFile: errors.path, encoding: .utf8))
    }

    /// Runs a program of the system that ends by itself; `nil` when it is not installed.
    static func tool(_ name: String, _ arguments: [String]) throws -> Outcome? {
        guard let path = toolPath(name) else { return nil }
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let output = try scratch.file("output"), errors = try scratch.file("errors")
        process.standardOutput = output.handle
        process.standardError = errors.handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: output.path, encoding: .utf8),
            errors: try String(contentsOfFile: errors.path, encoding: .utf8))
    }

    /// The same on a thread of its own, for what takes long: the few that run tests are for those that go on.
    static func longTool(_ name: String, _ arguments: [String]) async throws -> Outcome? {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try tool(name, arguments) }) }
        }
    }

    /// Where a program of the system is.
    static func toolPath(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/local/bin/", "/usr/sbin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The path of a program that was built beside the tests.
    static func path(_ name: String) throws -> String { try folder.appendingPathComponent(name).path }

    /// A program that is ready to be started.
    static func prepared(_ name: String, _ arguments: [String], _ environment: [String: String]) throws -> Process {
        let process = Process()
        process.executableURL = try folder.appendingPathComponent(name)
        process.arguments = arguments
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "LD_LIBRARY_PATH", "HOME"].contains($0.key)
        }
        process.environment = inherited.merging(environment) { $1 }
        return process
    }

    /// The folder of what was built: the test bundle lies in it.
    private static var folder: URL {
        get throws {
            var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") { place = bundle.bundleURL }
            while place.path != "/" {
                place.deleteLastPathComponent()
                let candidate = place.appendingPathComponent("cluster-server").path
                if FileManager.default.isExecutableFile(atPath: candidate) { return place }
            }
            let running = URL(
                fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            return running.deletingLastPathComponent()
        }
    }
}

/// Waits until something holds; false when it does not within a time that is generous on a busy machine.
func eventually(_ holds: () async throws -> Bool?) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < end {
        if try await holds() == true { return true }
        try? await Task.sleep(for: .milliseconds(50))
    }
    return try await holds() == true
}

/// A folder that goes away with its owner.
final class Scratch {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/cluster-cli-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // An agent that ends leaves the memory mounted that holds the secrets of its tasks.
        #if os(Linux)
            let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
            for line in mounts.split(separator: "\n") {
                let place = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                if place.hasPrefix(path) { umount2(place, Int32(MNT_DETACH)) }
            }
        #endif
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) throws -> (path: String, handle: FileHandle) {
        let file = path + "/" + name
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        return (file, try #require(FileHandle(forWritingAtPath: file)))
    }

    /// Writes a text and gives its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}
