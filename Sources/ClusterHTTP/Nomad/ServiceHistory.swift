import ClusterKit

/// Follows which instances run, batch by batch, and says what happened to them: a batch tells only how its allocations
/// are now, and what that changed follows from how they were.
///
/// For changes from before the history began, of which a stream repeats some, the state before may be unknown; what
/// runs then counts as newly registered.
struct ServiceHistory: Sendable {
    private let beginning: ServiceCatalog
    private var known: [AllocationID: [ServiceInstance]] = [:]

    /// Begins with what runs now.
    init(_ catalog: ServiceCatalog = ServiceCatalog()) { beginning = catalog }

    /// What a batch did to instances, in the order of its changes.
    mutating func events(of batch: ChangeBatch, in snapshot: Snapshot) -> [Event] {
        batch.changes.flatMap { change -> [Event] in
            switch change {
            case .putAllocation(let allocation):
                move(allocation.id, to: snapshot.instances(of: allocation), at: batch.revision)
            case .removeAllocation(let id): move(id, to: [], at: batch.revision)
            default: []
            }
        }
    }

    private mutating func move(
        _ id: AllocationID, to instances: [ServiceInstance], at revision: Revision
    ) -> [Event] {
        let first = beginning.instances(of: id)
        let before = known[id] ?? first.filter { $0.modifyRevision < revision }
        let after = instances.map { instance in
            var stamped = instance
            let old = before.first { $0.id == instance.id }
            stamped.createRevision = old?.createRevision ?? revision
            stamped.modifyRevision = old?.modifyRevision ?? revision
            if stamped != old { stamped.modifyRevision = revision }
            return stamped
        }
        known[id] = after.isEmpty && first.isEmpty ? nil : after
        let gone = before.filter { old in !after.contains { $0.id == old.id } }
        return gone.map { Event("ServiceDeregistration", $0) }
            + after.flatMap { Self.changes(from: before.first(where: Self.has($0.id)), to: $0) }
    }

    private static func has(_ id: ServiceInstanceID) -> (ServiceInstance) -> Bool { { $0.id == id } }

    private static func changes(from old: ServiceInstance?, to new: ServiceInstance) -> [Event] {
        guard let old else { return [Event("ServiceRegistration", new)] }
        var same = new
        same.checks = old.checks
        same.modifyRevision = old.modifyRevision
        let registration = same == old ? [] : [Event("ServiceRegistration", new)]
        let changed = new.checks.filter { check in
            old.checks.first { $0.service == check.service && $0.index == check.index }?.health != check.health
        }
        return registration + changed.map { Event("CheckStatusChanged", new, $0) }
    }
}
