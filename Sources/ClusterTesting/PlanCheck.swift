package import ClusterKit

/// What must hold for any plan, whoever made it.
package enum PlanCheck {
    /// What is wrong with `plan`, made from `snapshot`.
    package static func violations(of plan: Plan, on snapshot: Snapshot) -> [Violation] {
        var violations: [Violation] = []
        func report(_ rule: String, _ detail: String) { violations.append(Violation(rule: rule, detail: detail)) }

        if plan.revision != snapshot.revision { report("a plan names its revision", "\(plan.revision)") }
        if plan.reasons.count != plan.changes.count || plan.reasons.contains("") {
            report("a change has a reason", "\(plan.evaluation)")
        }

        var after = snapshot
        after.apply(
            ChangeBatch(
                revision: snapshot.revision.next, epoch: snapshot.epoch, time: WallTime(nanoseconds: 0),
                changes: plan.changes))
        var seen: Set<AllocationID> = []
        var filled: Set<NodeID> = []
        for case .putAllocation(let new) in plan.changes {
            if !seen.insert(new.id).inserted { report("a plan changes an instance once", new.name) }
            guard let old = snapshot.allocations[new.id] else {
                filled.insert(new.node)
                continue
            }
            if old.client.isTerminal, new.client != old.client { report("an ended instance stays ended", new.name) }
            if old.desired != .run, new.desired == .run { report("a stopped instance stays stopped", new.name) }
            if old.node != new.node || old.index != new.index { report("an instance stays where it is", new.name) }
        }
        for node in filled.sorted() { violations += overfull(node, in: after) }
        violations += doubles(in: after, evaluation: snapshot.evaluations[plan.evaluation])
        return violations
    }

    private static func overfull(_ id: NodeID, in snapshot: Snapshot) -> [Violation] {
        guard let node = snapshot.nodes[id] else {
            return [Violation(rule: "instances are placed on nodes that exist", detail: "\(id)")]
        }
        // Whoever waits for others to end has their room after them.
        let all = snapshot.allocations(on: id).filter { !$0.isTerminal }
        let ids = Set(all.map(\.id))
        let awaited = Set(all.flatMap(\.preempted))
        let now = all.filter { $0.preempted.allSatisfy { !ids.contains($0) } }
        let later = all.filter { !awaited.contains($0.id) }
        return Set([now, later].flatMap { overfull(node, with: $0) }).sorted { $0.description < $1.description }
    }

    private static func overfull(_ node: Node, with holders: [Allocation]) -> [Violation] {
        var violations: [Violation] = []
        let used = holders.reduce(Resources()) { $0 + $1.resources.total }
        if !used.fits(in: node.usable) {
            violations.append(
                Violation(rule: "no node is over-filled", detail: "\(node.name): \(used) of \(node.usable)"))
        }
        let ports = holders.flatMap { $0.resources.ports.map(\.value) } + node.reservedPorts
        let cores = holders.flatMap { $0.resources.cores.values.joined() } + node.reservedCores
        if Set(ports).count != ports.count {
            violations.append(Violation(rule: "a port has one holder", detail: "\(node.name): \(ports.sorted())"))
        }
        let devices = holders.flatMap {
            $0.resources.devices.flatMap { device in device.instances.map { "\(device.name) \($0)" } }
        }
        if Set(cores).count != cores.count {
            violations.append(Violation(rule: "a core has one holder", detail: "\(node.name): \(cores.sorted())"))
        }
        if Set(devices).count != devices.count {
            violations.append(Violation(rule: "a device has one holder", detail: "\(node.name): \(devices.sorted())"))
        }
        return violations
    }

    private static func doubles(in snapshot: Snapshot, evaluation: Evaluation?) -> [Violation] {
        guard let job = evaluation?.job else { return [] }
        var violations: [Violation] = []
        var live: Set<String> = []
        for allocation in snapshot.allocations(of: job) where allocation.isLive && !allocation.isCanary {
            if !live.insert(allocation.name).inserted {
                violations.append(Violation(rule: "one live instance for each name", detail: allocation.name))
            }
        }
        let blocked = snapshot.evaluations(of: job).filter { $0.status == .blocked }
        if blocked.count > 1 {
            violations.append(Violation(rule: "one evaluation of a job waits", detail: "\(blocked.count) of \(job)"))
        }
        return violations
    }
}
