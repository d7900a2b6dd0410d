import ClusterKit
import ClusterTesting

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A scheduler of one's own: shows with the public suite that it keeps a scheduler's promises, and then places with it.
@main enum CustomScheduler {
    static func main() {
        let scheduler = FewestFirstScheduler()
        let violations = SchedulerConformance.violations(of: scheduler)
        violations.forEach { print($0) }
        print(violations.isEmpty ? "the scheduler keeps its promises" : "\(violations.count) promises are broken")

        let used = place(9, on: 3, with: scheduler)
        print("nine instances on three machines: \(used.map { "\($0)" }.joined(separator: ", "))")
        if !violations.isEmpty || used != [3, 3, 3] { exit(1) }
    }

    /// How many instances of one job each machine gets.
    private static func place(_ count: Int, on machines: Int, with scheduler: any Scheduler) -> [Int] {
        let nodes = (1...machines).map { SampleCluster.node("machine-\($0)", number: UInt64($0)) }
        let task = TaskSpec(name: "work", resources: TaskResources(cpuMHz: 500, memoryMiB: 256))
        let job = Job(id: JobID("builds"), groups: [TaskGroup(name: "all", count: count, tasks: [task])])
        guard let subject = PlacementSubject(job, group: "all") else { return [] }
        let snapshot = Snapshot(revision: Revision(1), epoch: Epoch(1), records: nodes.map(Change.putNode))
        var session = scheduler.session(on: snapshot)
        var entropy = Entropy(seed: 1)
        let requests = (0..<count).map { _ in PlacementRequest(allocation: entropy.identifier(), subject: subject) }
        var counts: [NodeID: Int] = [:]
        for case .placed(let placement) in session.place(requests, using: &entropy) {
            counts[placement.node, default: 0] += 1
        }
        return nodes.map { counts[$0.id, default: 0] }
    }
}
