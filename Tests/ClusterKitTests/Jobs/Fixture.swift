import ClusterKit
import Foundation

/// The files that the tests of job files read.
enum Fixture {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    static func file(_ name: String, _ variables: [String: String] = [:]) throws -> JobFile {
        JobFile(text: try text(name + ".nomad.hcl"), file: name + ".nomad.hcl", variables: variables)
    }

    /// Every job file that is right.
    static let jobFiles = [
        "hello", "web", "builder", "sidecar", "cron", "docker", "constraints", "namespaced", "expressions", "rollout",
        "services", "unlimited", "placement",
    ]
}

/// A small job that keeps every rule, for tests that break one.
func plainJob() -> Job {
    Job("plain") {
        Group("g") {
            PortSpec(label: "http")
            TaskSpec("t", command: "/bin/true")
        }
    }
}
