public import CoreMetrics
import Synchronization

/// Makes what libraries count with swift-metrics flow into a sink.
///
/// ```swift
/// MetricsSystem.bootstrap(SinkMetricsFactory(sink))
/// ```
///
/// Names are made such as Prometheus takes: `http.requests` becomes `http_requests`, a counter's ends in `_total`, a
/// timer's in `_seconds`. Dimensions become labels. Counters are counters, timers and aggregating recorders are
/// histograms, meters and other recorders are gauges.
///
/// Libraries may make metrics without end, for each request one; beyond `limit` new ones are not counted, and
/// `cluster_metrics_dropped_samples_total` says once for each that it was left out.
public final class SinkMetricsFactory: MetricsFactory {
    private let sink: any MetricSink
    private let limit: Int
    private let known = Mutex<[Identity: Series]>([:])

    /// The limits of the histograms of timers, in seconds.
    public static let timerLimits = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]
    /// The limits of the histograms of recorders.
    public static let recorderLimits = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1e3, 1e4, 1e5, 1e6, 1e9]

    private struct Identity: Hashable {
        var name: String
        var labels: [String]
        var values: [String]
    }

    /// Passes everything on to `sink`, for `limit` different sets of a name and dimensions at most.
    public init(_ sink: any MetricSink, limit: Int = 1000) {
        self.sink = sink
        self.limit = max(0, limit)
    }

    /// Makes a counter, or finds it.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, suffix: "_total")
    }

    /// Makes a counter of fractions, or finds it.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter, suffix: "_total")
    }

    /// Makes a gauge, or finds it.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    /// Makes a histogram when `aggregate` is true and a gauge otherwise, or finds it.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate
            ? series(label, dimensions, .histogram, limits: Self.recorderLimits) : series(label, dimensions, .gauge)
    }

    /// Makes a histogram of seconds, or finds it.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram, suffix: "_seconds", unit: .seconds, limits: Self.timerLimits)
    }

    /// Does nothing: a handler holds nothing, and whoever makes it again goes on where it was.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing: a handler holds nothing, and whoever makes it again goes on where it was.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Does nothing: a handler holds nothing, and whoever makes it again goes on where it was.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing: a handler holds nothing, and whoever makes it again goes on where it was.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing: a handler holds nothing, and whoever makes it again goes on where it was.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func series(
        _ label: String, _ dimensions: [(String, String)], _ kind: Metric.Kind, suffix: String = "",
        unit: Metric.Unit = .count, limits: [Double] = []
    ) -> Series {
        var name = Metric.sanitized(label)
        if !name.hasSuffix(suffix) { name += suffix }
        var pairs: [String: String] = [:]
        for (label, value) in dimensions { pairs[Self.label(label)] = value }
        let sorted = pairs.sorted { $0.key < $1.key }
        let identity = Identity(name: name, labels: sorted.map(\.key), values: sorted.map(\.value))
        let made: Series? = known.withLock { known in
            if let series = known[identity] { return series }
            guard known.count < limit else { return nil }
            let metric = Metric(
                name, kind, unit, labels: identity.labels, limits: limits, help: "Counted by a library as \(label).")
            let series = Series(sink, metric, identity.values)
            known[identity] = series
            return series
        }
        if let made { return made }
        sink.record([Sample(.droppedSamples, [Metric.DropReason.limit.rawValue], .increment(1))])
        return Series(NoMetrics(), Metric(name, kind, unit, help: ""), [])
    }

    /// `le` is what histograms tell their limits by, and names with two underscores are Prometheus' own.
    private static func label(_ text: String) -> String {
        let name = Metric.sanitized(text, mayHoldColon: false)
        return name == "le" || name.hasPrefix("__") ? "label" + name : name
    }
}

/// One series, in all the roles that swift-metrics has.
private final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    private let sink: any MetricSink
    private let metric: Metric
    private let values: [String]
    /// The value of a gauge, which others may only be told whole.
    private let level = Mutex(0.0)

    init(_ sink: any MetricSink, _ metric: Metric, _ values: [String]) {
        self.sink = sink
        self.metric = metric
        self.values = values
    }

    private func tell(_ reading: Sample.Reading) { sink.record([Sample(metric, values, reading)]) }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard metric.kind == .gauge else { return tell(.increment(amount)) }
        set { $0 + amount }
    }

    func decrement(by amount: Double) { set { $0 - amount } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { set { _ in value } }

    /// Told while nobody else may, so that the last one told is the one that stands.
    private func set(_ change: (Double) -> Double) {
        level.withLock { level in
            level = change(level)
            tell(.value(level))
        }
    }

    /// A sink's totals do not fall; whoever reads counters takes the sum since the beginning.
    func reset() {}

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard metric.kind == .histogram else { return set(value) }
        guard value.isFinite else { return }
        var counts = [UInt64](repeating: 0, count: metric.limits.count + 1)
        counts[metric.limits.firstIndex { value <= $0 } ?? metric.limits.count] = 1
        tell(.observations(counts: counts, sum: value))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
