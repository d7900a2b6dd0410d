import ClusterKit
import ClusterTesting
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
    ])
    func faultsAreFound(fault: Spoiled.Fault, rule: String) {
        let violations = SchedulerConformance.violations(of: Spoiled(fault: fault), seed: 1, rounds: 20)
        #expect(violations.contains { $0.rule == rule })
    }

    /// Both look at the same sequence of states; the node that is chosen has the same score in both.
    @Test func choosesAsWellAsTheReference() {
        var decisions = 0
        var placed = 0
        var seed: UInt64 = 1000
        while decisions < 5000 {
            var world = SchedulingWorld(seed: seed)
            var fast = BinPackScheduler().session(on: world.snapshot)
            var plain = ReferenceScheduler().session(on: world.snapshot)
            for _ in 0..<40 {
                let requests = world.requests(for: world.newJob(), atMost: 4)
                var (one, other) = (Entropy(seed: seed), Entropy(seed: seed))
                let (left, right) = (fast.place(requests, using: &one), plain.place(requests, using: &other))
                guard left.count == right.count else {
                    Issue.record("seed \(seed): \(left.count) answers, reference \(right.count)")
                    return
                }
                var changes: [Change] = []
                for index in requests.indices {
                    guard let difference = difference(left[index], right[index]) else {
                        if case .placed(let placement) = left[index] {
                            changes.append(.putAllocation(world.allocation(requests[index], placement)))
                            placed += 1
                        }
                        continue
                    }
                    Issue.record("seed \(seed), revision \(world.snapshot.revision): \(difference)")
                    return
                }
                decisions += requests.count
                let batch = world.commit(changes + world.event())
                _ = fast.apply(batch)
                _ = plain.apply(batch)
            }
            seed += 1
        }
        // Otherwise the comparison would be one of refusals only.
        #expect(placed > decisions / 4)
    }

    private func difference(_ left: Decision, _ right: Decision) -> String? {
        switch (left, right) {
        case (.refused(let left), .refused(let right)):
            let looked = { (refusal: Refusal) in
                [refusal.nodesEvaluated, refusal.nodesFiltered, refusal.nodesExhausted]
            }
            return looked(left) == looked(right) ? nil : "counts \(looked(left)), reference \(looked(right))"
        case (.placed(let left), .placed(let right)):
            return abs(left.score - right.score) < 1e-12 ? nil : "score \(left.score), reference \(right.score)"
        default: return "\(left), reference \(right)"
        }
    }
}

/// A scheduler with one fault.
struct Spoiled: Scheduler {
    enum Fault {
        case forgetsReservations, ignoresBatches, answersOne, givesNoReason, tellsNoRoom, keepsReleased, boastsOfRoom
    }

    let fault: Fault

    func session(on snapshot: Snapshot) -> any SchedulingSession {
        Session(fault: fault, inner: BinPackScheduler().session(on: snapshot))
    }

    func explain(_ request: PlacementRequest, on snapshot: Snapshot) -> Explanation {
        BinPackScheduler().explain(request, on: snapshot)
    }

    struct Session: SchedulingSession {
        let fault: Fault
        var inner: any SchedulingSession

        mutating func apply(_ batch: ChangeBatch) -> Freed {
            if fault == .ignoresBatches { return Freed() }
            let freed = inner.apply(batch)
            return fault == .tellsNoRoom ? Freed() : freed
        }

        mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
            var decisions: [Decision] = []
            for request in requests {
                decisions += inner.place([request], using: &entropy)
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
    }
}
