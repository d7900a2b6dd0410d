/// How a constraint compares.
public enum ConstraintOperator: String, StoredWord {
    /// Equal; false when the attribute is missing.
    case equal = "="
    /// Different; true when the attribute is missing, as in Nomad.
    case notEqual = "!="
    /// Greater, as numbers when both are, else as text.
    case greater = ">"
    /// Greater or equal.
    case greaterOrEqual = ">="
    /// Less.
    case less = "<"
    /// Less or equal.
    case lessOrEqual = "<="
    /// The attribute exists.
    case isSet = "is_set"
    /// The attribute does not exist.
    case isNotSet = "is_not_set"
    /// The comma-separated attribute holds every word of the value.
    case setContains = "set_contains"
    /// The comma-separated attribute holds at least one word of the value.
    case setContainsAny = "set_contains_any"
    /// No two instances on one node.
    case distinctHosts = "distinct_hosts"
    /// The attribute matches a regular expression of RE2's syntax.
    case regexp
    /// The attribute is a version within bounds such as `>= 1.2, < 2`; a pre-release never meets a bound without one.
    case version
    /// Like `version` by the rules of Semantic Versioning 2.0, without `~>`; a pre-release stands where those rules put
    /// it.
    case semver
    /// No more instances than the value says, 1 by default, where the attribute has one value.
    case distinctProperty = "distinct_property"
}

/// A demand on the node that an instance is placed on.
public struct Constraint: Hashable, Sendable {
    /// What is looked at, `${attr.kernel.name}` for example; a plain text stands for itself.
    public var attribute: String
    /// How it is compared.
    public var comparison: ConstraintOperator
    /// What it is compared with; may be interpolated as well.
    public var value: String

    /// Demands that `attribute` compares with `value`.
    public init(_ attribute: String, _ comparison: ConstraintOperator = .equal, _ value: String = "") {
        self.attribute = attribute
        self.comparison = comparison
        self.value = value
    }
}

extension String {
    /// What stands between `${` and `}`: the name of something that is looked up. `nil` for a text that stands for
    /// itself.
    var referredName: Substring? {
        guard hasPrefix("${"), hasSuffix("}") else { return nil }
        return dropFirst(2).dropLast()
    }
}

extension Constraint: CustomStringConvertible {
    /// As refusals show it: `${attr.kernel.name} = linux`.
    public var description: String {
        switch comparison {
        case .distinctHosts: comparison.rawValue
        case .distinctProperty where value.isEmpty: "\(attribute) \(comparison.rawValue)"
        case .isSet, .isNotSet: "\(attribute) \(comparison.rawValue)"
        default: "\(attribute) \(comparison.rawValue) \(value)"
        }
    }
}

extension Constraint: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        self = try reader.record { fields throws(RecordError) in
            Constraint(try fields.next(), try fields.next(), try fields.next())
        }
    }

    public func write(to writer: inout RecordWriter) {
        writer.record {
            $0.put(attribute)
            $0.put(comparison)
            $0.put(value)
        }
    }
}
