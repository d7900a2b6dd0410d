import ClusterKit

/// Looks at every durable state and says which promise it breaks. Shares no code with what it checks: it adds up by
/// itself.
struct StateChecker {
    private var seen: Revision = .zero

    /// Checks what `batch` made true in `truth`.
    mutating func check(_ batch: ChangeBatch, leadingTo truth: Snapshot, into report: inout WorldReport) {
        var nodes: Set<NodeID> = []
        var jobs: Set<JobID> = []
        if batch.revision <= seen {
            report.violations.append(
                Violation(rule: "one history", detail: "revision \(batch.revision) was written a second time"))
        }
        seen = max(seen, batch.revision)
        for change in batch.changes {
            guard case .putAllocation(let allocation) = change else { continue }
            nodes.insert(allocation.node)
            jobs.insert(allocation.job)
        }
        for node in nodes.sorted() { checkCapacity(of: node, in: truth, into: &report) }
        for job in jobs.sorted() { checkNames(of: job, in: truth, into: &report) }
    }

    /// No node holds more than it has, and no port twice. What ended unconfirmed still holds.
    private func checkCapacity(of id: NodeID, in truth: Snapshot, into report: inout WorldReport) {
        guard let node = truth.nodes[id] else { return }
        var (cpu, memory, disk) = (0, 0, 0)
        var ports: Set<Int> = []
        for allocation in truth.allocations(on: id) where !allocation.client.isTerminal {
            cpu += allocation.resources.total.cpuMHz
            memory += allocation.resources.total.memoryMiB
            disk += allocation.resources.total.diskMiB
            for port in allocation.resources.ports where !ports.insert(port.value).inserted {
                report.violations.append(
                    Violation(rule: "no port twice", detail: "port \(port.value) on \(node.name)"))
            }
        }
        let (has, kept) = (node.capacity, node.reserved)
        let room = (has.cpuMHz - kept.cpuMHz, has.memoryMiB - kept.memoryMiB, has.diskMiB - kept.diskMiB)
        if cpu > room.0 || memory > room.1 || disk > room.2 {
            report.violations.append(
                Violation(
                    rule: "no node over capacity",
                    detail: "\(node.name) holds \(cpu) MHz, \(memory) MiB, \(disk) MiB disk of \(room)"))
        }
    }

    /// Never two allocations of one name that are both meant to run.
    private func checkNames(of job: JobID, in truth: Snapshot, into report: inout WorldReport) {
        var names: Set<String> = []
        for allocation in truth.allocations(of: job) where allocation.desired == .run {
            guard !allocation.client.isTerminal else { continue }
            let name = "\(job).\(allocation.group)[\(allocation.index)]"
            if !names.insert(name).inserted {
                report.violations.append(
                    Violation(rule: "one live allocation a name", detail: "\(name) at revision \(truth.revision)"))
            }
        }
    }
}
