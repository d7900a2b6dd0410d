import ClusterKit
import CoreMetrics
import Synchronization
import Testing

@Suite struct SwiftMetricsTests {
    @Test func whatLibrariesCountFlowsIntoASink() {
        let sink = PrometheusSink()
        let factory = SinkMetricsFactory(sink)
        let counter = CoreMetrics.Counter(
            label: "http.requests", dimensions: [("le", "x"), ("status code", "200")], factory: factory)
        counter.increment(by: 3)
        counter.increment()
        CoreMetrics.Counter(
            label: "http.requests", dimensions: [("status code", "200"), ("le", "x")], factory: factory
        ).increment()
        let meter = Meter(label: "queue", factory: factory)
        meter.set(5)
        meter.decrement(by: 2)
        Timer(label: "took", factory: factory).recordMilliseconds(30)
        Recorder(label: "size", dimensions: [], aggregate: true, factory: factory).record(7)
        Gauge(label: "level", factory: factory).record(1.5)
        let text = sink.text()
        #expect(text.contains("http_requests_total{labelle=\"x\",status_code=\"200\"} 5\n"))
        #expect(text.contains("\nqueue 3\n"))
        #expect(text.contains("took_seconds_bucket{le=\"0.025\"} 0\n"))
        #expect(text.contains("took_seconds_bucket{le=\"0.05\"} 1\n"))
        #expect(text.contains("took_seconds_sum 0.03\n"))
        #expect(text.contains("size_bucket{le=\"5\"} 0\n") && text.contains("size_bucket{le=\"10\"} 1\n"))
        #expect(text.contains("\nlevel 1.5\n"))
    }

    @Test func librariesCannotMakeMetricsWithoutEnd() {
        let sink = PrometheusSink()
        let factory = SinkMetricsFactory(sink, limit: 10)
        for number in 0..<100 { CoreMetrics.Counter(label: "c\(number)", factory: factory).increment() }
        #expect(sink.samples.count == 10)
        #expect(sink.text().contains("dropped_samples_total{reason=\"limit\"} 90\n"))
    }

    @Test func ourFiguresFlowIntoTheBackendOfTheProgram() {
        let backend = TestBackend()
        let sink = SwiftMetricsSink(factory: backend)
        let level = Metric("level", .gauge, .count, labels: ["place"], help: "")
        let things = Metric("things_total", .counter, .count, help: "")
        let sizes = Metric("sizes", .histogram, .bytes, limits: [1], help: "")
        sink.record([
            Sample(level, ["a"], .value(3)), Sample(level, ["a"], .value(4)), Sample(things, [], .total(10)),
            Sample(things, [], .total(12)), Sample(things, [], .total(1)), Sample(things, [], .increment(0.5)),
            Sample(sizes, [], .observations(counts: [2, 1], sum: 30)), Sample(level, [], .value(9)),
        ])
        #expect(backend.values["level place=a"] == 4)
        #expect(backend.values["things_total"] == 13.5)
        #expect(backend.values["sizes_count"] == 3)
        #expect(backend.values["sizes_sum"] == 30)
        #expect(backend.values.count == 4)
    }

    @Test func theBackendIsNotFloodedWithSeries() {
        let backend = TestBackend()
        let sink = SwiftMetricsSink(factory: backend, limit: 5)
        let level = Metric("level", .gauge, .count, labels: ["place"], help: "")
        for number in 0..<50 { sink.record([Sample(level, ["\(number)"], .value(1))]) }
        #expect(backend.values.count == 5)
    }
}

/// Keeps what it is told by name and dimensions.
private final class TestBackend: MetricsFactory {
    private let kept = Mutex<[String: Double]>([:])

    var values: [String: Double] { kept.withLock { $0 } }

    private final class Handler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
        TimerHandler
    {
        let backend: TestBackend
        let name: String

        init(_ backend: TestBackend, _ label: String, _ dimensions: [(String, String)]) {
            self.backend = backend
            name = ([label] + dimensions.map { "\($0)=\($1)" }).joined(separator: " ")
        }

        private func change(_ body: (Double) -> Double) {
            backend.kept.withLock { $0[name] = body($0[name] ?? 0) }
        }

        func increment(by amount: Int64) { change { $0 + Double(amount) } }
        func increment(by amount: Double) { change { $0 + amount } }
        func decrement(by amount: Double) { change { $0 - amount } }
        func set(_ value: Int64) { change { _ in Double(value) } }
        func set(_ value: Double) { change { _ in value } }
        func record(_ value: Int64) { set(value) }
        func record(_ value: Double) { set(value) }
        func recordNanoseconds(_ duration: Int64) { set(duration) }
        func reset() {}
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(self, label, dimensions)
    }

    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        Handler(self, label, dimensions)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Handler(self, label, dimensions)
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Handler(self, label, dimensions)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Handler(self, label, dimensions)
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
