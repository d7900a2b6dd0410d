/// What one node has for those who wait: what is free, and what would come free at most if less important work ended.
final class Supply {
    let free: Vacancy
    private let yielding: (_ priority: Int) -> Vacancy
    private var known: [Int: Vacancy] = [:]

    /// `yielding` says what may have to end for work of a priority; it is asked once for each.
    init(_ free: Vacancy, yielding: @escaping (_ priority: Int) -> Vacancy) {
        (self.free, self.yielding) = (free, yielding)
    }

    /// No more than this comes together for work of `priority` that may preempt.
    func most(for priority: Int) -> Vacancy {
        if let most = known[priority] { return most }
        let more = yielding(priority)
        let most = Vacancy(
            cpuMHz: free.cpuMHz &+ more.cpuMHz, memoryMiB: free.memoryMiB &+ more.memoryMiB,
            diskMiB: free.diskMiB &+ more.diskMiB, cores: free.cores &+ more.cores)
        known[priority] = most
        return most
    }
}

extension Snapshot {
    /// What those hold on a node that end to make room, or may have to for work of `priority`. Never too little: whose
    /// priority is not known may have to.
    func yielding(on node: NodeID, to priority: Int) -> Vacancy {
        let limit = priority &- VictimChoice.gap
        var sum = Vacancy(cpuMHz: 0, memoryMiB: 0, diskMiB: 0, cores: 0)
        for allocation in allocations(on: node) where !allocation.isTerminal {
            guard allocation.desired == .evict || self.priority(of: allocation).map({ $0 <= limit }) ?? true else {
                continue
            }
            let amounts = NodeRoom.amounts(of: allocation.resources.total)
            sum.cpuMHz &+= amounts.cpu
            sum.memoryMiB &+= amounts.memory
            sum.diskMiB &+= amounts.disk
            sum.cores &+= allocation.resources.cores.values.joined().count
        }
        return sum
    }

    /// The priority of the version that it runs.
    func priority(of allocation: Allocation) -> Int? {
        jobVersions.part(of: JobVersion(allocation.job, allocation.jobVersion), \.job.priority)
    }
}
