import ClusterKit
import Logging
import Testing

@Suite struct LinkCallTests {
    @Test func nothingIsAskedBeforeTheJournalIsRead() {
        var harness = CoreHarness(booted: false)
        harness.pass(.seconds(60))
        #expect(harness.take().isEmpty && harness.core.nextWake == WakeTime())
        harness.send(.booted([]))
        let effects = harness.take()
        #expect(effects.registers == 1 && effects.heartbeats == 0 && effects.fetches.isEmpty)
    }

    @Test func heartbeatsComeAtHalfTheTimeToLiveAndOneAtATime() {
        var harness = CoreHarness()
        _ = harness.take()
        harness.pass(.seconds(3.9))
        #expect(harness.take().heartbeats == 0)
        harness.pass(.seconds(1.2))
        #expect(harness.take().heartbeats == 1)
        harness.pass(.seconds(60))
        #expect(harness.take().heartbeats == 0, "one is under way")
        harness.send(.heartbeatAccepted(Registration(heartbeatTTL: .seconds(100))))
        harness.pass(.seconds(39))
        #expect(harness.take().heartbeats == 0)
        harness.pass(.seconds(12))
        #expect(harness.take().heartbeats == 1)
    }

    @Test func heartbeatsOfAgentsThatRegisteredTogetherSpread() {
        let moments = (0..<50).map { seed -> Int64? in
            var harness = CoreHarness()
            harness.entropy = Entropy(seed: UInt64(seed))
            harness.send(.heartbeatAccepted(Registration(heartbeatTTL: .seconds(10))))
            return harness.core.nextWake.uptime?.nanoseconds
        }
        #expect(Set(moments).count > 45)
    }

    @Test func aFailedCallWaitsLongerEachTimeUpToTheLongest() {
        var harness = CoreHarness(booted: false)
        harness.send(.booted([]))
        var waits: [Duration] = []
        for _ in 0..<12 {
            harness.send(.callFailed(.register, ClusterError(.unavailable, "down")))
            _ = harness.take()
            let due = harness.core.nextWake.uptime
            waits.append((due ?? harness.now.uptime) - harness.now.uptime)
            harness.pass(waits.last ?? .zero)
            #expect(harness.take().registers == 1)
        }
        #expect(waits[0] >= .milliseconds(125) && waits[0] <= .milliseconds(250))
        #expect(waits[3] > waits[0])
        #expect(waits.allSatisfy { $0 <= harness.policy.longestRetry })
        #expect(waits.suffix(3).allSatisfy { $0 >= harness.policy.longestRetry / 2 })
    }

    @Test func thatTheServersAnswerAgainIsSaid() {
        var harness = CoreHarness()
        for _ in 0..<2 { harness.send(.callFailed(.heartbeat, ClusterError(.unavailable, "down"))) }
        _ = harness.take()
        for expected in [["the servers answer the call heartbeat again, after 2 that failed"], []] {
            harness.send(.heartbeatAccepted(Registration(heartbeatTTL: .seconds(10))))
            let said = harness.take().compactMap { if case .log(.notice, let words) = $0 { words } else { nil } }
            #expect(said == expected)
        }
    }

    @Test(arguments: [LinkCall.heartbeat, .assignments, .report, .inquiries])
    func aNodeThatTheServersDoNotKnowRegistersAgain(call: LinkCall) {
        var harness = CoreHarness()
        _ = harness.take()
        harness.send(.callFailed(call, ClusterError(.notFound, "unknown node")))
        #expect(harness.take().registers == 1)
        harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        harness.pass(.seconds(6))
        #expect(harness.take().heartbeats == 1)
    }

