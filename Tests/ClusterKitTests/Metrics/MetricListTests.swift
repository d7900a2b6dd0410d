import ClusterKit
import Foundation
import Testing

@Suite struct MetricListTests {
    @Test func eachNameMeansOneThing() {
        let names = Metric.all.map(\.name)
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        for metric in Metric.all { #expect(Metric.named(metric.name) == metric) }
        #expect(Metric.named("nothing") == nil)
    }

    @Test(arguments: Metric.all) func aMetricIsSuchAsPrometheusWantsIt(metric: Metric) {
        // One sample of each goes in and comes out.
        let sink = PrometheusSink()
        let reading: Sample.Reading =
            switch metric.kind {
            case .gauge: .value(1)
            case .counter: .total(1)
            case .histogram: .observations(counts: metric.limits.map { _ in 1 } + [1], sum: 1)
            }
        if metric != .droppedSamples {
            sink.record([Sample(metric, metric.labels, reading)])
            #expect(sink.samples == [Sample(metric, metric.labels, reading)])
        }
        #expect(metric.help.hasSuffix(".") && !metric.help.contains("\n"))
        #expect(metric.kind != .counter || metric.name.hasSuffix("_total"))
        #expect(metric.kind != .histogram || !metric.limits.isEmpty)
        guard metric.name.hasPrefix("cluster_") else { return }
        #expect(metric.kind == .counter || !metric.name.hasSuffix("_total"))
        if metric.unit == .bytes { #expect(metric.name.contains("_bytes")) }
        if metric.unit == .seconds { #expect(metric.name.contains("_seconds")) }
    }

    @Test func nomadsNamesAreThere() {
        let labels = ["alloc_id", "host", "job", "namespace", "task", "task_group"]
        for name in [
            "cpu_allocated", "cpu_total_ticks", "cpu_total_percent", "cpu_user", "cpu_system", "cpu_throttled_time",
            "cpu_throttled_periods", "memory_allocated", "memory_usage", "memory_rss", "memory_cache", "memory_swap",
            "memory_max_usage", "memory_kernel_usage",
        ] {
            #expect(Metric.named("nomad_client_allocs_" + name)?.labels == labels, "\(name)")
        }
        let status = Metric.named("consul_health_service_status")
        #expect(status?.labels == ["check", "node", "service_id", "service_name", "status"])
    }

    @Test func theTableInTheDocumentsIsCurrent() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = package.appending(path: "docs/Metrics.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let (begin, end) = ("<!-- table begins -->\n", "<!-- table ends -->")
        let start = try #require(text.range(of: begin)?.upperBound)
        let stop = try #require(text.range(of: end)?.lowerBound)
        let table = Self.table
        let environment = ProcessInfo.processInfo.environment
        if environment["REWRITE"] == "1", environment["CI"] == nil {
            try (text[..<start] + table + text[stop...]).write(to: page, atomically: true, encoding: .utf8)
            return
        }
        #expect(
            String(text[start..<stop]) == table,
            "docs/Metrics.md is old; renew it: REWRITE=1 swift test --filter theTableInTheDocumentsIsCurrent"
        )
    }

    private static var table: String {
        let rows = Metric.all.map { metric in
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: " ")
            let kinds = "\(metric.kind.rawValue) | \(metric.unit.rawValue)"
            return "| `\(metric.name)` | \(kinds) | \(labels) | \(metric.help) |\n"
        }
        return "| name | kind | unit | labels | meaning |\n|---|---|---|---|---|\n" + rows.joined()
    }
}
