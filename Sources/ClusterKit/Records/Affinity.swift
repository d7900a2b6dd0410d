/// A wish about the node that an instance is placed on: unlike a constraint it moves the score, and forbids nothing.
public struct Affinity: Hashable, Sendable {
    /// What is looked at, `${attr.kernel.name}` for example.
    public var attribute: String
    /// How it is compared; the two `distinct_…` rules are no wishes.
    public var comparison: ConstraintOperator
    /// What it is compared with; may be interpolated as well.
    public var value: String
    /// How much it counts, from -100 (away from such nodes) to 100 (to such nodes), never 0. 50 in Nomad unless said
    /// otherwise.
    public var weight: Int

    /// Wishes that `attribute` compares with `value`.
    public init(_ attribute: String, _ comparison: ConstraintOperator = .equal, _ value: String = "", weight: Int = 50)
    {
        self.attribute = attribute
        self.comparison = comparison
        self.value = value
        self.weight = weight
    }

    /// The comparison alone.
    public var condition: Constraint { Constraint(attribute, comparison, value) }
}

extension Affinity: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Affinity(try fields.next(), try fields.next(), try fields.next(), weight: try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attribute)
            $0.put(comparison)
            $0.put(value)
            $0.put(weight)
        }
    }
}
