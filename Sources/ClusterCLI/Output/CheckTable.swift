import ClusterClient

/// What the checks of an allocation found, in columns.
enum CheckTable {
    static func table(_ checks: [String: CheckWire], now: Int64 = TimeText.now) -> Table {
        let sorted = checks.sorted {
            ($0.value.service, $0.value.name, $0.key) < ($1.value.service, $1.value.name, $1.key)
        }
        return Table(
            header: ["Service", "Check", "Status", "Since", "Output"],
            rows: sorted.map { _, check in
                [
                    check.service, check.name, check.shownStatus, TimeText.ago(check.since ?? 0, now: now),
                    AllocationText.line(check.output),
                ]
            })
    }
}
