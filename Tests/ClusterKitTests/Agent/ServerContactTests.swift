import ClusterKit
import Testing

/// What an agent ends when it hears nothing of the servers.
@Suite struct ServerContactTests {
    private static let granted = Registration(heartbeatTTL: .seconds(10), lease: .seconds(20))

    private func assignment(
        stopAfter: Duration? = nil, fence: Duration? = nil, kind: JobKind = .service
    ) -> Assignment {
        var assignment = Assignment.sample(
            tasks: [
                TaskSpec(name: "main", isLeader: true), TaskSpec(name: "other"),
                TaskSpec(name: "after", lifecycle: TaskLifecycle(.poststop)),
            ], kind: kind, restart: RestartPolicy(attempts: 9, interval: .seconds(600), delay: .seconds(1)))
        if let stopAfter { assignment.job.groups[0].disconnect = DisconnectPolicy(stopOnClientAfter: stopAfter) }
        assignment.allocation.fence = fence
        return assignment
    }

    private func harness(_ records: [AllocationRecord] = []) -> CoreHarness {
        var harness = CoreHarness(booted: false)
        harness.send(.booted(records))
        harness.send(.registered(Self.granted))
        return harness
    }

    /// Ten seconds in which servers answer each heartbeat at once.
    private func beat(_ harness: inout CoreHarness, _ seconds: Int) {
        for _ in 0..<seconds {
            harness.pass(.seconds(1))
            if harness.effects.heartbeats > 0 { harness.send(.heartbeatAccepted(Self.granted)) }
            harness.effects.removeAll { if case .heartbeat = $0 { true } else { false } }
        }
    }

    private func fail(_ harness: inout CoreHarness, _ seconds: Int) {
        for _ in 0..<seconds {
            harness.pass(.seconds(1))
            guard harness.effects.heartbeats > 0 else { continue }
            harness.effects.removeAll { if case .heartbeat = $0 { true } else { false } }
            harness.send(.callFailed(.heartbeat, ClusterError(.unavailable, "nobody answers")))
        }
    }

