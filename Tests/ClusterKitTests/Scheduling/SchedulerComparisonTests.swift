import ClusterKit
import ClusterTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SchedulerComparisonTests {
    /// Four runs side by side, two of them through the index. `CLUSTER_LOCKSTEP=1000000` makes this many decisions
    /// instead.
    @Test(arguments: [UInt64(1), 500_000], [64, 1])
    func binPackDecidesAsTheReference(seed: UInt64, indexedFrom: Int) {
        let wanted = ProcessInfo.processInfo.environment["CLUSTER_LOCKSTEP"].flatMap { Int($0) } ?? 20_000
        let scheduler = BinPackScheduler(indexedFrom: indexedFrom)
        let outcome = SchedulerComparison.run(scheduler, decisions: wanted / 4, seed: seed)
        let counts = outcome.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        print("\(outcome.decisions) decisions beside the reference from seed \(seed): \(counts)")
        #expect(outcome.difference == nil)
        // Otherwise little was compared.
        for what in [
            "devices", "later pool", "pinned", "tie", "one by one", "explained", "part allocation-spread",
            "part devices", "part job-anti-affinity", "part node-affinity", "refused: room", "regexp",
            "evicting 1", "kept nodes, part allocation-spread", "kept nodes, part job-anti-affinity",
        ] {
            #expect(outcome.counts[what] ?? 0 > 10, "\(what) was hardly looked at")
        }
        #expect(outcome.counts["awaiting"] ?? 0 > 0)
        #expect(outcome.counts["placed"] ?? 0 > outcome.decisions / 4)
    }

    /// A comparison that finds nothing proves nothing: each of these overlooks one thing that a request says.
    @Test(arguments: Overlooking.Fault.allCases)
    func whatIsOverlookedIsFound(fault: Overlooking.Fault) {
        let outcome = SchedulerComparison.run(Overlooking(fault: fault), decisions: 3000, seed: 3)
        #expect(outcome.difference != nil)
    }
}

/// The reference itself, but for one thing that it does not see.
struct Overlooking: Scheduler {
    enum Fault: CaseIterable {
        case affinities, spreads, targets, constraints, distinctProperty, volumes, poolOrder, deviceWishes, avoided,
            withheld, pinned, rulesChange, victims, waiting, patterns, priority, names
    }

    let fault: Fault

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(fault: fault, inner: ReferenceScheduler().session(on: snapshot))
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        ReferenceScheduler().explain(request, on: snapshot)
    }

    struct Session: SchedulingSession {
        let fault: Fault
        var inner: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
            var batch = batch
            if fault == .rulesChange {
                batch.changes.removeAll { if case .putSchedulingRules = $0 { true } else { false } }
            }
            if fault == .waiting {
                // Who was told to make room seems to stay.
                batch.changes = batch.changes.map { change in
                    guard case .putAllocation(var allocation) = change, allocation.desired == .evict else {
                        return change
                    }
                    allocation.desired = .run
                    return .putAllocation(allocation)
                }
            }
            if fault == .names {
                // Ties go to the last name.
                batch.changes = batch.changes.map { change in
                    guard case .putNode(var node) = change else { return change }
                    node.name = "n\(UInt64.max - (UInt64(node.name.dropFirst()) ?? 0))"
                    return .putNode(node)
                }
            }
            return inner.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            inner.place(requests.map(spoil), using: &entropy).map { decision in
                guard fault == .victims, case .placed(var placement) = decision else { return decision }
                placement.evicting = []
                return .placed(placement)
            }
        }

        func vacancy(on node: NodeID) -> Vacancy? { inner.vacancy(on: node) }

        mutating func release(_ reserved: [AllocationID]) { inner.release(reserved) }

        private func spoil(_ request: PlacementRequest) -> PlacementRequest {
            var request = request
            if fault == .avoided { request.avoided = [] }
            if fault == .withheld { request.withheld = [] }
            if fault == .pinned { request.pinned = nil }
            var job = request.subject.job
            if fault == .priority { job.priority = min(100, job.priority + 5) }
            if fault == .affinities { job.affinities = [] }
            if fault == .spreads { job.spreads = [] }
            if fault == .constraints { job.constraints = [] }
            if fault == .patterns { job.constraints.removeAll { $0.comparison == .regexp } }
            for place in job.groups.indices { spoil(&job.groups[place]) }
            if let subject = PlacementSubject(job, group: request.subject.group.name) { request.subject = subject }
            return request
        }

        private func spoil(_ group: inout TaskGroup) {
            switch fault {
            case .targets:
                for place in group.spreads.indices { group.spreads[place].targets = [] }
            case .distinctProperty: group.constraints.removeAll { $0.comparison == .distinctProperty }
            case .volumes:
                group.volumes = group.volumes.map { VolumeRequest(name: $0.name, source: $0.source, readOnly: true) }
            case .patterns: group.constraints.removeAll { $0.comparison == .regexp }
            case .poolOrder: group.nodePools.reverse()
            case .deviceWishes:
                for task in group.tasks.indices {
                    for place in group.tasks[task].resources.devices.indices {
                        group.tasks[task].resources.devices[place].affinities = []
                    }
                }
            default: break
            }
        }
    }
}
