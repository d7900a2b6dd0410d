import ClusterClient

/// The explanation of one group's placement, as people read it.
struct PlacementText {
    let group: PlacementWire.Group
    /// Whether there is one instance on each node that takes it, instead of a number of them.
    var isNodewise = false
    var isVerbose = false

    /// A cluster of up to so many nodes is named whole.
    private static let wholeCluster = 64
    /// What is named of a larger one: so many that would take it, and so many by one rule.
    private static let mostTakers = 10
    private static let mostNames = 8
    /// How long lines may become, in letters.
    private static let width = 100

    private var isWhole: Bool {
        isVerbose || group.takers.count + group.refusals.reduce(0) { $0 + $1.nodes.count } <= Self.wholeCluster
    }

    func text(now: Int64 = TimeText.now) -> String {
        var sections = [Section(title: "", body: head(now))]
        if !group.takers.isEmpty { sections.append(Section(title: "Nodes that would take it", body: takers)) }
        if !group.refusals.isEmpty {
            sections.append(Section(title: "Nodes that would not, by the first rule that fails", body: refusals))
        }
        if !group.remedies.isEmpty {
            sections.append(
                Section(title: "What would help", body: group.remedies.map { "- \($0)" }.joined(separator: "\n")))
        }
        return Section.text(sections)
    }

    private func head(_ now: Int64) -> String {
        var pairs = [("Group", group.name), ("Placed", placed)]
        if let waiting = group.waiting {
            let time = TimeText.ago(waiting.since, now: now).dropLast(" ago".count)
            pairs.append(("Waiting", "\(waiting.count), for \(time)"))
            let ahead = "behind \(waiting.ahead) instance\(waiting.ahead == 1 ? "" : "s")"
            pairs.append(("Position", "\(waiting.position), \(waiting.ahead == 0 ? "the next" : ahead)"))
            if !waiting.keptNodes.isEmpty {
                let name = waiting.keptNodes.count == 1 ? "Kept node" : "Kept nodes"
                pairs.append((name, names(waiting.keptNodes, inFull: isWhole)))
            }
        }
        for obstacle in group.awaits ?? [] { pairs.append(("Waits", obstacle)) }
        let rest = group.rest ?? ""
        if !rest.isEmpty { pairs.append(("At rest", rest)) }
        let next = rest.isEmpty ? "the next instance" : "one more instance, if it were to be placed"
        let explained =
            group.allocation.isEmpty
            ? next : "\(group.allocationName) (\(AllocationTable.shown(group.allocation)))"
        pairs.append(("Explained", "\(explained), at revision \(group.revision)"))
        if let others = group.besides, others > 0 {
            pairs.append(("Beside", "the other \(others) of its gang: what those take that find room counts as taken"))
        }
        return Table.pairs(pairs, within: Self.width)
    }

    private var placed: String {
        isNodewise ? "\(group.placed), one on each node that takes it" : "\(group.placed) of \(group.count)"
    }

    private var takers: String {
        let parts = Set(group.takers.flatMap { ($0.parts ?? [:]).keys }).sorted()
        let shown = isWhole ? group.takers[...] : group.takers.prefix(Self.mostTakers)
        let somebodyEnds = shown.contains { !($0.evicting ?? []).isEmpty }
        let rows = shown.map { taker in
            [(taker.node == group.node ? "* " : "  ") + taker.name, Self.score(taker.score)]
                + parts.map { part in taker.parts?[part].map(Self.score) ?? "-" }
                + (somebodyEnds ? [ends(taker)] : [])
        }
        let header = ["  Node", "Score"] + parts + (somebodyEnds ? ["Ends first"] : [])
        let table = Table(header: header, rows: rows)
        var text = somebodyEnds ? table.text(within: Self.width) : table.text
        if shown.count < group.takers.count {
            text += "\n  … and \(group.takers.count - shown.count) more; -verbose shows all"
        }
        return text
    }

    private var refusals: String {
        let hasFound = group.refusals.contains { $0.found != nil }
        let rows = group.refusals.map { refused in
            [refused.reason] + (hasFound ? [refused.found.map(Self.values) ?? "-"] : [])
                + ["\(refused.nodes.count)", names(refused.nodes, inFull: isWhole)]
        }
        let header = ["Reason"] + (hasFound ? ["They have"] : []) + ["Nodes", "Names"]
        let text = Table(header: header, rows: rows).text(within: Self.width)
        let isCut = !isWhole && group.refusals.contains { $0.nodes.count > Self.mostNames }
        return text + (isCut ? "\n… -verbose names all" : "")
    }

    /// What nodes have instead of what is asked for: how many have which only where they differ.
    private static func values(_ found: PlacementWire.Found) -> String {
        let isOne = found.values.count == 1 && found.others == 0
        let shown = found.values.map { value in
            let text = value.value.map { $0.isEmpty ? "\"\"" : AllocationText.line($0) } ?? "nothing"
            return isOne ? text : "\(text) (\(value.nodes))"
        }
        let rest = found.others > 0 ? ["\(found.others) other\(found.others == 1 ? "" : "s")"] : []
        return (shown + rest).joined(separator: ", ")
    }

    /// The allocations that would have to end.
    private func ends(_ taker: PlacementWire.Taker) -> String {
        let ends = taker.evicting ?? []
        return ends.isEmpty ? "-" : names(ends.map { AllocationTable.shown($0) }, inFull: isVerbose)
    }

    private func names(_ names: [String], inFull: Bool) -> String {
        let shown = inFull ? names[...] : names.prefix(Self.mostNames)
        let rest = names.count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Three digits after the point.
    private static func score(_ score: Double) -> String {
        let thousandths = Int((abs(score) * 1000).rounded())
        let digits = "\(thousandths % 1000)"
        let padded = String(repeating: "0", count: 3 - digits.count) + digits
        return (score < 0 && thousandths > 0 ? "-" : "") + "\(thousandths / 1000).\(padded)"
    }
}
