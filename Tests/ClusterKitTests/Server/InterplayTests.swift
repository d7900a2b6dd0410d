import Testing

@testable import ClusterKit

/// What roll-outs, drains and counts do to each other.
@Suite struct InterplayTests {
    private let update = UpdateStrategy(maxParallel: 1)

    /// Three instances of a first version, of which one was replaced when the roll-out of the second was paused.
    private func paused() -> RolloutBench {
        var bench = RolloutBench()
        bench.begin(update)
        bench.register(RolloutBench.job("/bin/two", update))
        bench.runAll()
        #expect(bench.order(.pause) == nil)
        return bench
    }

    @Test func aPausedRollOutIsNotResumedByAnotherCount() throws {
        var bench = paused()
        let group = try #require(bench.record?.job.groups.first?.name)
        guard case .failure(let error) = bench.ask(.scale(bench.job, ScalingRequest(group: group, count: 5))) else {
            Issue.record("a new version would go on with what someone paused")
            return
        }
        #expect(error.code == .conflict && error.message.contains("is paused; resume or fail deployment"))
        #expect(bench.deployments.last?.status == .paused && bench.live.count == 3)
        #expect(bench.order(.resume) == nil)
        if case .failure(let error) = bench.ask(.scale(bench.job, ScalingRequest(group: group, count: 5))) {
            Issue.record("\(error.message)")
        }
    }

    @Test func aDrainRollsNothingOut() throws {
        var bench = paused()
        let old = bench.live.filter { $0.jobVersion == 0 }
        #expect(old.count == 2)
        for node in Set(bench.live.map(\.node)).sorted() {
            bench.ask(.drain(node, .atOnce, ignoringSystemJobs: false, reason: ""))
        }
        bench.runAll()
        for allocation in bench.head.allocations(of: bench.job) where !allocation.isLive && !allocation.isTerminal {
            bench.report(allocation, .complete)
        }
        bench.settle(rounds: 3)
        #expect(bench.versions.sorted() == [0, 0, 1], "each leaves for an instance of the version that it ran")
        #expect(bench.live.allSatisfy { allocation in !old.contains { $0.id == allocation.id } })
    }

    @Test func aDrainThatIsOverWakesNobody() throws {
        var bench = CoreBench()
        let busy = bench.addNode(1)
        _ = bench.ask(.register(makeJob(count: 1, kind: .batch), source: nil, ifUnchangedSince: nil))
        bench.write()
        bench.settle()
        let empty = bench.addNode(2)
        _ = bench.ask(.drain(busy, .unlimited, ignoringSystemJobs: false, reason: ""))
        bench.write()
        _ = bench.ask(.drain(empty, .after(.seconds(3600)), ignoringSystemJobs: false, reason: ""))
        bench.write()
        #expect(bench.core.head.nodes[busy]?.drain != nil && bench.core.head.nodes[empty]?.drain == nil)
        #expect(bench.core.drainer.nextWake == nil, "the one that goes on has no deadline")
    }

    @Test func countedAttemptsOfNoneAreNoneForWorkThatEnds() throws {
        func rule(_ kind: String, _ block: String) throws -> RescheduleRule {
            let text = """
                job "j" {
                  type = "\(kind)"
                  group "g" {
                    reschedule { \(block) }
                    task "t" {
                      driver = "raw_exec"
                      config { command = "/bin/true" }
                    }
                  }
                }
                """
            return try JobFile(text: text).job().groups[0].reschedule.rule
        }
        #expect(try rule("batch", "attempts = 0").unlimited == false)
        #expect(try rule("service", "attempts = 0").unlimited == true)
        #expect(try rule("service", "attempts = 2\n interval = \"1h\"").unlimited == false)
    }
}
