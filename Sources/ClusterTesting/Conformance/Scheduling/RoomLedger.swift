import ClusterKit

/// Adds up what is held on each node, for checking placements: no scheduler's code is used for it.
///
/// An instance that makes room for another and the one that waits for it hold the same room, one after the other. So
/// two sums are kept in bounds: that of now, without those who wait, and that of later, without those who go.
struct RoomLedger {
    private struct Holder {
        var node: NodeID
        var resources: AllocatedResources
        /// Waits until others have ended.
        var waits = false
        /// Ends for another.
        var goes = false
    }

    private let snapshot: Snapshot
    private var holders: [AllocationID: Holder] = [:]
    private var instances: [AllocationID: (job: JobID, group: String, node: NodeID)] = [:]

    init(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        let running = snapshot.allocations.sorted.filter { !$0.isTerminal }
        let ids = Set(running.map(\.id))
        let awaited = Set(running.flatMap(\.preempted))
        for allocation in running {
            var holder = Holder(node: allocation.node, resources: allocation.resources)
            holder.waits = allocation.preempted.contains { ids.contains($0) }
            holder.goes = allocation.desired == .evict || awaited.contains(allocation.id)
            holders[allocation.id] = holder
            instances[allocation.id] = (allocation.job, allocation.group, allocation.node)
        }
    }

    /// What is left on a node beside all that is held there.
    func vacancy(on id: NodeID) -> Vacancy? {
        guard let node = snapshot.nodes[id] else { return nil }
        let room = ReferenceRoom(node, [])
        let here = holders.values.filter { $0.node == id }.map(\.resources)
        let held = here.reduce(Resources()) { $0 + $1.total }
        let cores = Set(node.reservedCores + here.flatMap { $0.cores.values.joined() })
        return Vacancy(
            cpuMHz: max(0, Int(room.usable.cpu)) - held.cpuMHz,
            memoryMiB: max(0, Int(room.usable.memory)) - held.memoryMiB,
            diskMiB: max(0, Int(room.usable.disk)) - held.diskMiB,
            cores: max(0, node.cores) - cores.count { $0 < node.cores })
    }

    /// Adds a placement and says what is wrong with it: the promise and what was seen instead.
    mutating func place(_ request: PlacementRequest, _ placement: Placement) -> [Violation] {
        guard let node = snapshot.nodes[placement.node] else {
            return [Violation(rule: "instances are placed on nodes that exist", detail: "\(placement.node)")]
        }
        var wrong = rules(node, request)
        wrong += distinct(node, request, without: placement.evicting.filter { $0 == request.replacing })
        if let name = placement.nodeName, name != node.name {
            wrong.append(
                Violation(rule: "a placement calls its node by its name", detail: "\(name) instead of \(node.name)"))
        }
        wrong += evictions(node, request, placement.evicting)
        wrong += gives(placement.resources, on: node, for: request.subject.group)

        let here = holders.filter { $0.value.node == node.id && !placement.evicting.contains($0.key) }
            .sorted { $0.key < $1.key }.map(\.value)
        let now = here.filter { !$0.waits }.map(\.resources)
        let later = here.filter { !$0.goes }.map(\.resources)
        for others in [now, later] {
            for found in clashes(placement.resources, beside: others, on: node)
            where !wrong.contains(found) {
                wrong.append(found)
            }
        }
        holders[request.allocation] = Holder(
            node: node.id, resources: placement.resources, waits: !placement.evicting.isEmpty)
        instances[request.allocation] = (request.subject.job.id, request.subject.group.name, node.id)
        for victim in placement.evicting { holders[victim]?.goes = true }
        return wrong
    }

    // MARK: Rules

    private func rules(_ node: Node, _ request: PlacementRequest) -> [Violation] {
        guard let rule = ReferenceRules.standing(node, request) else { return [] }
        return [Violation(rule: "rules hold where an instance is placed", detail: "\(node.name): \(rule)")]
    }

