import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One measurement. What was not measured is `nil`, or not a number.
struct Figure {
    var scenario: String
    var workload: String
    var nodes: Int
    var placements = 0
    /// Thread CPU time of the last round, or of all where there are no rounds; 0 where there is no rate.
    var seconds = 0.0
    var perSecond = Double.nan
    /// Which part of the searches found room; the others are in the rate too.
    var found: Double?
    /// By the clock, waiting included.
    var clockPerSecond: Double?
    /// What one decision takes. On the index by the clock, reading it included, for reading that of the thread takes
    /// longer than the decision; through the session in thread CPU time.
    var p50ns: Double?
    var p99ns: Double?
    /// The scan over arrays.
    var referencePerSecond: Double?
    /// The plain scan: over records, or `ReferenceScheduler` where the scheduler's session is measured.
    var scanPerSecond: Double?
    /// The scheduler's session without the index.
    var unindexedPerSecond: Double?
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

    mutating func note(_ times: DecisionTimes) {
        p50ns = times.quantile(0.5)
        p99ns = times.quantile(0.99)
    }

    /// What the first questions of sessions took, in seconds.
    mutating func noteFirsts(_ times: [Double]) {
        (placements, seconds) = (times.count, times.reduce(0, +))
        p50ns = times.median * 1e9
        perSecond = Double(times.count) / seconds
    }

    /// Whether there is nothing in it: neither a rate nor what some lines have instead.
    var isEmpty: Bool { !(perSecond > 0) && nodesUsed == nil && bytesPerAllocation == nil }
}

/// A table for people, or a JSON object a line for machines.
final class Report {
    private let isJSON: Bool
    private var hasHeader = false
    /// The rates of the first cluster that each scenario was measured on.
    private var firsts: [String: Double] = [:]

    private static let columns: [(name: String, width: Int)] = [
        ("scenario", 14), ("workload", 8), ("nodes", 8), ("placements", 11), ("per second", 10), ("growth", 6),
        ("by clock", 9), ("p50 ns", 8), ("p99 ns", 8), ("arrays/s", 9), ("plain/s", 9), ("no index/s", 10),
        ("ratio", 8), ("found", 5), ("B/node", 7), ("B/alloc", 7), ("states", 7), ("looks", 5), ("used/bound", 10),
    ]

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// At once, also into a pipe: the next figure may take minutes.
    func show(_ figure: Figure) {
        print(isJSON ? Self.json(figure) : table(figure))
        fflush(nil)
    }

    private func table(_ figure: Figure) -> String {
        let header = hasHeader ? "" : Self.row(Self.columns.map(\.name)) + "\n"
        hasHeader = true
        let ratio = figure.referencePerSecond.map { figure.perSecond / $0 }
        let packing = figure.nodesUsed.flatMap { used in figure.lowerBound.map { used / $0 } }
        return header
            + Self.row([
                figure.scenario, figure.workload, "\(figure.nodes)", "\(figure.placements)",
                Self.rate(figure.perSecond), Self.rounded(growth(of: figure), 100), Self.rate(figure.clockPerSecond),
                Self.rounded(figure.p50ns, 1), Self.rounded(figure.p99ns, 1), Self.rate(figure.referencePerSecond),
                Self.rate(figure.scanPerSecond), Self.rate(figure.unindexedPerSecond),
                Self.rounded(ratio, ratio ?? 0 < 10 ? 100 : 1), Self.rounded(figure.found, 1000),
                Self.rounded(figure.bytesPerNode, 1), Self.rounded(figure.bytesPerAllocation, 1),
                figure.states.map { "\($0)" } ?? "-",
                Self.rounded(figure.statesPerSearch, 10), Self.rounded(packing, 1000),
            ])
    }

    /// How many times as long as on the first cluster of the same scenario one takes.
    private func growth(of figure: Figure) -> Double? {
        let first = firsts[figure.scenario] ?? figure.perSecond
        firsts[figure.scenario] = first
        return first / figure.perSecond
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
                ("seconds", figure.seconds > 0 ? figure.seconds : nil), ("perSecond", figure.perSecond),
                ("found", figure.found), ("clockPerSecond", figure.clockPerSecond), ("p50ns", figure.p50ns),
                ("p99ns", figure.p99ns),
                ("referencePerSecond", figure.referencePerSecond), ("scanPerSecond", figure.scanPerSecond),
                ("unindexedPerSecond", figure.unindexedPerSecond), ("bytesPerNode", figure.bytesPerNode),
                ("bytesPerAllocation", figure.bytesPerAllocation), ("statesPerSearch", figure.statesPerSearch),
                ("nodesUsed", figure.nodesUsed), ("lowerBound", figure.lowerBound),
            ]
            for (name, value) in numbers {
                writer.key(name)
                writer.number(value ?? .nan)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func row(_ cells: [String]) -> String {
        zip(cells, columns).map { cell, column in
            String(repeating: " ", count: max(0, column.width - cell.count)) + cell
        }.joined(separator: " ")
    }

    /// To whole parts of so many.
    private static func rounded(_ value: Double?, _ parts: Double) -> String {
        guard let value, value.isFinite else { return "-" }
        let number = (value * parts).rounded() / parts
        return parts == 1 ? "\(Int(number))" : "\(number)"
    }

    private static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        if value >= 1e6 { return "\((value / 1e4).rounded() / 100) M" }
        if value >= 1e3 { return "\((value / 10).rounded() / 100) k" }
        return value >= 10 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
    }
}
