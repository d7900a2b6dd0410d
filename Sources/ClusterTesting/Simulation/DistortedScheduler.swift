public import ClusterKit

/// The real scheduler behind a glass that distorts: what it is shown, what it is asked, or what it answers.
///
/// Each mutant is one distortion; everything else is as in production.
public struct DistortedScheduler: Scheduler {
    private let honest = BinPackScheduler()
    private var shown: @Sendable (Change) -> Change = { $0 }
    private var asked: @Sendable (PlacementRequest) -> PlacementRequest = { $0 }
    private var answered: @Sendable (Decision) -> Decision = { $0 }

    /// Mutant: sees nodes of twice their size.
    public static var overfilling: DistortedScheduler {
        var scheduler = DistortedScheduler()
        scheduler.shown = { change in
            guard case .putNode(var node) = change else { return change }
            node.capacity += node.capacity
            return .putNode(node)
        }
        return scheduler
    }

    /// Mutant: takes every node for one that takes work.
    public static var eligibilityBlind: DistortedScheduler {
        var scheduler = DistortedScheduler()
        scheduler.shown = { change in
            guard case .putNode(var node) = change else { return change }
            node.eligibility = .eligible
            return .putNode(node)
        }
        return scheduler
    }

    /// Mutant: is not told what groups demand of nodes.
    public static var constraintBlind: DistortedScheduler {
        var scheduler = DistortedScheduler()
        scheduler.asked = { request in
            var job = request.subject.job
            for place in job.groups.indices { job.groups[place].constraints = [] }
            guard let subject = PlacementSubject(job, group: request.subject.group.name) else { return request }
            return PlacementRequest(
                allocation: request.allocation, subject: subject, avoided: request.avoided,
                withheld: request.withheld, pinned: request.pinned, replacing: request.replacing)
        }
        return scheduler
    }

    /// Mutant: chooses the same ports for everyone.
    public static var portBlind: DistortedScheduler {
        var scheduler = DistortedScheduler()
        scheduler.answered = { decision in
            guard case .placed(var placement) = decision else { return decision }
            for place in placement.resources.ports.indices { placement.resources.ports[place].value = 20_000 + place }
            return .placed(placement)
        }
        return scheduler
    }

    public func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(honest: honest.session(on: distorted(snapshot)), glass: self)
    }

    public func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        honest.explain(asked(request), on: distorted(snapshot))
    }

    private func distorted(_ snapshot: Snapshot) -> Snapshot {
        var records: [Change] = []
        snapshot.records { records.append(shown($0)) }
        return Snapshot(revision: snapshot.revision, epoch: snapshot.epoch, records: records)
    }

    private struct Session: SchedulingSession {
        var honest: any SchedulingSession
        let glass: DistortedScheduler

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
            var batch = batch
            batch.changes = batch.changes.map(glass.shown)
            return honest.apply(batch)
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            honest.place(requests.map(glass.asked), using: &entropy).map(glass.answered)
        }

        mutating func release(_ reserved: [AllocationID]) { honest.release(reserved) }

        func vacancy(on node: NodeID) -> Vacancy? { honest.vacancy(on: node) }
    }
}

extension DistortedScheduler: TrustedScheduler {}
