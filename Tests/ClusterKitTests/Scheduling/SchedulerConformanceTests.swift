import ClusterKit
import ClusterTesting
import Synchronization
import Testing

@Suite struct SchedulerConformanceTests {
    @Test func binPackKeepsItsPromises() {
        #expect(SchedulerConformance.violations(of: BinPackScheduler(), seed: 1, rounds: 25) == [])
    }

    @Test func referenceKeepsItsPromises() {
        #expect(SchedulerConformance.violations(of: ReferenceScheduler(), seed: 1, rounds: 8) == [])
    }

    /// A suite that finds nothing proves nothing: each of these breaks one promise.
    @Test(arguments: [
        (Spoiled.Fault.forgetsReservations, "no node is over-filled"),
        (.ignoresBatches, "a session is kept up to date"),
        (.answersOne, "one answer for each request"), (.givesNoReason, "a refusal says why"),
        (.tellsNoRoom, "room that comes free is told"), (.keepsReleased, "what is released can be used again"),
        (.boastsOfRoom, "what is left on a node is told"),
        (.seesNoRules, "rules hold where an instance is placed"),
        (.seesNoProperty, "distinct_property keeps instances apart"),
        (.seesNoHosts, "distinct_hosts keeps instances apart"),
        (.givesFirstDevice, "a device has one holder"), (.endsMore, "nothing ends without need"),
        (.endsOthers, "only the less important make room"), (.givesLess, "what is asked is given"),
        (.reversesPools, "pools are used in their order"),
        (.seesNoAll, "an explanation agrees with the decision"), (.isShared, "a copy of a session is independent"),
        (.placesAgain, "an allocation has one node"),
    ])
    func faultsAreFound(fault: Spoiled.Fault, rule: String) {
        // A suite that has found enough stops; what is rare may come up only from another seed.
        let isFound = (0..<10).contains { number in
            let violations = SchedulerConformance.violations(
                of: Spoiled(fault: fault), seed: UInt64(1 + 1000 * number), rounds: 60)
            return violations.contains { $0.rule == rule }
        }
        #expect(isFound)
    }
}

/// A scheduler with one fault.
struct Spoiled: Scheduler {
    enum Fault {
        case forgetsReservations, ignoresBatches, answersOne, givesNoReason, tellsNoRoom, keepsReleased, boastsOfRoom,
            seesNoRules, seesNoProperty, seesNoHosts, givesFirstDevice, endsMore, endsOthers, givesLess, reversesPools,
            seesNoAll, isShared, placesAgain
    }

    let fault: Fault

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        let session = Session(fault: fault, inner: ReferenceScheduler().session(on: snapshot), state: snapshot)
        return fault == .isShared ? Shared(session) : session
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        var explanation = ReferenceScheduler().explain(request, on: snapshot)
        guard fault == .seesNoAll else { return explanation }
        // What is named behind `all` comes before what `all` stands for.
        let pools = request.subject.group.nodePools
        let places = explanation.lines.enumerated().map { number, line in
            let place = snapshot.nodes[line.node].flatMap { pools.firstIndex(of: $0.pool) } ?? pools.count
            return (line.score == nil ? Int.max : place, number)
        }
        explanation.lines = places.sorted { $0 < $1 }.map { explanation.lines[$0.1] }
        return explanation
    }

    /// Copies of it are one and the same.
    final class Shared: SchedulingSession {
        private let session: Mutex<Session>

        init(_ session: Session) { self.session = Mutex(session) }

        func apply(_ batch: ChangeBatch) -> FreedRoom { session.withLock { $0.apply(batch) } }

        func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            session.withLock { $0.place(requests, using: &entropy) }
        }

        func release(_ reserved: [AllocationID]) { session.withLock { $0.release(reserved) } }

        func vacancy(on node: NodeID) -> Vacancy? { session.withLock { $0.vacancy(on: node) } }
    }

    struct Session: SchedulingSession {
        let fault: Fault
        var inner: any SchedulingSession
        var state: Snapshot

        mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
            state.apply(batch)
            if fault == .ignoresBatches { return FreedRoom() }
            let freed = inner.apply(batch)
            return fault == .tellsNoRoom ? FreedRoom() : freed
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            var decisions: [Decision] = []
            for request in requests {
                if fault == .placesAgain { inner.release([request.allocation]) }
                decisions += inner.place([spoil(request)], using: &entropy).map { spoil($0, request) }
                if fault == .forgetsReservations { inner.release([request.allocation]) }
            }
            if fault == .answersOne { return Array(decisions.prefix(1)) }
            guard fault == .givesNoReason else { return decisions }
            return decisions.map { if case .refused = $0 { .refused(Refusal()) } else { $0 } }
        }

        mutating func release(_ reserved: [AllocationID]) {
            if fault != .keepsReleased { inner.release(reserved) }
        }

        func vacancy(on node: NodeID) -> Vacancy? {
            var room = inner.vacancy(on: node)
            if fault == .boastsOfRoom { room?.memoryMiB += 1 }
            return room
        }

        private func spoil(_ request: PlacementRequest) -> PlacementRequest {
            var (request, job) = (request, request.subject.job)
            let gone: (Constraint) -> Bool = { constraint in
                switch constraint.comparison {
                case .distinctHosts: fault == .seesNoHosts
                case .distinctProperty: fault == .seesNoProperty
                default: fault == .seesNoRules
                }
            }
            job.constraints.removeAll(where: gone)
            for place in job.groups.indices {
                job.groups[place].constraints.removeAll(where: gone)
                if fault == .reversesPools { job.groups[place].nodePools.reverse() }
            }
            if let subject = PlacementSubject(job, group: request.subject.group.name) { request.subject = subject }
            return request
        }

        private func spoil(_ decision: Decision, _ request: PlacementRequest) -> Decision {
            guard case .placed(var placement) = decision else { return decision }
            let others = state.allocations(on: placement.node).filter { $0.isLive && $0.job != request.subject.job.id }
            switch fault {
            case .givesFirstDevice:
                for place in placement.resources.devices.indices {
                    let name = placement.resources.devices[place].name
                    let all = state.nodes[placement.node]?.devices.filter { $0.name == name }.flatMap(\.instances) ?? []
                    let count = placement.resources.devices[place].instances.count
                    placement.resources.devices[place].instances = Array(all.map(\.id).sorted().prefix(count))
                }
            case .endsMore where !placement.evicting.isEmpty: placement.evicting = others.map(\.id)
            case .endsOthers: placement.evicting = others.map(\.id)
            case .givesLess: placement.resources.total.memoryMiB -= 1
            default: break
            }
            return .placed(placement)
        }
    }
}
