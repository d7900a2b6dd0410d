import Synchronization

/// Keeps the newest of every series in memory, for Prometheus to fetch.
///
/// Gauges and stated totals are forgotten once nobody has recorded them for `staleAfter`: the allocation ended, or its
/// node was lost. What the sink itself adds up is kept ten times sixty as long, for a service that is just not asked
/// must not start from zero again.
///
/// Labels whose values come from outside could make series without end; beyond `limit` series new ones are not taken,
/// and `cluster_metrics_dropped_samples_total` says so.
public final class PrometheusSink: MetricSink {
    private let state: Mutex<SeriesTable>
    private let time: any TimeSource

    /// How much longer what is added up here is kept than what is stated.
    private static let patience = 600

    /// Makes an empty sink.
    ///
    /// - Parameters:
    ///   - limit: the most series that are kept.
    ///   - staleAfter: how long a series is kept that nobody records any more; longer than any source pauses.
    ///   - time: the clock that this is measured with.
    public init(limit: Int = 100_000, staleAfter: Duration = .seconds(60), time: any TimeSource = SystemTime()) {
        self.time = time
        let table = SeriesTable(
            limit: max(0, limit), staleAfter: staleAfter, idleAfter: staleAfter * Self.patience)
        state = Mutex(table)
    }

    public func record(_ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        let now = time.now().uptime
        state.withLock { $0.record(samples, at: now) }
    }

    /// Every series as it stands, counters as totals, in the order of the metrics' names.
    public var samples: [Sample] { current().samples }

    /// Everything in Prometheus' text format, version 0.0.4.
    ///
    /// - Parameter extra: measurements that are true now and need not be kept: what was computed for this answer.
    ///   They take precedence over what was recorded.
    public func text(adding extra: [Sample] = []) -> String {
        String(decoding: bytes(adding: extra), as: UTF8.self)
    }

    /// As `text`, as UTF-8.
    public func bytes(adding extra: [Sample] = []) -> [UInt8] {
        let kept = current()
        var added = SeriesTable(limit: .max, staleAfter: .zero, idleAfter: .zero)
        added.record(extra + kept.selfReport, at: Uptime(nanoseconds: 0))
        return PrometheusText.bytes(of: added, over: kept)
    }

    /// The table as it is, shared rather than copied: nobody waits while everything is written out. Who records in a
    /// metric meanwhile copies the numbers of that one metric first, once for each time that all is fetched.
    private func current() -> SeriesTable {
        let now = time.now().uptime
        return state.withLock { table in
            table.forgetSilent(at: now)
            return table
        }
    }
}
