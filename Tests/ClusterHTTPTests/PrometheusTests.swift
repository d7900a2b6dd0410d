import ClusterKit
import ClusterTesting
// For the processes that run Prometheus.
import Foundation
import Testing

/// Prometheus itself reads what we say and its rules work on it. Where it is not installed the test says so; in CI it
/// fails.
@Suite(.timeLimit(.minutes(10))) struct PrometheusTests {
    private static let program = "/usr/bin/prometheus"
    private static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }

    private func skips() -> Bool {
        if Self.isInstalled { return false }
        print("skipped: needs prometheus; scripts/setup test installs it")
        #expect(ProcessInfo.processInfo.environment["CI"] == nil)
        return true
    }

    /// A snapshot's worth of a service with one check.
    private static func records() -> [Change] {
        var job = Sample.job()
        job.groups[0].services = [
            ServiceSpec(
                name: "site\"\\", portLabel: "http",
                checks: [CheckSpec(name: "alive", kind: "http", interval: .seconds(10), timeout: .seconds(1))])
        ]
        return Sample.records.map { change in
            if case .putJob(let record) = change {
                .putJob(JobRecord(job: job, submitTime: record.submitTime))
            } else {
                change
            }
        }
    }

    private static func report(_ health: CheckHealth) -> AllocationReport {
        var task = TaskState()
        task.phase = .running
        let check = CheckStatus(
            service: "group-site\"\\-http", index: 0, name: "alive", kind: "http", health: health, since: Sample.time)
        return AllocationReport(id: Sample.allocation, client: .running, tasks: ["srv": task], checks: [check])
    }

    @Test func aRealPrometheusScrapesUsAndItsRulesFire() async throws {
        if skips() { return }
        let folder = NSTemporaryDirectory() + "clusterkit-prometheus-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await withCluster(records: Self.records()) { cluster in
            try await cluster.server.report([Self.report(.passing)], from: Sample.node)
            let text = try await cluster.get("/v1/metrics?format=prometheus").body
            try Self.check(text, in: folder)
            let prometheus = try await RunningPrometheus(target: cluster.port, folder: folder)
            defer { prometheus.stop() }
            #expect(try await prometheus.reaches("up == 1", on: cluster), "\(prometheus.log)")
            #expect(try await prometheus.reaches("scrape_samples_scraped > 50", on: cluster))
            #expect(try await prometheus.reaches("count(ALERTS) or vector(0) == 0", on: cluster))
            try await cluster.server.report([Self.report(.critical)], from: Sample.node)
            #expect(
                try await prometheus.reaches("ALERTS{alertstate=\"firing\",service_name=\"site\\\"\\\\\"}", on: cluster)
            )
            try await cluster.server.report([Self.report(.passing)], from: Sample.node)
            #expect(try await prometheus.reaches("absent(ALERTS{alertname=\"Critical\"})", on: cluster))
            #expect(!prometheus.log.lowercased().contains("append failed") && !prometheus.log.contains("out of order"))
        }
    }

    /// What Prometheus' own checker finds wrong with the text; what it merely would name otherwise is Nomad's doing.
    private static func check(_ text: [UInt8], in folder: String) throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool") else { return }
        let file = folder + "/metrics"
        try Data(text).write(to: URL(filePath: file))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: file))
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let words = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus != 1, "\(words)")
        let ours = words.split(separator: "\n").filter { $0.hasPrefix("cluster_") || $0.hasPrefix("process_") }
        #expect(ours.isEmpty, "\(ours)")
    }
}

/// A Prometheus of a test's own.
private final class RunningPrometheus {
    private let process = Process()
    private let folder: String
    private let port: Int

    /// Starts one that looks at a server's figures each second.
    init(target: Int, folder: String) async throws {
        self.folder = folder
        port = try QuietPort.pick()
        let settings = """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [\(folder)/rules.yml]
            scrape_configs:
            - job_name: cluster
              metrics_path: /v1/metrics
              params: {format: [prometheus]}
              static_configs: [{targets: ["127.0.0.1:\(target)"]}]
            """
        let rules = """
            groups:
            - name: services
              rules:
              - {alert: Critical, expr: 'consul_health_service_status{status="critical"} == 1'}
            """
        try settings.write(toFile: folder + "/prometheus.yml", atomically: true, encoding: .utf8)
        try rules.write(toFile: folder + "/rules.yml", atomically: true, encoding: .utf8)
        try Data().write(to: URL(filePath: folder + "/log"))
        process.executableURL = URL(filePath: "/usr/bin/prometheus")
        process.arguments = [
            "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
            "--web.listen-address=127.0.0.1:\(port)", "--log.level=debug",
        ]
        let log = try FileHandle(forWritingTo: URL(filePath: folder + "/log"))
        process.standardError = log
        process.standardOutput = log
        try process.run()
    }

    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Asks until the query finds something; false when it does not within a time that is generous on a busy machine.
    func reaches(_ query: String, on cluster: TestCluster) async throws -> Bool {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let escaped = query.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let own = TestCluster(other: cluster, port: port)
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            let reply = try? await own.get("/api/v1/query?query=\(escaped)")
            if let reply, reply.status == 400 {
                Issue.record("\(query): \(reply.text)")
                return false
            }
            // While it starts it answers in words.
            if let reply, case .object(let answer)? = try? reply.json, case .object(let data)? = answer["data"],
                case .array(let found)? = data["result"], !found.isEmpty
            {
                return true
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        return false
    }
}

extension TestCluster {
    /// Asks another program on this machine.
    fileprivate init(other: TestCluster, port: Int) {
        self.init(
            server: other.server, ports: Ports(nomad: port, consul: 0, vault: 0), http: other.http,
            services: other.services)
    }
}
