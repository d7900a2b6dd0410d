import ClusterClient

/// Allocations in Nomad's columns, and with their health where that is known of any; those of one node with their jobs.
enum AllocationTable {
    static func table(
        _ allocations: [AllocationWire], isVerbose: Bool, health: [String: String] = [:], isOfOneNode: Bool = false,
        now: Int64 = TimeText.now
    ) -> Table {
        let title = health.isEmpty ? [] : ["Health"]
        return Table(
            header: ["ID", isOfOneNode ? "Job ID" : "Node ID", "Task Group", "Version", "Desired", "Status"] + title + [
                "Created", "Modified",
            ],
            rows: newestFirst(allocations).map { allocation in
                [
                    shown(allocation.id, isVerbose),
                    isOfOneNode ? allocation.job : shown(allocation.node, isVerbose), allocation.group,
                    "\(allocation.jobVersion ?? 0)", allocation.desiredStatus, allocation.clientStatus,
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
