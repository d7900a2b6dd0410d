import ClusterKit
// For the process that runs Python.
import Foundation
import Testing

/// Clients of others work unchanged. Each is fetched once from Python's registry, so this runs where it is asked for:
/// with `CLUSTER_PYTHON_TESTS=1`, as `make test` does. Where one cannot be installed the test says so; in CI it fails.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["CLUSTER_PYTHON_TESTS"] == "1"))
struct PythonClientTests {
    /// A client, and the steps that it takes.
    struct Client: Sendable, CustomTestStringConvertible {
        var package: String
        var module: String
        var check: String
        var records: [Change]
        var testDescription: String { package }
    }

    static let clients = [
        Client(package: "python-nomad==2.1.0", module: "nomad", check: "check.py", records: Sample.records),
        Client(package: "py-consul==1.8.0", module: "consul", check: "check_consul.py", records: ServiceSample.records),
        Client(package: "hvac==2.4.0", module: "hvac", check: "check_vault.py", records: []),
    ]

    @Test(arguments: clients) func worksUnchanged(_ client: Client) async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
        let package = tests.deletingLastPathComponent().deletingLastPathComponent()
        let output = try await withCluster(records: client.records) { cluster in
            try await Self.run(
                [
                    tests.appending(path: "Python/run.sh").path(),
                    package.appending(path: ".build/python-\(client.module)").path(), client.package, client.module,
                    client.check,
                ],
                environment: [
                    "NOMAD_ADDR": cluster.address, "CONSUL_ADDR": cluster.consul.address,
                    "VAULT_ADDR": cluster.vault.address,
                ])
        }
        print(output)
        let maySkip = ProcessInfo.processInfo.environment["CI"] == nil
        #expect(output.contains("all steps done") || maySkip && output.contains("skipped:"), "\(output)")
    }

    private static func run(_ arguments: [String], environment: [String: String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
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
