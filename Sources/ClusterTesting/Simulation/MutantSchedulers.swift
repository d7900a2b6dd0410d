public import ClusterKit

/// Mutant: shows the real scheduler nodes of twice their size.
public struct OverfillingScheduler: Scheduler {
    private let honest = BinPackScheduler()

    /// Makes one.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(honest: honest.session(on: Self.enlarged(snapshot)))
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(request, on: Self.enlarged(snapshot))
    }

    private static func enlarged(_ snapshot: Snapshot) -> Snapshot {
        var records: [Change] = []
        snapshot.records { records.append(enlarged($0)) }
        return Snapshot(revision: snapshot.revision, epoch: snapshot.epoch, records: records)
    }

    private static func enlarged(_ change: Change) -> Change {
        guard case .putNode(var node) = change else { return change }
        node.capacity += node.capacity
        return .putNode(node)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed {
            var batch = batch
            batch.changes = batch.changes.map(OverfillingScheduler.enlarged)
            return honest.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests, using: &entropy)
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}

/// Mutant: the real scheduler, except that each port it chooses is the same.
public struct PortBlindScheduler: Scheduler {
    private let honest = BinPackScheduler()

    /// Makes one.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(honest: honest.session(on: snapshot))
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(request, on: snapshot)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed { honest.apply(batch) }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests, using: &entropy).map { decision in
                guard case .placed(var placement) = decision else { return decision }
                for place in placement.resources.ports.indices { placement.resources.ports[place].value = 20_000 }
                return .placed(placement)
            }
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}

/// Mutant: the real scheduler, to which every node seems to take work.
public struct EligibilityBlindScheduler: Scheduler {
    private let honest = BinPackScheduler()

    /// Makes one.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        var records: [Change] = []
        snapshot.records { records.append(Self.opened($0)) }
        return Session(
            honest: honest.session(
                on: Snapshot(revision: snapshot.revision, epoch: snapshot.epoch, records: records)))
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(request, on: snapshot)
    }

    private static func opened(_ change: Change) -> Change {
        guard case .putNode(var node) = change else { return change }
        node.eligibility = .eligible
        return .putNode(node)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed {
            var batch = batch
            batch.changes = batch.changes.map(EligibilityBlindScheduler.opened)
            return honest.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests, using: &entropy)
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}

/// Mutant: the real scheduler, which is not told what groups demand of nodes.
public struct ConstraintBlindScheduler: Scheduler {
    private let honest = BinPackScheduler()

    /// Makes one.
    public init() {}

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(honest: honest.session(on: snapshot))
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(request, on: snapshot)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed { honest.apply(batch) }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests.map(Self.undemanding), using: &entropy)
        }

        private static func undemanding(_ request: PlacementRequest) -> PlacementRequest {
            var job = request.subject.job
            for place in job.groups.indices { job.groups[place].constraints = [] }
            guard let subject = PlacementSubject(job, group: request.subject.group.name) else { return request }
            return PlacementRequest(
                allocation: request.allocation, subject: subject, avoided: request.avoided,
                withheld: request.withheld, pinned: request.pinned)
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}
