/// A wish to scatter the instances of a group over the values of an attribute: racks, datacenters.
public struct Spread: Hashable, Sendable {
    /// What tells places apart, `${node.datacenter}` for example.
    public var attribute: String
    /// How much it counts beside other spreads, from 1 to 100; 50 unless the job says otherwise, as Nomad's canonical
    /// form has it.
    public var weight: Int
    /// The shares wanted for single values; what they leave is for all other values together. Without targets all
    /// values are meant to hold the same.
    public var targets: [SpreadTarget]

    /// Scatters over the values of `attribute`.
    public init(_ attribute: String, weight: Int = 50, targets: [SpreadTarget] = []) {
        self.attribute = attribute
        self.weight = weight
        self.targets = targets
    }
}

extension Spread: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Spread(try fields.next(), weight: try fields.next(), targets: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attribute)
            $0.put(weight)
            $0.put(targets)
        }
    }
}

/// The share of a group's instances that is wanted where the attribute of a spread has one value.
public struct SpreadTarget: Hashable, Sendable {
    /// The value.
    public var value: String
    /// The share, from 0 to 100.
    public var percent: Int

    /// Wants `percent` of the instances at `value`.
    public init(_ value: String, percent: Int) {
        self.value = value
        self.percent = percent
    }
}

extension SpreadTarget: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            SpreadTarget(try fields.next(), percent: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(value)
            $0.put(percent)
        }
    }
}
