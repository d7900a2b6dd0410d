import ClusterClient

/// What would happen, as people read it.
struct WhatIfText {
    let answer: WhatIfWire
    var isVerbose = false

    /// Longer lists end with how many more there are.
    private static let mostLines = 20

    var text: String {
        var sections = [Section(title: "", body: summary)]
        if !answer.failures.isEmpty {
            sections.append(Section(title: "Refused", body: answer.failures.joined(separator: "\n")))
        }
        sections.append(
            section(
                "Placements", answer.placements, header: ["Instance", "Node", "After", "Waited"],
                row: { [$0.name, $0.nodeName, Self.span($0.at), Self.span($0.wait)] }))
        sections.append(
            section(
                "Stopped", answer.stopped, header: ["Instance", "Node", "Reason"],
                row: { [$0.name, $0.nodeName, $0.reason] }))
        sections.append(
            section(
                "Waiting, the next first", answer.waiting, header: ["Job", "Group", "Count", "What it waits for"],
                row: { [$0.job, $0.group, "\($0.count)", Self.reason($0)] }))
        sections.append(
            section(
                "Never ends here: batch work without max_run_duration, of which nothing says how long it takes",
                answer.endless ?? [], header: ["Job", "Instances"], row: { [$0.job, "\($0.count)"] }))
        if let tidying = answer.tidying { sections += self.sections(of: tidying) }
        sections.append(Section(title: "Machines", body: machines))
        return Section.text(sections.filter { !$0.body.isEmpty })
    }

    private var summary: String {
        var pairs = [
            ("Would start", "\(answer.placements.count)"), ("Would be stopped", "\(answer.stopped.count)"),
            ("Would end by themselves", "\(answer.completed)"),
            ("Would wait", "\(answer.waiting.reduce(0) { $0 + $1.count })"),
        ]
        if let unplayed = answer.unplayed, unplayed > 0 {
            pairs.append(("Not played", "\(unplayed) submissions come in later; -hours plays more"))
        }
        if answer.waits.waited > 0 {
            let waits = answer.waits
            pairs.append(
                (
                    "Waiting times",
                    "median \(Self.span(waits.median)), 95 of 100 within \(Self.span(waits.p95)), longest "
                        + Self.span(waits.longest)
                ))
        }
        return Table.pairs(pairs)
    }

    private func section<Element>(
        _ title: String, _ elements: [Element], header: [String], row: (Element) -> [String]
    ) -> Section {
        guard !elements.isEmpty else { return Section(title: "", body: "") }
        let shown = isVerbose ? elements[...] : elements.prefix(Self.mostLines)
        var body = Table(header: header, rows: shown.map(row)).text
        if shown.count < elements.count {
            body += "\n… and \(elements.count - shown.count) more; -verbose shows all"
        }
        return Section(title: title, body: body)
    }

    private func sections(of tidying: WhatIfWire.Tidying) -> [Section] {
        let title = "Moves that would empty machines"
        if tidying.moves.isEmpty {
            return [Section(title: title, body: "None: no machine can be emptied with so few.")]
        }
        return [
            section(
                title, tidying.moves, header: ["Instance", "From", "To", "Why"],
                row: { [$0.name, $0.from, $0.to, $0.reason] }),
            section(
                "Machines that would come free", tidying.emptied, header: ["Node", "Moves", "CPU", "Memory"],
                row: { [$0.name, "\($0.moves)", "\($0.cpu) MHz", "\($0.memory) MiB"] }),
        ]
    }

    private var machines: String {
        let percent = { (share: Double) in "\(Int((share * 100).rounded())) %" }
        let row = { (name: String, packing: WhatIfWire.Packing) in
            [
                name, "\(packing.nodes)", "\(packing.used)", "\(packing.lowerBound)", percent(packing.cpu),
                percent(packing.memory), percent(packing.disk),
            ]
        }
        var rows = [row("Before", answer.packing.before), row("After", answer.packing.after)]
        if let tidying = answer.tidying {
            var packing = answer.packing.after
            packing.used -= tidying.emptied.count
            rows.append(row("Tidied", packing))
        }
        return Table(header: ["State", "Nodes", "In use", "At least", "CPU", "Memory", "Disk"], rows: rows).text
    }

    private static func reason(_ waiting: WhatIfWire.Waiting) -> String {
        let rules = (waiting.filtered ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key) (\($0.value) node\($0.value == 1 ? "" : "s"))" }
        return ((waiting.awaits ?? []) + waiting.shortages + rules).joined(separator: "; ")
    }

    /// Seconds as `1h 5m`, `90s`.
    private static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole < 120 { return "\(whole)s" }
        if whole < 7200 { return "\(whole / 60)m" }
        return whole % 3600 < 60 ? "\(whole / 3600)h" : "\(whole / 3600)h \(whole % 3600 / 60)m"
    }
}
