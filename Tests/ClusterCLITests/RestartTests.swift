import ArgumentParser
import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

/// `cluster job restart`, with a job that a story makes up.
@Suite struct RestartTests {
    /// Four instances. What is stopped ends some looks later, and another starts then, or before it ended.
    private actor Job: RestartedJob {
        private struct Instance {
            var wire: AllocationWire
            /// How many looks are left until its successor runs; `nil` while it is not stopped.
            var left: Int?
        }

        private let runsAlone: Bool
        /// Whether numbers below those of the instances are free: successors get those.
        private let hasGaps: Bool
        /// How the successors end.
        private let end: String
        /// Whether the server says in lists who follows an instance.
        private let tellsNext: Bool
        /// What comes meanwhile for other reasons, and in whose place.
        private var arrivals: [(wire: AllocationWire, previous: String?)]
        private var instances: [Instance] = []
        private(set) var log: [String] = []
        private var looks: UInt64 = 0

        init(
            runsAlone: Bool = false, hasGaps: Bool = false, end: String = "running", tellsNext: Bool = true,
            others: [AllocationWire] = [], arrivals: [(wire: AllocationWire, previous: String?)] = []
        ) throws {
            (self.runsAlone, self.hasGaps, self.end) = (runsAlone, hasGaps, end)
            (self.tellsNext, self.arrivals) = (tellsNext, arrivals)
            instances = try (0..<4).map { Instance(wire: try Story.allocation($0, "running")) }
            instances += others.map { Instance(wire: $0) }
        }

        var all: [AllocationWire] { instances.map(\.wire) }

        private var running: Int { instances.count { $0.left == nil && $0.wire.clientStatus == "running" } }

        func stop(_ allocation: String) throws {
            log.append("stop of \(running) that run")
            let place = try #require(instances.firstIndex { $0.wire.id == allocation })
            instances[place].wire.desiredStatus = "stop"
            instances[place].left = 4
        }

        func allocations(after index: Revision) throws -> ([AllocationWire], Revision) {
            looks += 1
            for (wire, previous) in arrivals {
                if let place = instances.firstIndex(where: { $0.wire.id == previous }) {
                    instances[place].wire.next = wire.id
                }
                instances.append(Instance(wire: wire))
            }
            arrivals = []
            for place in instances.indices {
                guard let left = instances[place].left, left > 0 else { continue }
                instances[place].left = left - 1
                if left == 3 { instances[place].wire.clientStatus = "complete" }
                let id = "next-of-\(instances[place].wire.id)"
                if left == (runsAlone ? 2 : 4) {
                    var next = instances[place].wire
                    (next.id, next.desiredStatus, next.clientStatus) = (id, "run", "pending")
                    if hasGaps { next.name = "web.app[\(90 + place)]" }
                    next.createIndex += 10
                    if tellsNext { instances[place].wire.next = id }
                    instances.append(Instance(wire: next))
                } else if left == 1, let next = instances.firstIndex(where: { $0.wire.id == id }) {
                    instances[next].wire.clientStatus = end
                }
            }
            return (all, Revision(looks))
        }
    }

    private func restart(
        _ job: Job, _ size: Int, patience: Duration = .seconds(60)
    ) async throws -> (outcome: Ending, said: [String]) {
        let said = Mutex<[String]>([])
        let restart = RollingRestart(job: job, patience: patience) { line in said.withLock { $0.append(line) } }
        let all = await job.all
        let chosen = all.filter { $0.clientStatus == "running" }
        let outcome = try await restart.run(chosen, size, among: all)
        return (outcome, said.withLock { $0 })
    }

    /// Whatever runs alone has its successor only when it has ended, long after the stop was looked at.
    @Test(arguments: [false, true]) func oneAfterTheOther(runsAlone: Bool) async throws {
        let job = try Job(runsAlone: runsAlone)
        #expect(try await restart(job, 1).outcome == .success)
        #expect(await job.log == Array(repeating: "stop of 4 that run", count: 4))
    }

    /// Fleets that scale down by idleness have gaps in their numbers, and the lowest that is free is given next.
    @Test func aSuccessorNeedNotHaveTheNumber() async throws {
        let job = try Job(hasGaps: true)
        #expect(try await restart(job, 3).outcome == .success)
        #expect(await job.log.count == 4)
    }

    /// A group that ends again and again is no reason to leave another alone.
    @Test func whatFailsInAnotherGroupDoesNotEndIt() async throws {
        let broken = try Story.allocation(8, "failed", group: "db")
        let job = try Job(arrivals: [(broken, nil)])
        let (outcome, said) = try await restart(job, 1)
        #expect(outcome == .success, "\(said)")
        #expect(await job.log == Array(repeating: "stop of 4 that run", count: 4))
    }

    /// One that had failed before is placed anew while the first batch is waited for, and runs or fails.
    @Test(arguments: ["running", "failed"]) func whoFollowsAnotherIsNoSuccessor(end: String) async throws {
        let failed = try Story.allocation(8, "failed")
        let job = try Job(others: [failed], arrivals: [(try Story.allocation(9, end), failed.id)])
        let (outcome, said) = try await restart(job, 1)
        #expect(outcome == .success, "\(said)")
        let count = end == "running" ? 5 : 4
        #expect(await job.log == ["stop of 4 that run"] + Array(repeating: "stop of \(count) that run", count: 3))
    }

    @Test(arguments: [true, false]) func aBatchEndsTogether(tellsNext: Bool) async throws {
        let job = try Job(tellsNext: tellsNext)
        let (outcome, said) = try await restart(job, 3)
        #expect(outcome == .success)
        #expect(
            await job.log == ["stop of 4 that run", "stop of 3 that run", "stop of 2 that run", "stop of 4 that run"])
        #expect(said.count == 4 && said.first == "    Replacing web.app[0] (aaaaaaa0)")
    }

    @Test func aSuccessorThatFailsEndsIt() async throws {
        let job = try Job(end: "failed")
        let (outcome, said) = try await restart(job, 2)
        #expect(outcome == .failure)
        #expect(await job.log.count == 2, "the others were left alone")
        #expect(said.contains("==> The new instance web.app[0] failed; the others were left alone"))
        #expect(said.last == "    See: cluster alloc status next-of-")
    }

    @Test func whatDoesNotComeIsNotWaitedForForEver() async throws {
        let job = try Job(end: "pending")
        let (outcome, said) = try await restart(job, 2, patience: .milliseconds(20))
        #expect(outcome == .notPlaced)
        #expect(await job.log.count == 2)
        #expect(said.last == "==> 2 of 2 new instances do not run yet; the others were left alone")
    }

    @Test func theSizeIsRead() throws {
        let arguments = SingleDash.rewritten(["job", "restart", "-batch-size", "3", "web"])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? JobRestart)
        #expect(command.batchSize == 3 && command.job == "web")
    }
}