    /// `distinct_hosts` and `distinct_property`: counted anew from the list of instances.
    private func distinct(
        _ node: Node, _ request: PlacementRequest, without replaced: [AllocationID]
    ) -> [Violation] {
        let (job, group) = (request.subject.job, request.subject.group)
        let family = instances.filter { !replaced.contains($0.key) }.values.filter { $0.job == job.id }
        var wrong: [Violation] = []
        func check(_ constraints: [Constraint], among others: [(job: JobID, group: String, node: NodeID)]) {
            for constraint in constraints {
                if constraint.comparison == .distinctHosts, constraint.value != "false",
                    others.contains(where: { $0.node == node.id })
                {
                    wrong.append(Violation(rule: "distinct_hosts keeps instances apart", detail: node.name))
                }
                guard constraint.comparison == .distinctProperty else { continue }
                let value = ReferenceRules.resolve(constraint.attribute, node)
                let equal = others.count { other in
                    snapshot.nodes[other.node].map { ReferenceRules.resolve(constraint.attribute, $0) == value }
                        ?? false
                }
                if value == nil || equal >= ReferenceRules.limit(of: constraint) {
                    wrong.append(
                        Violation(
                            rule: "distinct_property keeps instances apart",
                            detail: "\(constraint) on \(node.name): \(equal) are at \(value ?? "no value")"))
                }
            }
        }
        check(job.constraints, among: family)
        check(group.constraints, among: family.filter { $0.group == group.name })
        return wrong
    }

    // MARK: Evictions

    private func evictions(_ node: Node, _ request: PlacementRequest, _ victims: [AllocationID]) -> [Violation] {
        var wrong: [Violation] = []
        let job = request.subject.job
        let others = victims.filter { $0 != request.replacing }
        if !others.isEmpty, !snapshot.schedulingRules.preempting.contains(job.kind) {
            wrong.append(Violation(rule: "only kinds that may preempt do", detail: "\(job.id) is a \(job.kind)"))
        }
        if Set(victims).count != victims.count {
            wrong.append(Violation(rule: "a victim is named once", detail: "\(victims.map(\.short))"))
        }
        for id in victims {
            func refuse(_ detail: String) {
                wrong.append(Violation(rule: "only the less important make room", detail: "\(id.short) \(detail)"))
            }
            guard let victim = snapshot.allocations[id] else {
                refuse("is not known")
                continue
            }
            if victim.node != node.id { refuse("is on another node") }
            if id == request.replacing {
                let isOfGroup = victim.job == job.id && victim.group == request.subject.group.name
                if !isOfGroup || !victim.isLive || holders[id]?.goes == true { refuse("cannot be replaced") }
                continue
            }
            // Whoever makes room for others already may be awaited by anyone.
            if holders[id]?.goes == true { continue }
            if !victim.isLive { refuse("ends already") }
            if victim.job == job.id { refuse("is of the same job") }
            let priority = snapshot.job(of: victim)?.priority ?? .max
            if priority > job.priority - 10 { refuse("has priority \(priority), the other \(job.priority)") }
        }
        return wrong
    }

    /// Victims of a placement that was added, without whom it would have fitted as well, one by one.
    func needless(_ request: PlacementRequest, _ placement: Placement) -> [AllocationID] {
        guard let node = snapshot.nodes[placement.node] else { return [] }
        // Room is not all that the one it replaces may have taken.
        return placement.evicting.filter { $0 != request.replacing }.filter { victim in
            let others = holders.filter { id, holder in
                holder.node == node.id && id != request.allocation
                    && (id == victim || !placement.evicting.contains(id))
            }
            let here = others.sorted { $0.key < $1.key }.map { id, holder in
                ReferenceHolder(
                    id: id, node: node.id, job: JobID(""), group: "", resources: holder.resources)
            }
            return ReferenceRoom(node, here).shortage(for: request.subject.group) == nil
        }
    }
}
