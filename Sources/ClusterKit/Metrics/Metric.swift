/// One thing that is measured: the name by which dashboards ask for it, what it counts in, and by which labels it is
/// told apart.
public struct Metric: Hashable, Sendable {
    /// How its numbers behave.
    public enum Kind: String, Hashable, Sendable {
        /// A number that goes up and down.
        case gauge
        /// A number that only grows, until whoever counts starts anew.
        case counter
        /// How many observations fell below each of some limits, and their sum.
        case histogram
    }

    /// What its numbers are in.
    public enum Unit: String, Hashable, Sendable {
        /// Things.
        case count
        /// Seconds.
        case seconds
        /// Bytes.
        case bytes
        /// 1,048,576 bytes.
        case mebibytes
        /// Processor time in MHz.
        case megahertz
        /// Hundredths.
        case percent
        /// Nanoseconds.
        case nanoseconds
        /// 0 or 1.
        case truth
    }

    /// The name, in the form that Prometheus takes.
    public let name: String
    /// How its numbers behave.
    public let kind: Kind
    /// What they are in.
    public let unit: Unit
    /// The names of its labels, in the order in which samples state their values.
    public let labels: [String]
    /// What it says, in a sentence.
    public let help: String
    /// The upper limits of a histogram, ascending, without infinity.
    public let limits: [Double]

    /// Describes something that is measured.
    public init(
        _ name: String, _ kind: Kind, _ unit: Unit, labels: [String] = [], limits: [Double] = [], help: String
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.limits = limits
        self.help = help
    }
}
