import ClusterKit

/// One measurement.
struct Figure {
    var scenario: String
    var workload: String
    var nodes: Int
    var placements = 0
    /// Thread CPU time of one round.
    var seconds = 0.0
    var perSecond = 0.0
    /// By the clock, waiting included.
    var clockPerSecond: Double?
    /// What one decision takes, by the clock.
    var p50ns: Double?
    var p99ns: Double?
    /// The scan over arrays.
    var referencePerSecond: Double?
    /// The scan over records.
    var scanPerSecond: Double?
    var bytesPerNode: Double?
    var bytesPerAllocation: Double?
    /// Distinct states of machines that the index tells apart.
    var states: Int?
    /// How many of them a search looks at, on the average over what is asked for.
    var statesPerSearch: Double?
    /// Nodes that hold something, mean over the round.
    var nodesUsed: Double?
    /// Fewer cannot do.
    var lowerBound: Double?
}

/// A table for people, or a JSON object a line for machines.
final class Report {
    private let isJSON: Bool
    private var hasHeader = false

    private static let columns = [
        "scenario", "workload", "nodes", "placements", "per second", "by clock", "p50 ns", "p99 ns", "arrays/s",
        "records/s",
        "ratio",
        "B/node", "B/alloc", "states", "looks", "used/bound",
    ]

    init(isJSON: Bool) { self.isJSON = isJSON }

    func show(_ figure: Figure) { isJSON ? print(Self.json(figure)) : table(figure) }

    private func table(_ figure: Figure) {
        if !hasHeader { print(Self.row(Self.columns)) }
        hasHeader = true
        let ratio = figure.referencePerSecond.map { figure.perSecond / $0 }
        let packing = figure.nodesUsed.flatMap { used in figure.lowerBound.map { used / $0 } }
        print(
            Self.row([
                figure.scenario, figure.workload, "\(figure.nodes)", "\(figure.placements)",
                Self.rate(figure.perSecond), Self.rate(figure.clockPerSecond),
                Self.whole(figure.p50ns), Self.whole(figure.p99ns), Self.rate(figure.referencePerSecond),
                Self.rate(figure.scanPerSecond), ratio.flatMap { $0.isFinite ? "x\(Int($0))" : nil } ?? "-",
                Self.whole(figure.bytesPerNode),
                Self.whole(figure.bytesPerAllocation), figure.states.map { "\($0)" } ?? "-",
                figure.statesPerSearch.map { "\(($0 * 10).rounded() / 10)" } ?? "-",
                packing.map { "\(($0 * 1000).rounded() / 1000)" } ?? "-",
            ]))
    }

    static func json(_ figure: Figure) -> String {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.field("scenario", figure.scenario)
            writer.field("workload", figure.workload)
            writer.field("nodes", figure.nodes)
            writer.field("placements", figure.placements)
            if let states = figure.states { writer.field("states", states) } else { writer.nullField("states") }
            let numbers: [(String, Double?)] = [
                ("seconds", figure.seconds), ("perSecond", figure.perSecond),
                ("clockPerSecond", figure.clockPerSecond), ("p50ns", figure.p50ns), ("p99ns", figure.p99ns),
                ("referencePerSecond", figure.referencePerSecond), ("scanPerSecond", figure.scanPerSecond),
                ("bytesPerNode", figure.bytesPerNode), ("bytesPerAllocation", figure.bytesPerAllocation),
                ("statesPerSearch", figure.statesPerSearch), ("nodesUsed", figure.nodesUsed),
                ("lowerBound", figure.lowerBound),
            ]
            for (name, value) in numbers {
                writer.key(name)
                writer.number(value ?? .nan)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [15, 8, 8, 11, 11, 10, 8, 8, 10, 10, 8, 7, 8, 8, 6, 10]
        return zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }.joined(separator: " ")
    }

    private static func whole(_ value: Double?) -> String {
        value.flatMap { $0.isFinite ? "\(Int($0.rounded()))" : nil } ?? "-"
    }

    private static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        if value >= 1e6 { return "\((value / 1e4).rounded() / 100) M" }
        if value >= 1e3 { return "\((value / 10).rounded() / 100) k" }
        return "\(Int(value.rounded()))"
    }
}
