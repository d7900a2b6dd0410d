import ClusterClient

/// How well an instance is, in one word.
enum HealthText {
    /// Only so many are asked for: each costs a request.
    static let mostAsked = 100

    /// The worst that the checks of an instance say; `nil` for one without checks.
    static func worst(_ checks: some Sequence<CheckWire>) -> String? {
        let order = ["passing", "pending", "warning", "critical"]
        return checks.map(\.shownStatus).max { (order.firstIndex(of: $0) ?? 4) < (order.firstIndex(of: $1) ?? 4) }
    }
}

extension ClusterClient {
    /// How well those of `allocations` are that run, by identifier: the newest hundred, and only those with checks.
    func health(of allocations: [AllocationWire]) async -> [String: String] {
        let running = AllocationTable.newestFirst(allocations.filter { $0.clientStatus == "running" })
        return await withTaskGroup(of: (String, String?).self) { group in
            for allocation in running.prefix(HealthText.mostAsked) {
                group.addTask {
                    let options = ReadOptions(namespace: allocation.namespace)
                    // One that is forgotten meanwhile has none.
                    let found = try? await self.checks(ofAllocation: allocation.id, options).value
                    return (allocation.id, found.flatMap { HealthText.worst($0.values) })
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
