import ClusterClient

/// Allocations in Nomad's columns, and with their health where that is known of any.
enum AllocationTable {
    /// Whose allocations a table holds: what all of them share has no column.
    enum Scope {
        case job, node, namespace, cluster
    }

    static func table(
        _ allocations: [AllocationWire], isVerbose: Bool, health: [String: String] = [:], of scope: Scope = .job,
        now: Int64 = TimeText.now
    ) -> Table {
        let title = health.isEmpty ? [] : ["Health"]
        let hasNode = scope != .node
        let hasJob = scope != .job
        let hasNamespace = scope == .cluster
        return Table(
            header: ["ID"] + (hasNode ? ["Node ID"] : []) + (hasNamespace ? ["Namespace"] : [])
                + (hasJob ? ["Job ID"] : []) + ["Task Group", "Version", "Desired", "Status"] + title + [
                    "Created", "Modified",
                ],
            rows: newestFirst(allocations).map { allocation in
                [shown(allocation.id, isVerbose)] + (hasNode ? [shown(allocation.node, isVerbose)] : [])
                    + (hasNamespace ? [allocation.namespace] : []) + (hasJob ? [allocation.job] : [])
                    + [
                        allocation.group, allocation.version.map { "\($0)" } ?? "", allocation.desiredStatus,
                        allocation.clientStatus,
                    ] + title.map { _ in health[allocation.id] ?? "" } + [
                        TimeText.ago(allocation.createTime, now: now), TimeText.ago(allocation.modifyTime, now: now),
                    ]
            })
    }

    static func newestFirst(_ allocations: [AllocationWire]) -> [AllocationWire] {
        allocations.sorted { ($1.createIndex, $0.name, $0.id) < ($0.createIndex, $1.name, $1.id) }
    }

    /// An identifier, or its first eight digits.
    static func shown(_ id: String, _ isVerbose: Bool = false) -> String { isVerbose ? id : String(id.prefix(8)) }
}
