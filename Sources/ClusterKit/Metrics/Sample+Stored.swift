/// How agents send measurements: by name, so that both sides may know different metrics. A name that this program does
/// not know is read as a metric without labels; servers do not take it.
extension Sample: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            let name: String = try fields.next()
            return Sample(
                Metric.named(name) ?? Metric(name, .gauge, .count, help: ""), try fields.next(), try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(metric.name)
            $0.put(labels)
            $0.put(reading)
        }
    }
}

extension Sample.Reading: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.varint() {
        case 0: self = .value(try reader.next())
        case 1: self = .total(try reader.next())
        case 2: self = .increment(try reader.next())
        case 3: self = .observations(counts: try reader.next(), sum: try reader.next())
        case let kind: throw RecordError("expected a kind of reading, found \(kind)")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .value(let number):
            writer.varint(0)
            writer.put(number)
        case .total(let number):
            writer.varint(1)
            writer.put(number)
        case .increment(let number):
            writer.varint(2)
            writer.put(number)
        case .observations(let counts, let sum):
            writer.varint(3)
            writer.put(counts)
            writer.put(sum)
        }
    }
}
