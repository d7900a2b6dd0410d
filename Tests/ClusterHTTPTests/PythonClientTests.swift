import ClusterKit
// For the process that runs Python.
import Foundation
import Testing

/// A client of others works unchanged. It is fetched once from Python's registry, so this runs where it is asked for:
/// with `CLUSTER_PYTHON_TESTS=1`, as `make test` does. Where it cannot be installed the test says so; in CI it fails.
struct PythonClientTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["CLUSTER_PYTHON_TESTS"] == "1"))
    func pythonNomadWorksUnchanged() async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let package = tests.deletingLastPathComponent().deletingLastPathComponent()
        let output = try await withCluster(records: Sample.records) { cluster in
            try await Self.run(
                tests.appending(path: "Python/run.sh").path(), package.appending(path: ".build/python-nomad").path(),
                address: cluster.address)
        }
        print(output)
        let maySkip = ProcessInfo.processInfo.environment["CI"] == nil
        #expect(output.contains("all steps done") || maySkip && output.contains("skipped:"), "\(output)")
    }

    private static func run(_ script: String, _ argument: String, address: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [script, argument]
        process.environment = ProcessInfo.processInfo.environment.merging(["NOMAD_ADDR": address]) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in
                let bytes = try? pipe.fileHandleForReading.readToEnd()
                continuation.resume(returning: String(decoding: bytes ?? Data(), as: UTF8.self))
            }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
