/// Prometheus' text format, version 0.0.4.
enum PrometheusText {
    /// All families in the order of their names, each described once. What `front` has stands for what `back` has under
    /// the same labels.
    static func bytes(of front: SeriesTable, over back: SeriesTable) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((front.count + back.count) * 160)
        for name in Set(front.families.keys).union(back.families.keys).sorted() {
            let fronts = front.families[name]?.shapes ?? []
            var backs = back.families[name]?.shapes ?? []
            if let kind = fronts.first?.metric.kind { backs.removeAll { $0.metric.kind != kind } }
            guard let metric = (fronts + backs).first?.metric else { continue }
            describe(metric, into: &bytes)
            for shape in fronts {
                for series in shape.series { write(series, of: shape.metric, into: &bytes) }
            }
            for shape in backs {
                let hidden = fronts.first { $0.metric.labels == shape.metric.labels }?.index
                for series in shape.series where hidden?[series.labels] == nil {
                    write(series, of: shape.metric, into: &bytes)
                }
            }
        }
        return bytes
    }

    private static func describe(_ metric: Metric, into bytes: inout [UInt8]) {
        bytes += "# HELP \(metric.name) ".utf8
        for byte in metric.help.utf8 { escape(byte, quotes: false, into: &bytes) }
        bytes += "\n# TYPE \(metric.name) \(metric.kind.rawValue)\n".utf8
    }

    /// What stands in front of a number: the name, the labels and a space.
    static func head(of metric: Metric, _ values: [String]) -> [UInt8] {
        var bytes = Array(metric.name.utf8)
        writeLabels(metric.labels, values, into: &bytes)
        bytes.append(UInt8(ascii: " "))
        return bytes
    }

    private static func writeLabels(
        _ names: [String], _ values: [String], and last: (String, String)? = nil, into bytes: inout [UInt8]
    ) {
        guard !names.isEmpty || last != nil else { return }
        var separator = UInt8(ascii: "{")
        for (name, value) in Array(zip(names, values)) + [last].compactMap(\.self) {
            bytes.append(separator)
            separator = UInt8(ascii: ",")
            bytes += name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            for byte in value.utf8 { escape(byte, quotes: true, into: &bytes) }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func escape(_ byte: UInt8, quotes: Bool, into bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
        case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
        case UInt8(ascii: "\"") where quotes: bytes += #"\""#.utf8
        default: bytes.append(byte)
        }
    }

    private static func write(_ series: SeriesTable.Series, of metric: Metric, into bytes: inout [UInt8]) {
        guard metric.kind == .histogram else {
            bytes += series.head
            return end(series.value, into: &bytes)
        }
        var total: UInt64 = 0
        for (place, count) in series.counts.enumerated() {
            let (sum, overflow) = total.addingReportingOverflow(count)
            total = overflow ? .max : sum
            bytes += "\(metric.name)_bucket".utf8
            let limit = place < metric.limits.count ? number(metric.limits[place]) : "+Inf"
            writeLabels(metric.labels, series.labels, and: ("le", limit), into: &bytes)
            bytes += " \(total)\n".utf8
        }
        bytes += "\(metric.name)_sum".utf8
        writeLabels(metric.labels, series.labels, into: &bytes)
        bytes.append(UInt8(ascii: " "))
        end(series.value, into: &bytes)
        bytes += "\(metric.name)_count".utf8
        writeLabels(metric.labels, series.labels, into: &bytes)
        bytes += " \(total)\n".utf8
    }

    private static func end(_ value: Double, into bytes: inout [UInt8]) {
        bytes += number(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Whole numbers without a fraction, as Prometheus' own libraries write them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.magnitude < 1e15, let whole = Int(exactly: value) { return String(whole) }
        return value.description
    }
}
