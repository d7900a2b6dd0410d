import ClusterClient

/// Allocations in Nomad's columns.
enum AllocationTable {
    static func table(_ allocations: [AllocationWire], isVerbose: Bool, now: Int64 = TimeText.now) -> Table {
        Table(
            header: ["ID", "Node ID", "Task Group", "Version", "Desired", "Status", "Created", "Modified"],
            rows: newestFirst(allocations).map {
                [
                    shown($0.id, isVerbose), shown($0.node, isVerbose), $0.group, "\($0.jobVersion ?? 0)",
                    $0.desiredStatus, $0.clientStatus, TimeText.ago($0.createTime, now: now),
                    TimeText.ago($0.modifyTime, now: now),
                ]
            })
    }

    static func newestFirst(_ allocations: [AllocationWire]) -> [AllocationWire] {
        allocations.sorted { ($1.createIndex, $0.name, $0.id) < ($0.createIndex, $1.name, $1.id) }
    }

    /// An identifier, or its first eight digits.
    static func shown(_ id: String, _ isVerbose: Bool = false) -> String { isVerbose ? id : String(id.prefix(8)) }
}
