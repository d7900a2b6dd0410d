import ClusterClient

/// Finds out why instances of a roll-out are not well: takes one look after the other, and asks nobody.
struct Complaints {
    /// Only so many are asked for at a look: each costs a request.
    static let mostAsked = 20

    private let isVerbose: Bool
    /// The checks that failed at the last look.
    private var failing: Set<[String]> = []
    private var told: Set<[String]> = []

    init(isVerbose: Bool = false) { self.isVerbose = isVerbose }

    /// Those of `allocations` whose checks may say why they are not well.
    static func suspects(among allocations: [AllocationWire]) -> [AllocationWire] {
        let running = allocations.filter { $0.clientStatus == "running" && $0.deploymentStatus?.isHealthy != true }
        return Array(AllocationTable.newestFirst(running).prefix(mostAsked))
    }

    /// What is new: an instance that was found unwell, with the reason; and before that a check that failed at the last
    /// look too, which is some seconds ago. `checks` are those of the instances, by identifier.
    mutating func look(_ allocations: [AllocationWire], checks: [String: [CheckWire]]) -> [String] {
        var lines: [String] = []
        var current: Set<[String]> = []
        for allocation in allocations.sorted(by: { ($0.name, $0.createIndex, $0.id) < ($1.name, $1.createIndex, $1.id) }
        ) {
            let id = AllocationTable.shown(allocation.id, isVerbose)
            let bad = (checks[allocation.id] ?? []).filter {
                !["passing", "success", "pending"].contains($0.shownStatus)
            }
            .sorted { ($0.service, $0.name) < ($1.service, $1.name) }
            if allocation.deploymentStatus?.isHealthy == false {
                guard told.insert([allocation.id]).inserted else { continue }
                var reasons = bad.map(Self.text)
                if let why = allocation.clientDescription, allocation.hasFailed, !why.isEmpty { reasons = [why] }
                let why = reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")
                lines.append("    Allocation \"\(id)\" is unwell\(why); see: cluster alloc status \(id)")
                continue
            }
            for check in bad {
                let key = [allocation.id, check.service, check.name]
                current.insert(key)
                guard failing.contains(key), told.insert(key).inserted else { continue }
                lines.append("    Allocation \"\(id)\" is not well yet: \(Self.text(check))")
            }
        }
        failing = current
        return lines
    }

    private static func text(_ check: CheckWire) -> String {
        let output = AllocationText.line(check.output)
        return "check \"\(check.name)\" \(check.shownStatus)" + (output.isEmpty ? "" : ": \(output)")
    }
}

extension ClusterClient {
    /// What the checks of those of `allocations` say that may be unwell, by identifier.
    func complaints(of allocations: [AllocationWire]) async -> [String: [CheckWire]] {
        var found: [String: [CheckWire]] = [:]
        for allocation in Complaints.suspects(among: allocations) {
            // One that is forgotten meanwhile has none.
            let checks = try? await checks(
                ofAllocation: allocation.id, ReadOptions(namespace: allocation.namespace)
            ).value
            found[allocation.id] = checks.map { Array($0.values) }
        }
        return found
    }
}