    @Test func itStopsWhatIsNotToRunOnForSoLong() {
        let assignment = assignment(stopAfter: .seconds(60))
        var harness = harness()
        harness.begin(assignment)
        beat(&harness, 100)
        #expect(harness.play() == [])
        fail(&harness, 50)
        #expect(harness.play() == [])
        fail(&harness, 10)
        #expect(
            harness.play() == ["stop main", "stop other", "start after"], "in order, and what cleans up comes last")
        harness.exit(assignment, "after", code: 0)
        _ = harness.play()
        #expect(harness.end(of: assignment) == "complete: no server was heard of for 1m0s")
        let nextWake = harness.core.nextWake.uptime
        #expect(nextWake.map { $0 > harness.now.uptime } ?? true)
    }

    /// A heartbeat that is late ends nothing that the servers do not miss yet.
    @Test func nothingEndsBeforeServersMissItsNode() {
        let assignment = assignment(stopAfter: .seconds(3))
        var harness = harness()
        harness.begin(assignment)
        fail(&harness, 18)
        #expect(harness.play() == [])
        fail(&harness, 3)
        #expect(harness.play().first == "stop main")
    }

    @Test func batchWorkThatWasCutShortIsNotDone() {
        let assignment = assignment(stopAfter: .seconds(60), kind: .batch)
        var harness = harness()
        harness.begin(assignment)
        fail(&harness, 61)
        _ = harness.play()
        harness.exit(assignment, "after", code: 0)
        _ = harness.play()
        #expect(harness.end(of: assignment) == "failed: no server was heard of for 1m0s")
        #expect(harness.record(assignment)?.cause == .node)
    }

    @Test func whatHasNoLimitGoesOn() {
        let assignment = assignment()
        var harness = harness()
        harness.begin(assignment)
        fail(&harness, 1000)
        #expect(harness.play() == [])
    }

    /// The servers heard of the node when they answered, and not when the answer came.
    @Test func timeCountsFromWhenTheCallWasMade() {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        harness.begin(assignment)
        while harness.effects.heartbeats == 0 { harness.pass(.seconds(1)) }
        harness.pass(.seconds(2))
        _ = harness.take()
        harness.send(.heartbeatAccepted(Self.granted))
        let until = harness.take().leaseEnds.last
        #expect(until.map { $0 - harness.now.uptime } ?? .zero <= .seconds(18))
    }

    @Test func aLeaseEndsAllAtOnceAndRunsNothingAfterwards() {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        harness.begin(assignment)
        beat(&harness, 100)
        #expect(harness.play() == [])
        fail(&harness, 21)
        #expect(harness.play() == ["stop main", "stop other"])
        #expect(harness.end(of: assignment) == "complete: no server was heard of for 20s")
    }

    /// An order under way leaves no more time than the lease does.
    @Test func aLeaseEndsAlsoWhatIsEndingSlowly() {
        var assignment = assignment(fence: .seconds(5))
        assignment.job.groups[0].shutdownDelay = .seconds(600)
        var harness = harness()
        harness.begin(assignment)
        harness.assign(assignment.desiring(.stop), revision: 2)
        #expect(harness.play() == [])
        fail(&harness, 21)
        #expect(harness.play() == ["stop main", "stop other"])
    }

    /// A process that stood still hears first what came too late, and must not start again what was ended meanwhile.
    @Test func anAgentThatStoodStillRestartsNothing() {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        harness.begin(assignment)
        harness.now.uptime = harness.now.uptime + .seconds(100)
        harness.now.wall = harness.now.wall + .seconds(100)
        harness.exit(assignment, "main", code: 130)
        harness.exit(assignment, "other", code: 130)
        harness.pass(.seconds(10))
        #expect(harness.play().allSatisfy { $0.hasPrefix("stop") })
        harness.pass(.seconds(10))
        #expect(harness.play() == [])
        #expect(harness.record(assignment)?.hasEnded == true)
    }

    @Test func whoeverWatchesOverTasksIsToldOfEachRenewal() throws {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        harness.begin(assignment)
        _ = harness.take()
        beat(&harness, 10)
        let renewals = harness.take().compactMap { effect -> [String]? in
            if case .renewLeases(let tasks, _) = effect { tasks.keys.map(\.task).sorted() } else { nil }
        }
        #expect(renewals.count >= 2 && renewals.allSatisfy { $0 == ["main", "other"] })
    }

    @Test func nothingStartsByALateView() {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        harness.send(.overheard(Assignments(stamp: .at(1), allocations: [assignment])))
        #expect(harness.play() == [])
        #expect(harness.core.record(assignment.allocation.id) == nil)
        _ = harness.take()
        harness.pass(.seconds(1))
        harness.assign(assignment, revision: 1)
        #expect(harness.play() == ["start main", "start other"])
    }

    @Test func nothingStartsOnceTheLeaseIsOver() {
        let assignment = assignment(fence: .seconds(5))
        var harness = harness()
        fail(&harness, 30)
        _ = harness.take()
        harness.assign(assignment, revision: 1)
        #expect(harness.play() == [])
    }

    /// What became of it while no agent ran, only the servers know.
    @Test func anAgentThatStartsWaitsForWordBeforeItRestarts() throws {
        let assignment = assignment(fence: .seconds(5))
        var first = harness()
        first.begin(assignment)
        let records = try first.core.records.map { try AllocationRecord(decoding: $0.encoded) }
        var next = harness(records)
        #expect(next.take().fetches.contains(.zero), "a view that may be the same as before is asked for")
        next.exit(assignment, "main", code: 130)
        next.exit(assignment, "other", code: 130)
        next.pass(.seconds(10))
        #expect(next.play() == [])
        next.assign(assignment, revision: 1)
        next.pass(.seconds(3))
        #expect(next.play() == ["start main", "start other"])
    }

    @Test func anAgentThatStartsEndsWhatTheServersReplaced() throws {
        let assignment = assignment(fence: .seconds(5))
        var first = harness()
        first.begin(assignment)
        let records = try first.core.records.map { try AllocationRecord(decoding: $0.encoded) }
        var next = harness(records)
        _ = next.take()
        next.assign(revision: 2)
        #expect(next.play() == ["stop main", "stop other"])
    }

    @Test func whatTheServersKnowNothingOfIsToldAgain() {
        var assignment = assignment()
        var harness = harness()
        harness.begin(assignment)
        harness.send(.reported)
        while harness.take().reportCalls > 0 { harness.send(.reported) }
        assignment.allocation.client = .unknown
        harness.assign(assignment, revision: 3)
        #expect(harness.take().reports.map(\.client) == [.running])
    }

    @Test func whatWasNeverHeardOfIsBegun() {
        var assignment = assignment()
        assignment.allocation.client = .unknown
        var harness = harness()
        harness.assign(assignment, revision: 1)
        #expect(harness.play() == ["start main", "start other"])
    }
}

extension [AgentEffect] {
    fileprivate var leaseEnds: [Uptime] {
        compactMap { if case .renewLeases(_, let end) = $0 { end } else { nil } }
    }
}
