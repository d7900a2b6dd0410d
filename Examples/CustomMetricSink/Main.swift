import ClusterKit
import ClusterTesting
import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Runs the public conformance suite on the sink, then a whole cluster that is measured into it.
@main enum CustomMetricSink {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/custom-sink-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let violations = await MetricSinkConformance {
            let sink = LineProtocolSink(path: folder + "/suite.line", capacity: 10_000)
            return MetricSinkConformance.Subject(
                sink, jam: { sink.pause(true) }, release: { sink.pause(false) }, waiting: { sink.waiting },
                capacity: sink.capacity)
        }.run()
        violations.forEach { print($0) }
        let lines = try await measureCluster(in: folder)
        try FileManager.default.removeItem(atPath: folder)
        guard violations.isEmpty, lines > 0 else {
            print("\(violations.count) promises are broken, \(lines) lines were written")
            exit(1)
        }
        print("the sink keeps its promises and wrote what a cluster measured")
    }

    /// Gives how many lines say what the machine's memory was.
    private static func measureCluster(in folder: String) async throws -> Int {
        let file = folder + "/cluster.line"
        let sink = LineProtocolSink(path: file)
        let server = Server(store: MemoryStore(), metrics: sink)
        var configuration = AgentConfiguration(dataFolder: folder + "/agent")
        configuration.secrets = .folder
        configuration.measureInterval = .seconds(1)
        try FileManager.default.createDirectory(atPath: folder + "/agent", withIntermediateDirectories: true)
        let agent = Agent(link: server, drivers: [], configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sink.run() }
            group.addTask { try await server.run() }
            group.addTask { try await agent.run() }
            defer { group.cancelAll() }
            for _ in 0..<600 {
                let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
                let count = text.split(separator: "\n").count { $0.hasPrefix("nomad_client_host_disk_size,") }
                if count > 0 { return count }
                try await Task.sleep(for: .milliseconds(50))
            }
            return 0
        }
    }
}
