import ClusterKit

/// Looks at instances of which something is heard again while another has taken their place: of two of a name one ends
/// soon. Shares no code with what it checks.
struct ReturnChecker {
    /// How long both may be meant to run while one and the same server leads.
    private static let patience = Duration.seconds(10)

    /// Instances of which nothing was heard at some time.
    private var absent: Set<AllocationID> = []
    /// Since when each of them is meant to run beside another, and under which server.
    private var doubled: [AllocationID: (server: Int, since: Uptime)] = [:]

    /// Takes in what `batch` says of instances.
    mutating func check(_ batch: ChangeBatch) {
        for case .putAllocation(let allocation) in batch.changes where allocation.client == .unknown {
            absent.insert(allocation.id)
        }
    }

    /// Looks at all that returned; `server` leads and is not hindered, if there is one of which that can be said.
    mutating func look(at truth: Snapshot, led server: Int?, at now: Uptime, into report: inout WorldReport) {
        guard let server else { return doubled = [:] }
        for id in absent.sorted() {
            guard let allocation = truth.allocations[id], allocation.isLive else {
                absent.remove(id)
                doubled[id] = nil
                continue
            }
            // One that retires finishes its work beside whoever has its number next.
            guard allocation.client != .unknown, allocation.wish != .retire,
                let rival = Self.rival(of: allocation, in: truth)
            else {
                doubled[id] = nil
                continue
            }
            guard let known = doubled[id], known.server == server else {
                doubled[id] = (server, now)
                continue
            }
            guard now - known.since > Self.patience else { continue }
            report.violations.append(
                Violation(
                    rule: "of two of a name one ends",
                    detail: "\(allocation.name): \(id.short) has returned, and \(rival.id.short) is to run since "
                        + "\(known.since)"))
        }
    }

    private static func rival(of allocation: Allocation, in truth: Snapshot) -> Allocation? {
        truth.allocations(of: allocation.job).first {
            $0.id != allocation.id && $0.group == allocation.group && $0.index == allocation.index
                && $0.isCanary == allocation.isCanary && $0.isLive && $0.client != .unknown && $0.wish != .retire
        }
    }
}
