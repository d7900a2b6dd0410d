import ClusterKit
import Synchronization
import Testing

/// A clock that moves when it is told to.
final class SteppedTime: TimeSource {
    private let uptime = Mutex(Uptime(nanoseconds: 1_000_000_000))

    func now() -> Now { Now(wall: WallTime(nanoseconds: 0), uptime: uptime.withLock { $0 }) }
    func step(_ duration: Duration) { uptime.withLock { $0 = $0 + duration } }
}

private let gauge = Metric("level", .gauge, .count, labels: ["place"], help: "How high.")
private let counter = Metric("things_total", .counter, .count, labels: ["kind"], help: "Things.")
private let histogram = Metric("size_bytes", .histogram, .bytes, labels: ["kind"], limits: [1, 10], help: "Sizes.")

@Suite struct PrometheusSinkTests {
    private let time = SteppedTime()

    private func sink(limit: Int = 1000) -> PrometheusSink { PrometheusSink(limit: limit, time: time) }

    /// The text without what the sink says of itself.
    private func text(_ sink: PrometheusSink, adding extra: [Sample] = []) -> String {
        sink.text(adding: extra).split(separator: "\n").filter { !$0.contains("cluster_metrics_") }
            .map { $0 + "\n" }.joined()
    }

    private func dropped(_ sink: PrometheusSink, _ reason: String) -> Substring? {
        let head = "cluster_metrics_dropped_samples_total{reason=\"\(reason)\"} "
        return sink.text().split(separator: "\n").first { $0.hasPrefix(head) }?.dropFirst(head.count)
    }

