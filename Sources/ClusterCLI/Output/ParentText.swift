import ClusterClient
import ClusterKit

/// The status of a job that runs nothing itself.
extension JobFacts {
    /// Whether its work is that of the jobs that it makes.
    var isParent: Bool { job.value.periodic != nil || job.value.parameterized != nil }

    /// For people, with the jobs that it made.
    func text(children: [JobListItem], now: Int64 = TimeText.now) -> String {
        var sections = [Section(title: "", body: head(at: now))]
        sections.append(Section(title: "Children Job Summary", body: summaryText))
        if let given = job.value.parameterized {
            sections.append(
                Section(
                    title: "Parameterized Job",
                    body: Table.pairs([
                        ("Payload", given.payload ?? "optional"),
                        ("Required Metadata", (given.requiredMeta ?? []).joined(separator: ", ")),
                        ("Optional Metadata", (given.optionalMeta ?? []).joined(separator: ", ")),
                    ])))
        }
        let title = job.value.periodic == nil ? "Dispatched Jobs" : "Previously Launched Jobs"
        let rows = children.sorted { ($0.submitTime ?? 0, $0.id) > ($1.submitTime ?? 0, $1.id) }
            .map { [$0.id, $0.status, TimeText.point($0.submitTime ?? 0)] }
        let table = Table(header: ["ID", "Status", "Submit Date"], rows: rows).text
        sections.append(Section(title: title, body: rows.isEmpty ? "None yet" : table))
        return Section.text(sections)
    }

    private func head(at now: Int64) -> String {
        let job = job.value
        let status = job.stop ? job.status + " (stopped)" : job.status
        let datacenters = (job.datacenters ?? []).joined(separator: ",")
        var pairs: [(String, String)] = [
            ("ID", job.id), ("Name", job.name), ("Submit Date", TimeText.point(job.submitTime ?? 0)),
            ("Type", job.type), ("Priority", "\(job.priority)"),
            ("Datacenters", datacenters), ("Namespace", job.namespace ?? "default"),
            ("Status", status),
            ("Periodic", "\(job.periodic != nil)"), ("Parameterized", "\(job.parameterized != nil)"),
        ]
        if let periodic = job.periodic { pairs.append(("Next Periodic Launch", next(periodic, at: now))) }
        return Table.pairs(pairs)
    }

    /// By the zone files of this machine.
    private func next(_ periodic: PeriodicWire, at now: Int64) -> String {
        guard !job.value.stop, periodic.isEnabled != false else { return "none (job is off)" }
        do {
            let next = try periodic.next(after: WallTime(nanoseconds: now))
            return next.map { TimeText.point($0.nanoseconds) } ?? "none"
        } catch {
            return "unknown: \((error as? ClusterError)?.message ?? "\(error)")"
        }
    }

    private var summaryText: String {
        let children = summary.value.children ?? ChildrenWire(pending: 0, running: 0, dead: 0)
        let row = [children.pending, children.running, children.dead].map { "\($0)" }
        return Table(header: ["Pending", "Running", "Dead"], rows: [row]).text
    }
}
