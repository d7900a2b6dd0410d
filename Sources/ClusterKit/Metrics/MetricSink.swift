/// Where measurements go.
///
/// A conformer's promises: `record` returns at once, whatever becomes of the samples, and never fails. It may be
/// called from anywhere, also from an event loop.
public protocol MetricSink: Sendable {
    /// Takes measurements.
    func record(_ samples: [Sample])
}

/// One measurement.
public struct Sample: Hashable, Sendable {
    /// What was read.
    public enum Reading: Hashable, Sendable {
        /// A gauge as it stands.
        case value(Double)
        /// A counter as it stands: all that its source has counted since that started.
        case total(Double)
        /// What a counter has grown by.
        case increment(Double)
        /// Observations of a histogram: how many fell below each of the metric's limits and not below the one before,
        /// the last beyond all of them, and the sum of the observed.
        case observations(counts: [UInt64], sum: Double)
    }

    /// What is measured.
    public var metric: Metric
    /// The values of its labels, in the metric's order.
    public var labels: [String]
    /// What was read.
    public var reading: Reading

    /// States a measurement.
    public init(_ metric: Metric, _ labels: [String] = [], _ reading: Reading) {
        self.metric = metric
        self.labels = labels
        self.reading = reading
    }
}

/// A sink that forgets everything: for who measures nothing.
public struct NoMetrics: MetricSink {
    /// Forgets everything.
    public init() {}

    public func record(_ samples: [Sample]) {}
}
