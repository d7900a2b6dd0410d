public import CoreMetrics
import Synchronization

/// Passes measurements on to the backend that the program gave to swift-metrics.
///
/// Gauges become meters and counters floating-point counters, with the labels as dimensions. Backends take single
/// observations but no counts of them, so a histogram becomes two counters, `NAME_count` and `NAME_sum`.
///
/// It blocks as little as the backend does.
public final class SwiftMetricsSink: MetricSink {
    private let factory: any MetricsFactory
    private let limit: Int
    private let series = Mutex<[Key: Handlers]>([:])

    private struct Key: Hashable {
        var name: String
        var labels: [String]
    }

    private struct Handlers {
        var meter: (any MeterHandler)?
        var counter: (any FloatingPointCounterHandler)?
        var sum: (any FloatingPointCounterHandler)?
        var total = 0.0
    }

    /// Passes up to `limit` series on; what comes of others is lost.
    ///
    /// - Parameter factory: the backend; the one that the program was bootstrapped with, unless stated.
    public init(factory: any MetricsFactory = MetricsSystem.factory, limit: Int = 10_000) {
        self.factory = factory
        self.limit = max(0, limit)
    }

    public func record(_ samples: [Sample]) {
        for sample in samples where sample.isWellFormed { record(sample) }
    }

    private func record(_ sample: Sample) {
        let key = Key(name: sample.metric.name, labels: sample.labels)
        series.withLock { series in
            if series[key] == nil {
                guard series.count < limit else { return }
                series[key] = handlers(for: sample)
            }
            switch sample.reading {
            case .value(let value): series[key]?.meter?.set(value)
            case .increment(let growth): series[key]?.counter?.increment(by: growth)
            case .total(let total):
                let last = series[key]?.total ?? 0
                // Less than before: whoever counts has started anew.
                series[key]?.counter?.increment(by: total < last ? total : total - last)
                series[key]?.total = total
            case .observations(let counts, let sum):
                series[key]?.counter?.increment(by: counts.reduce(0) { $0 + Double($1) })
                series[key]?.sum?.increment(by: sum)
            }
        }
    }

    private func handlers(for sample: Sample) -> Handlers {
        let name = sample.metric.name
        let dimensions = zip(sample.metric.labels, sample.labels).map { ($0, $1) }
        func counter(_ name: String) -> any FloatingPointCounterHandler {
            factory.makeFloatingPointCounter(label: name, dimensions: dimensions)
        }
        return switch sample.metric.kind {
        case .gauge: Handlers(meter: factory.makeMeter(label: name, dimensions: dimensions))
        case .counter: Handlers(counter: counter(name))
        case .histogram: Handlers(counter: counter(name + "_count"), sum: counter(name + "_sum"))
        }
    }
}