    @Test func oneLostHeartbeatLeavesTimeForSeveralMoreWithinTheTerm() {
        var harness = CoreHarness()
        _ = harness.take()
        harness.pass(.seconds(5))
        var tries = 0
        var spent = Duration.seconds(5)
        // None is answered, and each takes all the time that it is given.
        while spent < .seconds(20) {
            let patience = harness.take().beatPatience
            #expect(patience.count == 1, "after \(spent)")
            tries += patience.count
            harness.pass(patience.first ?? .seconds(20))
            spent += patience.first ?? .seconds(20)
            harness.send(.callFailed(.heartbeat, ClusterError(.unavailable, "no answer")))
            if tries == 1 { #expect(harness.effects.heartbeats == 1, "the first retry comes at once") }
            while harness.effects.heartbeats == 0, spent < .seconds(20) {
                harness.pass(.milliseconds(50))
                spent += .milliseconds(50)
            }
        }
        #expect(tries >= 4)
    }

    @Test(arguments: [(Duration.milliseconds(200), Duration.seconds(1)), (.seconds(60), .seconds(15))])
    func aHeartbeatMayTakeAQuarterOfTheTimeToLive(timeToLive: Duration, patience: Duration) {
        var harness = CoreHarness()
        harness.send(.heartbeatAccepted(Registration(heartbeatTTL: timeToLive)))
        _ = harness.take()
        harness.pass(timeToLive)
        #expect(harness.take().beatPatience == [patience])
    }

    @Test func aHeartbeatThatKeepsFailingIsRepeatedWithinAnEighthOfTheTimeToLive() {
        var harness = CoreHarness()
        harness.pass(.seconds(5))
        for _ in 0..<12 {
            _ = harness.take()
            harness.send(.callFailed(.heartbeat, ClusterError(.unavailable, "down")))
            harness.pass(.milliseconds(1250))
            #expect(harness.take().heartbeats == 1)
        }
    }

    @Test func otherFailuresDoNotRegisterAgain() {
        var harness = CoreHarness()
        _ = harness.take()
        harness.send(.callFailed(.heartbeat, ClusterError(.unavailable, "down")))
        harness.pass(.seconds(30))
        let effects = harness.take()
        #expect(effects.registers == 0 && effects.heartbeats == 1)
    }

    /// A call that was lost on the way would be waited for for more than half a minute.
    @Test(arguments: [ClusterError.Code.unavailable, .notFound])
    func aViewIsAskedForAnewOnceServersAreHeardOfAgain(code: ClusterError.Code) {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.run(assignment)
        harness.pass(.seconds(6))
        #expect(harness.take().fetches.isEmpty, "one is under way")
        harness.send(.callFailed(.heartbeat, ClusterError(code, "no answer")))
        #expect(harness.take().fetches.isEmpty, "who answers nothing is not asked for more")
        if code == .notFound {
            harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        } else {
            harness.send(.heartbeatAccepted(Registration(heartbeatTTL: .seconds(10))))
        }
        let asked = harness.take()
        #expect(asked.fetches == [.at(1)])
        let number = asked.fetchNumbers.first ?? 0

        // The old call ends: neither its failure nor its answer stands for that of the new one.
        let failure = ClusterError(.unavailable, "no answer came in time")
        harness.send(.callFailed(.assignments, failure, number: number - 1))
        harness.pass(.seconds(2))
        #expect(harness.take().fetches.isEmpty)
        harness.send(.assigned(Assignments(stamp: .at(2), allocations: [assignment]), number: number - 1))
        #expect(harness.take().fetches.isEmpty)
        harness.send(.assigned(Assignments(stamp: .at(3), allocations: []), number: number))
        let heard = harness.take()
        #expect(heard.fetches == [.at(3)])
        #expect(heard.stops.count == 1, "nobody wants it any more")
    }

    @Test func aServerThatAnswersAtOnceWithNothingNewIsNotAskedAtOnce() {
        var harness = CoreHarness()
        #expect(harness.take().fetches == [.zero])
        harness.assign(revision: 5)
        #expect(harness.take().fetches == [.at(5)])
        for _ in 0..<10 {
            harness.assign(revision: 5)
            #expect(harness.take().fetches.isEmpty)
            harness.pass(.seconds(1))
            #expect(harness.take().fetches == [.at(5)])
        }
    }

    @Test func oneReportIsUnderWayAndTheNextCarriesWhatCameMeanwhile() {
        var harness = CoreHarness()
        let first = Assignment.sample(1)
        let second = Assignment.sample(2)
        harness.assign(first, second, revision: 1)
        #expect(harness.take().reports.map(\.client) == [.pending, .pending])
        for assignment in [first, second] { harness.send(.prepared(assignment.allocation.id)) }
        harness.start(first, "main")
        harness.start(second, "main")
        #expect(harness.take().reportCalls == 0)
        harness.send(.reported)
        let reports = harness.take().reports
        #expect(reports.map(\.client) == [.running, .running])
        #expect(reports.map(\.description) == ["Tasks are running", "Tasks are running"])
        harness.send(.reported)
        harness.pass(.seconds(4))
        #expect(harness.take().reportCalls == 0, "nothing changed")
    }

    @Test func aReportThatFailedIsRepeatedWithTheNewestState() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.send(.callFailed(.report, ClusterError(.unavailable, "down")))
        harness.end(assignment, "main", code: 0)
        harness.pass(.seconds(1))
        let reports = harness.take().reports
        #expect(reports.map(\.client) == [.complete])
        #expect(harness.record(assignment)?.isAcknowledged == false)
        harness.send(.reported)
        #expect(harness.record(assignment)?.isAcknowledged == true)
    }

