import ClusterClient

/// An evaluation as people read it.
struct EvaluationText {
    var evaluation: EvaluationWire
    /// What it placed.
    var placed: [AllocationWire]
    var isVerbose = false

    static func table(_ evaluations: [EvaluationWire], isVerbose: Bool, withNamespace: Bool = false) -> Table {
        Table(
            header: ["ID", "Priority", "Triggered By"] + (withNamespace ? ["Namespace"] : []) + [
                "Job ID", "Status", "Placement Failures",
            ],
            rows: evaluations.sorted { ($1.createIndex, $0.id) < ($0.createIndex, $1.id) }.map {
                [AllocationTable.shown($0.id, isVerbose), "\($0.priority)", $0.trigger]
                    + (withNamespace ? [$0.namespace ?? "default"] : []) + [$0.job, $0.status, "\($0.isShort)"]
            })
    }

    func text(now: Int64 = TimeText.now) -> String {
        var pairs = [
            ("ID", shown(evaluation.id)), ("Job ID", evaluation.job), ("Namespace", evaluation.namespace ?? "default"),
            ("Type", evaluation.type), ("Priority", "\(evaluation.priority)"), ("Triggered By", evaluation.trigger),
            ("Status", evaluation.status), ("Status Description", evaluation.statusDescription ?? ""),
            ("Placement Failures", "\(evaluation.isShort)"),
        ]
        for (name, id) in [
            ("Previous Eval", evaluation.previous), ("Next Eval", evaluation.next),
            ("Blocked Eval", evaluation.blocked),
        ] {
            if let id, !id.isEmpty { pairs.append((name, shown(id))) }
        }
        var sections = [Section(title: "", body: Table.pairs(pairs.map { (name: $0.0, value: $0.1) }))]
        if let refusals = evaluation.refusals, !refusals.isEmpty {
            sections.append(Section(title: "Failed Placements", body: RefusalText.text(refusals)))
        }
        if !placed.isEmpty {
            let table = AllocationTable.table(placed, isVerbose: isVerbose, now: now)
            sections.append(Section(title: "Placed Allocations", body: table.text))
        }
        return Section.text(sections)
    }

    private func shown(_ id: String) -> String { AllocationTable.shown(id, isVerbose) }
}

extension EvaluationWire {
    /// Whether some could not be placed.
    fileprivate var isShort: Bool { refusals?.isEmpty == false }
}
