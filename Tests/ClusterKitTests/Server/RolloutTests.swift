import Testing

@testable import ClusterKit

@Suite("Roll-outs")
struct RolloutTests {
    // MARK: Rolling

    @Test func firstRegistrationIsWatchedAndBecomesStable() throws {
        var bench = RolloutBench()
        bench.register(RolloutBench.job(UpdateStrategy()))
        #expect(bench.live.count == 3, "the first instances are placed at once")
        let deployment = try #require(bench.deployment)
        #expect(deployment.status == .running && deployment.groups["all"]?.placed == 3)
        #expect(Set(bench.live.map(\.deployment)) == [deployment.id])
        bench.runAll()
        bench.pass(.milliseconds(9999))
        #expect(bench.live.allSatisfy { $0.health == nil } && bench.record?.isStable == false)
        bench.pass(.milliseconds(1))
        #expect(bench.live.allSatisfy { $0.health?.isHealthy == true })
        #expect(bench.deployment?.status == .successful && bench.record?.isStable == true)
        #expect(bench.deployment?.groups["all"]?.healthy == 3)
    }

    @Test func replacesMaxParallelAtATimeAndWaitsForHealth() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy(maxParallel: 1))
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy(maxParallel: 1)))
        #expect(bench.versions == [1, 0, 0])
        bench.ask(.evaluate(bench.job))
        #expect(bench.versions == [1, 0, 0], "another reason to look replaces nothing")
        bench.settle()
        #expect(bench.versions == [1, 1, 0])
        bench.settle()
        #expect(bench.versions == [1, 1, 1] && bench.deployment?.status == .running)
        bench.settle()
        #expect(bench.deployment?.status == .successful && bench.record?.isStable == true)
        #expect(bench.deployments.count == 2)
    }

    @Test func maxParallelOfZeroReplacesAtOnceWithoutADeployment() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy(maxParallel: 0))
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy(maxParallel: 0)))
        #expect(bench.versions == [1, 1, 1] && bench.deployments.isEmpty)
    }

    @Test func whatNeedsNoRestartGoesOnAndIsWatched() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy())
        let before = bench.live.map(\.id)
        bench.register(RolloutBench.job(UpdateStrategy()) { $0.meta["owner"] = "me" })
        #expect(bench.live.map(\.id) == before && bench.versions == [1, 1, 1])
        #expect(bench.deployment?.jobVersion == 1 && bench.deployment?.status == .running)
        bench.pass(.seconds(10))
        #expect(bench.deployment?.status == .successful)
    }

    @Test func aLaterNodeLossBeginsNoDeployment() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy())
        bench.ask(.stopAllocation(bench.live[0].id))
        #expect(bench.live.count == 3 && bench.deployments.count == 1)
        #expect(bench.live[0].deployment == nil)
    }

    @Test func aNewerVersionCancels() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy())
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy()))
        bench.register(RolloutBench.job("/bin/three", UpdateStrategy()))
        #expect(bench.deployments.map(\.status) == [.successful, .cancelled, .running])
        #expect(bench.deployments[1].statusDescription == "Cancelled due to newer version of job")
        bench.ask(.stop(bench.job, purge: false))
        #expect(bench.deployment?.status == .cancelled)
        #expect(bench.deployment?.statusDescription == "Cancelled because job is stopped")
    }

    @Test func batchJobsAreNotRolledOut() {
        var bench = RolloutBench()
        bench.register(makeJob(count: 3, kind: .batch))
        #expect(bench.live.count == 3 && bench.deployments.isEmpty)
    }

    @Test func systemJobsChangeNodeByNode() {
        var bench = RolloutBench(nodes: 3)
        var job = makeJob(cpuMHz: 100, kind: .system)
        job.groups[0].update = UpdateStrategy(maxParallel: 1, stagger: .seconds(30))
        bench.register(job)
        #expect(bench.versions == [0, 0, 0] && bench.deployments.isEmpty)
        bench.runAll()
        job.groups[0].tasks[0].config = ["command": "/bin/two"]
        bench.register(job)
        #expect(bench.versions == [1, 0, 0])
        bench.ask(.evaluate(bench.job))
        #expect(bench.versions == [1, 0, 0], "another reason to look replaces nothing")
        bench.pass(.seconds(30))
        #expect(bench.versions == [1, 1, 0])
        bench.pass(.seconds(30))
        #expect(bench.versions == [1, 1, 1] && bench.deployments.isEmpty)
    }

    /// A node that has none waits for room as well, and that is no reason to replace another sooner.
    @Test func aNodeWithoutRoomHastensNoTurn() {
        var bench = RolloutBench(nodes: 3)
        var job = makeJob(cpuMHz: 100, kind: .system)
        job.groups[0].update = UpdateStrategy(maxParallel: 1, stagger: .seconds(30))
        bench.register(job)
        bench.runAll()
        _ = bench.bench.addNode(9, cpuMHz: 50)
        bench.pass(.seconds(1))
        #expect(bench.head.evaluations(of: bench.job).contains { $0.status == .blocked })
        job.groups[0].tasks[0].config = ["command": "/bin/two"]
        bench.register(job)
        #expect(bench.versions == [1, 0, 0])
        for _ in 0..<3 { bench.ask(.evaluate(bench.job)) }
        #expect(bench.versions == [1, 0, 0])
        bench.pass(.seconds(30))
        #expect(bench.versions == [1, 1, 0])
    }

    // MARK: Health

    /// It waited on a drained node while its roll-out began, and is watched only when that is over.
    @Test func whatIsWatchedLateHasItsTimeFromThenOn() {
        var bench = RolloutBench(nodes: 1)
        bench.begin(count: 1, UpdateStrategy(minHealthyTime: .seconds(20), healthyDeadline: .seconds(60)))
        bench.pass(.seconds(20))
        let node = bench.live[0].node
        bench.ask(.drain(node, .after(.seconds(36_000)), ignoringSystemJobs: false, reason: ""))
        #expect(bench.live.map(\.wish) == [.migrate])
        bench.register(
            RolloutBench.job(
                count: 1, UpdateStrategy(minHealthyTime: .seconds(20), healthyDeadline: .seconds(60))
            ) { $0.meta["owner"] = "me" })
        bench.pass(.seconds(300))
        bench.ask(.endDrain(node, makingEligible: true))
        bench.ask(.evaluate(bench.job))
        #expect(bench.versions == [1])
        bench.pass(.seconds(1))
        #expect(bench.live.allSatisfy { $0.health == nil })
        bench.pass(.seconds(20))
        #expect(bench.live.allSatisfy { $0.health?.isHealthy == true })
    }

    @Test func aCheckThatFailsKeepsItUnwellUntilTheDeadline() {
        var bench = RolloutBench()
        let check = CheckSpec(kind: "tcp", interval: .seconds(5), timeout: .seconds(1))
        let strategy = UpdateStrategy(healthyDeadline: .seconds(60), progressDeadline: .seconds(120))
        bench.register(
            RolloutBench.job(count: 1, strategy) { $0.groups[0].services = [ServiceSpec(name: "s", checks: [check])] })
        bench.runAll()
        bench.pass(.seconds(30))
        #expect(bench.live[0].health == nil, "a check that was not made does not pass")
        let key = bench.record?.job.groups[0].placedServices[0].key ?? ""
        func found(_ health: CheckHealth) -> [CheckStatus] {
            [CheckStatus(service: key, index: 0, name: "c", kind: "tcp", health: health, since: bench.bench.now.wall)]
        }
        bench.report(bench.live[0], .running, checks: found(.passing))
        bench.pass(.seconds(9))
        bench.report(bench.live[0], .running, checks: found(.critical))
        bench.report(bench.live[0], .running, checks: found(.passing))
        bench.pass(.seconds(9))
        #expect(bench.live[0].health == nil, "a break begins anew")
        bench.report(bench.live[0], .running, checks: found(.critical))
        bench.pass(.seconds(12))
        #expect(bench.live[0].health?.isHealthy == false, "60 seconds after it was placed")
        #expect(bench.deployment?.status == .running && bench.deployment?.groups["all"]?.unhealthy == 1)
        bench.pass(.seconds(60))
        #expect(bench.deployment?.statusDescription == "Failed due to progress deadline")
    }

    @Test func aRestartBeginsTheTimeAnew() {
        var bench = RolloutBench()
        bench.register(RolloutBench.job(count: 1, UpdateStrategy()))
        bench.runAll()
        bench.pass(.seconds(9))
        var state = TaskState()
        (state.phase, state.restarts) = (.running, 1)
        let allocation = bench.live[0]
        bench.ask(
            .report(allocation.node, [AllocationReport(id: allocation.id, client: .running, tasks: ["main": state])]))
        bench.pass(.seconds(9))
        #expect(bench.live[0].health == nil)
        bench.pass(.seconds(1))
        #expect(bench.live[0].health?.isHealthy == true)
    }

    @Test func aNewLeaderGoesOnWithTheCount() {
        var bench = RolloutBench()
        bench.register(RolloutBench.job(count: 1, UpdateStrategy()))
        bench.runAll()
        bench.pass(.seconds(6))
        let now = bench.bench.now
        bench.bench = CoreBench(head: bench.head)
        bench.bench.now.wall = now.wall
        // The bench led before it knew the time, so it leads again.
        bench.bench.tell(.led(Epoch(9), bench.head))
        bench.bench.write()
        bench.pass(.seconds(4))
        #expect(bench.live[0].health?.isHealthy == true)
    }

    @Test func manualHealthIsForPeopleToSay() {
        var bench = RolloutBench()
        bench.register(RolloutBench.job(count: 2, UpdateStrategy(healthCheck: "manual")))
        bench.runAll()
        bench.pass(.seconds(400))
        #expect(bench.live.allSatisfy { $0.health == nil } && bench.deployment?.status == .running)
        #expect(bench.order(.judge(healthy: bench.live.map(\.id), unhealthy: [])) == nil)
        #expect(bench.deployment?.status == .successful)
        let error = bench.order(.judge(healthy: [], unhealthy: [bench.live[0].id]))
        #expect(error?.message.contains("is successful") == true)
    }

    @Test(arguments: [false, true]) func whoSaysThatOneIsUnwellEndsTheRollOut(reverts: Bool) throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(healthCheck: "manual", autoRevert: reverts)
        bench.register(RolloutBench.job(count: 2, strategy))
        bench.runAll()
        #expect(bench.order(.judge(healthy: bench.live.map(\.id), unhealthy: [])) == nil)
        bench.register(RolloutBench.job("/bin/bad", count: 2, strategy))
        let new = try #require(bench.live.first { $0.jobVersion == 1 })
        #expect(bench.order(.judge(healthy: [], unhealthy: [new.id])) == nil)
        #expect(bench.deployments[1].status == .failed)
        #expect(bench.head.allocations[new.id]?.health?.isHealthy == false)
        #expect(bench.record?.version == (reverts ? 2 : 1))
    }

    // MARK: Deadlines and failures

    @Test func anUnwellInstanceStopsTheRollOutAndTheDeadlineRevertsIt() throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(autoRevert: true)
        bench.begin(strategy)
        bench.register(RolloutBench.job("/bin/bad", strategy))
        bench.report(try #require(bench.live.first { $0.jobVersion == 1 }), .failed)
        bench.pass(.seconds(1))
        #expect(bench.live.map(\.jobVersion) == [0, 0], "nothing more is replaced")
        bench.pass(.seconds(600))
        #expect(bench.record?.version == 2)
        #expect(bench.record?.job.groups[0].tasks[0].config == ["command": "/bin/one"])
        #expect(bench.deployments[1].status == .failed)
        #expect(
            bench.deployments[1].statusDescription
                == "Failed due to progress deadline - rolling back to job version 0")
        #expect(bench.record?.note?.author == "cluster")
        bench.settle(rounds: 3)
        #expect(bench.versions == [2, 2, 2] && bench.deployment?.status == .successful)
    }

    @Test func progressMovesTheDeadline() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy())
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy()))
        for _ in 0..<3 {
            bench.pass(.seconds(290))
            bench.settle()
        }
        #expect(bench.deployment?.status == .successful, "900 seconds in all, never 600 without progress")
    }

    @Test func zeroDeadlineFailsWithTheFirst() throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(progressDeadline: .zero)
        bench.begin(strategy)
        bench.register(RolloutBench.job("/bin/bad", strategy))
        bench.report(try #require(bench.live.first { $0.jobVersion == 1 }), .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.statusDescription == "Failed due to unhealthy allocations")
        bench.pass(.seconds(3600))
        #expect(bench.versions == [0, 0], "what a failed roll-out placed is not tried again")
        bench.ask(.stopAllocation(bench.live[0].id))
        #expect(bench.versions == [0, 0], "and what ran before keeps its version")
    }

    /// Waiting for the deadline would be for nothing.
    @Test(arguments: [0, 1]) func failsOnceNothingMayTakeThePlaceOfOneThatFailed(attempts: Int) throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(autoRevert: true)
        bench.begin(strategy)
        let bad = RolloutBench.job("/bin/bad", strategy) {
            $0.groups[0].reschedule = ReschedulePolicy(
                RescheduleRule(
                    attempts: attempts, interval: .seconds(3600), delay: .seconds(5), delayFunction: .constant,
                    unlimited: false))
        }
        bench.register(bad)
        for left in (0..<attempts).reversed() {
            bench.report(try #require(bench.live.first { $0.jobVersion == 1 }), .failed)
            bench.pass(.seconds(1))
            #expect(bench.deployment?.status == .running, "\(left) more may be tried")
            bench.pass(.seconds(10))
        }
        bench.report(try #require(bench.live.first { $0.jobVersion == 1 }), .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployments.contains { $0.status == .failed && $0.jobVersion == 1 })
        #expect(bench.record?.version == 2, "it went back at once")
    }

    /// One of its tasks fails, which is seen to be unwell at once, and the others take their time to end.
    @Test func failsOnceAllOfOneHasEndedThatNothingMayTakeThePlaceOf() throws {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(autoRevert: true)
        bench.begin(strategy)
        bench.register(
            RolloutBench.job("/bin/bad", strategy) {
                $0.groups[0].reschedule = ReschedulePolicy(RescheduleRule(attempts: 0, unlimited: false))
                $0.groups[0].tasks.append(TaskSpec(name: "other", driver: "raw_exec"))
            })
        let failing = try #require(bench.live.first { $0.jobVersion == 1 })
        var (dead, running) = (TaskState(), TaskState())
        (dead.phase, dead.failed, dead.finishedAt) = (.dead, true, bench.bench.now.wall)
        running.phase = .running
        let tasks = ["main": dead, "other": running]
        bench.ask(.report(failing.node, [AllocationReport(id: failing.id, client: .running, tasks: tasks)]))
        bench.pass(.seconds(1))
        #expect(bench.head.allocations[failing.id]?.health?.isHealthy == false)
        #expect(bench.deployment?.status == .running, "not all of it has ended")
        bench.report(failing, .failed)
        bench.pass(.seconds(1))
        #expect(bench.deployments.contains { $0.status == .failed && $0.jobVersion == 1 })
        #expect(bench.record?.version == 2, "it went back at once")
    }

    /// It may come to run before the deadline, though it could not be placed anew.
    @Test func onlyWhatFailedIsBeyondHelp() {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(healthyDeadline: .seconds(60))
        bench.begin(strategy)
        bench.register(
            RolloutBench.job("/bin/slow", strategy) {
                $0.groups[0].reschedule = ReschedulePolicy(RescheduleRule(unlimited: false))
            })
        bench.pass(.seconds(70))
        #expect(bench.deployment?.groups["all"]?.unhealthy == 1 && bench.deployment?.status == .running)
        bench.pass(.seconds(600))
        #expect(bench.deployment?.status == .failed)
    }

    @Test func revertsToNothingUnstableAndNotToTheSame() {
        var bench = RolloutBench()
        let strategy = UpdateStrategy(progressDeadline: .zero, autoRevert: true)
        bench.register(RolloutBench.job(count: 1, strategy))
        bench.report(bench.live[0], .failed)
        bench.pass(.seconds(1))
        #expect(
            bench.deployment?.statusDescription
                == "Failed due to unhealthy allocations - no stable job version to auto revert to")
        #expect(bench.record?.version == 0)
        bench.ask(.setStability(bench.job, version: 0, isStable: true))
        bench.register(RolloutBench.job("/bin/two", count: 1, strategy))
        bench.report(bench.live[0], .failed)
        bench.pass(.seconds(1))
        #expect(bench.record?.version == 2)
        bench.report(bench.live[0], .failed)
        bench.pass(.seconds(1))
        #expect(bench.record?.version == 2)
        #expect(
            bench.deployment?.statusDescription
                == "Failed due to unhealthy allocations - not rolling back to stable job version 0 "
                + "as current job has same specification")
    }

    @Test func pausedReplacesNothingAndResumedGoesOn() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy())
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy()))
        #expect(bench.order(.pause) == nil)
        bench.settle()
        #expect(bench.versions == [1, 0, 0] && bench.deployment?.status == .paused)
        bench.pass(.seconds(3600))
        #expect(bench.deployment?.status == .paused, "time does not count")
        #expect(bench.order(.resume) == nil)
        #expect(bench.versions == [1, 1, 0])
        bench.pass(.seconds(599))
        #expect(bench.deployment?.status == .running)
        bench.pass(.seconds(1))
        #expect(bench.deployment?.status == .failed)
    }

    @Test func failedByHand() {
        var bench = RolloutBench()
        bench.begin(UpdateStrategy(autoRevert: true))
        bench.register(RolloutBench.job("/bin/two", UpdateStrategy(autoRevert: true)))
        #expect(bench.order(.fail) == nil)
        #expect(bench.deployments[1].statusDescription == "Deployment marked as failed - rolling back to job version 0")
        #expect(bench.deployments.count == 3 && bench.record?.version == 2)
    }
}
