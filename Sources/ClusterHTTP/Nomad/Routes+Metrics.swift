import ClusterClient
import ClusterKit

/// What is measured.
extension APIServer {
    static var metricRoutes: [APIRoute] {
        [
            APIRoute(.metrics, .readServers) { request in
                guard let sink = request.server.metrics as? PrometheusSink else {
                    return .text(404, "metrics are not kept: the server passes them on and keeps none itself")
                }
                switch request.query["format"] ?? "" {
                case "prometheus":
                    let text = sink.bytes(adding: request.server.figures)
                    return APIAnswer(content: .bytes(text, type: "text/plain; version=0.0.4; charset=utf-8"))
                case "":
                    let samples = request.server.figures + sink.samples
                    return .json { $0.metrics(samples, at: SystemTime().now().wall) }
                case let format:
                    throw ClusterError(
                        .invalid, "there is no format \"\(format)\"; ask for format=prometheus, or for none to get JSON"
                    )
                }
            }
        ]
    }
}

extension AnswerWriter {
    /// The form of Nomad's own answer. Names are those of Prometheus: where a dot stands in Nomad's cannot be told.
    fileprivate mutating func metrics(_ samples: [Sample], at time: WallTime) {
        object { writer in
            writer.field("Timestamp", Self.timestamp(time))
            writer.name("Gauges")
            writer.array(samples.lazy.filter { $0.metric.kind == .gauge }) { $0.gauge($1) }
            writer.name("Counters")
            writer.array(samples.lazy.filter { $0.metric.kind == .counter }) { $0.aggregate($1) }
            writer.name("Samples")
            writer.array(samples.lazy.filter { $0.metric.kind == .histogram }) { $0.aggregate($1) }
            writer.literal(#""Points":[]"#)
        }
    }

    /// As Go programs print a moment: `2026-11-22 12:41:30 +0000 UTC`.
    private static func timestamp(_ time: WallTime) -> String {
        let text = time.text
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) +0000 UTC"
    }

    private mutating func gauge(_ sample: Sample) {
        guard case .value(let value) = sample.reading else { return }
        object { writer in
            writer.identity(of: sample)
            writer.field("Value", value)
        }
    }

    /// What is known of many observations: here all since the beginning, whereas Nomad tells those of ten seconds. What
    /// cannot be told from their sum is 0.
    private mutating func aggregate(_ sample: Sample) {
        var (count, sum, single): (UInt64, Double, Double?) = (0, 0, nil)
        switch sample.reading {
        case .total(let total), .increment(let total), .value(let total): (count, sum, single) = (1, total, total)
        case .observations(let counts, let total):
            (count, sum) = (counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }, total)
        }
        object { writer in
            writer.identity(of: sample)
            writer.field("Count", count)
            writer.field("Sum", sum)
            writer.field("Mean", count == 0 ? 0 : sum / Double(count))
            writer.field("Min", single ?? 0)
            writer.field("Max", single ?? 0)
            writer.literal(#""Rate":0,"Stddev":0"#)
        }
    }

    private mutating func identity(of sample: Sample) {
        field("Name", sample.metric.name)
        let labels = zip(sample.metric.labels, sample.labels).map { ($0, $1) }
        name("Labels")
        object { writer in
            for (label, value) in labels {
                writer.name(escaping: label)
                writer.string(value)
            }
        }
    }
}