    @Test func theTextIsAsPrometheusReadsIt() {
        let sink = sink()
        sink.record([
            Sample(histogram, ["a"], .observations(counts: [1, 2, 3], sum: 99.5)),
            Sample(counter, ["b"], .increment(2)), Sample(gauge, ["x\"\\\ny"], .value(1.5)),
            Sample(counter, ["b"], .increment(0.5)), Sample(counter, ["c"], .total(7)),
            Sample(gauge, ["nan"], .value(.nan)), Sample(gauge, ["low"], .value(-.infinity)),
        ])
        #expect(
            text(sink) == #"""
                # HELP level How high.
                # TYPE level gauge
                level{place="x\"\\\ny"} 1.5
                level{place="nan"} NaN
                level{place="low"} -Inf
                # HELP size_bytes Sizes.
                # TYPE size_bytes histogram
                size_bytes_bucket{kind="a",le="1"} 1
                size_bytes_bucket{kind="a",le="10"} 3
                size_bytes_bucket{kind="a",le="+Inf"} 6
                size_bytes_sum{kind="a"} 99.5
                size_bytes_count{kind="a"} 6
                # HELP things_total Things.
                # TYPE things_total counter
                things_total{kind="b"} 2.5
                things_total{kind="c"} 7

                """#)
    }

    @Test func whatIsAddedTakesPrecedenceOverWhatIsKept() {
        let sink = sink()
        sink.record([Sample(gauge, ["a"], .value(1)), Sample(gauge, ["b"], .value(2))])
        let text = text(sink, adding: [Sample(gauge, ["a"], .value(9)), Sample(counter, ["k"], .total(3))])
        #expect(
            text == """
                # HELP level How high.
                # TYPE level gauge
                level{place="a"} 9
                level{place="b"} 2
                # HELP things_total Things.
                # TYPE things_total counter
                things_total{kind="k"} 3

                """)
        #expect(!self.text(sink).contains("things_total"), "what is added is not kept")
    }

    @Test func whatNobodyRecordsAnyMoreIsForgotten() {
        let sink = sink()
        sink.record([Sample(gauge, ["gone"], .value(1)), Sample(gauge, ["stays"], .value(1))])
        sink.record([Sample(counter, ["stated"], .total(5)), Sample(counter, ["added"], .increment(5))])
        time.step(.seconds(59))
        sink.record([Sample(gauge, ["stays"], .value(2))])
        #expect(sink.samples.count == 4)
        time.step(.seconds(2))
        #expect(
            Set(sink.samples) == [
                Sample(gauge, ["stays"], .value(2)), Sample(counter, ["added"], .total(5)),
            ], "what was added up cannot be stated anew and stays")
        time.step(.seconds(36_000))
        #expect(sink.samples.isEmpty)
        // It can come back, from the beginning.
        sink.record([Sample(counter, ["added"], .increment(1))])
        #expect(sink.samples == [Sample(counter, ["added"], .total(1))])
    }

    @Test func aMillionStrangeLabelsMakeNoMoreSeriesThanTheLimit() {
        let sink = sink(limit: 100)
        for round in 0..<100 {
            sink.record((0..<1000).map { Sample(counter, ["\(round).\($0)"], .increment(1)) })
        }
        #expect(sink.samples.count == 100)
        #expect(dropped(sink, "limit") == "99900")
        // Those that are known still count.
        sink.record([Sample(counter, ["0.0"], .increment(1))])
        #expect(sink.samples.contains(Sample(counter, ["0.0"], .total(2))))
    }

    @Test func namesBeyondTheLimitLeaveNothingBehind() {
        let sink = sink(limit: 1)
        for number in 0..<10 {
            sink.record([Sample(Metric("m\(number)", .gauge, .count, help: ""), [], .value(1))])
        }
        #expect(text(sink).split(separator: "\n").count == 3)
    }

    @Test func roomIsMadeFromWhatIsStale() {
        let sink = sink(limit: 2)
        sink.record([Sample(gauge, ["a"], .value(1)), Sample(gauge, ["b"], .value(1))])
        time.step(.seconds(61))
        sink.record([Sample(gauge, ["c"], .value(1))])
        #expect(sink.samples == [Sample(gauge, ["c"], .value(1))])
    }

    @Test func whatWouldMakeTheTextUnreadableIsNotTaken() {
        let sink = sink()
        let odd = [
            Metric("1a", .gauge, .count, help: ""), Metric("a b", .gauge, .count, help: ""),
            Metric("", .gauge, .count, help: ""), Metric("ä", .gauge, .count, help: ""),
            Metric("a", .gauge, .count, labels: ["x", "x"], help: ""),
            Metric("a", .gauge, .count, labels: ["__x"], help: ""),
            Metric("a", .gauge, .count, labels: ["x:y"], help: ""),
        ]
        for metric in odd { sink.record([Sample(metric, metric.labels, .value(1))]) }
        sink.record([
            Sample(
                Metric("a", .histogram, .count, labels: ["le"], limits: [1], help: ""), ["1"],
                .observations(counts: [1, 1], sum: 1)),
            Sample(
                Metric("a", .histogram, .count, limits: [2, 1], help: ""), [],
                .observations(counts: [1, 1, 1], sum: 1)),
            Sample(gauge, [], .value(1)), Sample(counter, ["a"], .increment(-1)), Sample(counter, ["a"], .value(1)),
            Sample(histogram, ["a"], .observations(counts: [1], sum: 1)),
        ])
        #expect(sink.samples.isEmpty)
        #expect(dropped(sink, "malformed") == "13")
        // A name means one thing.
        sink.record([Sample(gauge, ["a"], .value(1))])
        sink.record([Sample(Metric("level", .counter, .count, labels: ["place"], help: ""), ["b"], .increment(1))])
        #expect(dropped(sink, "malformed") == "14")
    }

    @Test func aFamilyMayHaveSeveralSetsOfLabels() {
        let sink = sink()
        let other = Metric("level", .gauge, .count, labels: ["room", "shelf"], help: "How high.")
        sink.record([Sample(gauge, ["a"], .value(1)), Sample(other, ["b", "c"], .value(2))])
        #expect(
            text(sink) == """
                # HELP level How high.
                # TYPE level gauge
                level{place="a"} 1
                level{room="b",shelf="c"} 2

                """)
    }

    @Test func writingMuchIsQuickAndHoldsNobodyUp() {
        let sink = PrometheusSink()
        let samples = (0..<50_000).map { Sample(gauge, ["place number \($0)"], .value(Double($0))) }
        sink.record(samples)
        let bytes = sink.bytes()
        #expect(bytes.count(where: { $0 == UInt8(ascii: "\n") }) == 50_000 + 2 + 8)
    }
}
