/// Every metric that this cluster has, whoever records it.
///
/// Servers look up what agents report by name here, so that no agent can make up metrics.
extension Metric {
    /// All metrics, in the order of their names. No two have one name.
    public static let all: [Metric] =
        (allocations + hosts + services + servers + processes + pipeline
        + proxy + dns)
        .sorted { $0.name < $1.name }

    /// The metric of a name; `nil` when there is none in `all`.
    public static func named(_ name: String) -> Metric? { byName[name] }

    /// Whether agents measure it: anything else they say is not taken from them.
    public var isMeasuredByAgents: Bool { Self.measuredByAgents.contains(name) }

    private static let measuredByAgents = Set((allocations + hosts).map(\.name))
    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
}
