import ClusterKit
import ClusterTesting
import Dispatch
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct MetricSinkConformanceTests {
    @Test func theDefaultKeepsItsPromises() async {
        let violations = await MetricSinkConformance(patience: .seconds(120)) {
            let sink = PrometheusSink()
            return MetricSinkConformance.Subject(sink, read: { sink.samples })
        }.run()
        #expect(violations.isEmpty, "\(violations)")
    }

    @Test func forgettingKeepsThem() async {
        #expect(await MetricSinkConformance(patience: .seconds(120)) { .init(NoMetrics()) }.run().isEmpty)
    }

    @Test func aSinkThatWaitsForItsDiskIsFound() async {
        let violations = await MetricSinkConformance(patience: .milliseconds(300)) {
            let sink = BlockingSink()
            return MetricSinkConformance.Subject(sink, jam: { sink.jam(true) }, release: { sink.jam(false) })
        }.run()
        #expect(
            violations.map(\.rule).contains("record returns at once while what takes the samples stands still"))
    }

    @Test func aSinkThatHoardsIsFound() async {
        let violations = await MetricSinkConformance(patience: .seconds(120)) {
            let sink = HoardingSink()
            return MetricSinkConformance.Subject(sink, waiting: { sink.count }, capacity: 1000)
        }.run()
        #expect(violations.map(\.rule) == ["what waits is bounded"])
    }

    @Test func aSinkThatLosesCountsIsFound() async {
        let violations = await MetricSinkConformance(patience: .seconds(120)) {
            let sink = LossySink()
            return MetricSinkConformance.Subject(sink, read: { sink.inner.samples })
        }.run()
        #expect(violations.map(\.rule).contains("no measurement of many at once is lost or counted twice"))
        #expect(violations.map(\.rule).contains("the newest value of a gauge stands"))
    }
}

/// Waits while its consumer stands still.
private final class BlockingSink: MetricSink {
    private let isJammed = Mutex(false)

    func jam(_ value: Bool) { isJammed.withLock { $0 = value } }

    func record(_ samples: [Sample]) {
        while isJammed.withLock({ $0 }) {}
    }
}

/// Keeps everything that it cannot hand on.
private final class HoardingSink: MetricSink {
    private let samples = Mutex<[Sample]>([])

    var count: Int { samples.withLock(\.count) }

    func record(_ samples: [Sample]) { self.samples.withLock { $0 += samples } }
}

/// Takes some measurements only.
private final class LossySink: MetricSink {
    let inner = PrometheusSink()
    private let calls = Mutex(0)

    func record(_ samples: [Sample]) {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        if number % 101 != 0 { inner.record(samples) }
    }
}
