/// How the figures themselves fare.
extension Metric {
    /// The series that a sink keeps.
    public static let keptSeries = Metric(
        "cluster_metrics_series", .gauge, .count, help: "Series that are kept for scraping.")
    /// What was not taken.
    public static let droppedSamples = Metric(
        "cluster_metrics_dropped_samples_total", .counter, .count, labels: ["reason"],
        help: "Measurements that were not taken: beyond the limit of series, malformed, or unknown to the server.")

    /// Why a measurement was not taken.
    public enum DropReason: String, CaseIterable, Sendable {
        /// There are as many series as there may be.
        case limit
        /// Its labels or its reading do not belong to its metric, or its metric to another of the same name.
        case malformed
        /// An agent reported a metric that the server does not know, or of something that is not the agent's.
        case unknown
    }

    /// What sinks and servers say of the figures.
    static let pipeline: [Metric] = [keptSeries, droppedSamples]
}