    @Test func aReportOfAnOlderStateAcknowledgesNothingNewer() {
        var harness = CoreHarness()
        let assignment = Assignment.sample(kind: .batch)
        harness.run(assignment)
        harness.end(assignment, "main", code: 0)
        harness.send(.reported)
        #expect(harness.record(assignment)?.isAcknowledged == false)
        #expect(harness.take().reports.map(\.client) == [.complete])
        harness.send(.reported)
        #expect(harness.record(assignment)?.isAcknowledged == true)
    }

    @Test func manyReportsAreSentInBoundedCalls() {
        var harness = CoreHarness()
        let all = (1...600).map { Assignment.sample(UInt64($0)) }
        harness.send(.assigned(Assignments(stamp: .at(1), allocations: all)))
        var sizes: [Int] = []
        for _ in 0..<4 {
            sizes.append(harness.take().reports.count)
            harness.send(.reported)
        }
        #expect(sizes == [256, 256, 88, 0])
    }

    /// With more that changes all the time than one call carries, each has its turn.
    @Test func noReportIsPutOffForEver() {
        var harness = CoreHarness()
        let all = (1...300).map { Assignment.sample(UInt64($0)) }
        harness.send(.assigned(Assignments(stamp: .at(1), allocations: all)))
        var told: Set<AllocationID> = []
        for round in 1...3 {
            told.formUnion(harness.take().reports.map(\.id))
            let work = WorkStatus(isBusy: true, keepCost: Double(round), time: harness.now.wall)
            for assignment in all { harness.send(.worked(assignment.allocation.id, work)) }
            harness.send(.reported)
        }
        #expect(told.count == 300)
    }

    @Test func aDriverThatChangedIsRegistered() {
        var harness = CoreHarness()
        _ = harness.take()
        harness.send(.described(harness.node))
        #expect(harness.take().registers == 0)
        var node = harness.node
        node.drivers["raw_exec"] = DriverStatus(healthy: false, description: "broken")
        harness.send(.described(node))
        #expect(harness.take().registers == 1)
    }

    @Test func aDescriptionThatChangesWhileTheNodeRegistersIsNotLost() {
        var harness = CoreHarness(booted: false)
        harness.send(.booted([]))
        var node = harness.node
        node.drivers["raw_exec"] = DriverStatus(healthy: false, description: "broken")
        harness.send(.described(node))
        #expect(harness.take().registers == 1, "one call is under way")
        harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
        let told = harness.take().compactMap { effect -> Node? in
            if case .register(let node) = effect { node } else { nil }
        }
        #expect(told == [node])
        for _ in 0..<2 {
            harness.send(.registered(Registration(heartbeatTTL: .seconds(10))))
            #expect(harness.take().registers == 0, "the answer may come twice")
        }
        harness.pass(.seconds(6))
        #expect(harness.take().heartbeats == 1)
    }

    @Test func questionsAreAnsweredOrRefusedWithAReason() {
        var harness = CoreHarness()
        let assignment = Assignment.sample()
        harness.run(assignment)
        func ask(_ id: AllocationID, _ task: String) -> [AgentEffect] {
            let inquiry = Inquiry(
                id: InquiryID(high: 1, low: 1), allocation: id, question: .logs(LogRequest(task: task, stream: .stdout))
            )
            harness.send(.inquired([inquiry]))
            return harness.take()
        }
        let id = assignment.allocation.id
        #expect(ask(id, "main").contains { if case .answer(_, _, ended: false) = $0 { true } else { false } })
        for (id, task) in [(id, "other"), (AllocationID(high: 9, low: 9), "main")] {
            #expect(ask(id, task).contains { if case .reply(_, .notFound) = $0 { true } else { false } })
        }
        harness.send(.assigned(Assignments(stamp: .at(2), allocations: [assignment.desiring(.stop)])))
        harness.end(assignment, "main", code: 0)
        #expect(ask(id, "main").contains { if case .answer(_, _, ended: true) = $0 { true } else { false } })
    }
}
