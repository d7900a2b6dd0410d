import ArgumentParser
import ClusterClient
import ClusterKit
import Synchronization
import Testing

@testable import ClusterCLI

/// `cluster job restart`, with a job that a story makes up.
@Suite struct RestartTests {
    /// Four instances. What is stopped ends some looks later, and another of its name starts then, or before it ended.
    private actor Job: RestartedJob {
        private struct Instance {
            var wire: AllocationWire
            /// How many looks are left until its successor runs; `nil` while it is not stopped.
            var left: Int?
        }

        private let runsAlone: Bool
        /// How the successors end.
        private let end: String
        private var instances: [Instance] = []
        private(set) var log: [String] = []
        private var looks: UInt64 = 0

        init(runsAlone: Bool = false, end: String = "running") throws {
            (self.runsAlone, self.end) = (runsAlone, end)
            instances = try (0..<4).map { Instance(wire: try Story.allocation($0, "running")) }
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
            for place in instances.indices {
                guard let left = instances[place].left, left > 0 else { continue }
                instances[place].left = left - 1
                if left == 3 { instances[place].wire.clientStatus = "complete" }
                let name = instances[place].wire.name
                if left == (runsAlone ? 2 : 4) {
                    var next = instances[place].wire
                    (next.id, next.desiredStatus, next.clientStatus) = ("next-of-\(next.id)", "run", "pending")
                    next.createIndex += 10
                    instances.append(Instance(wire: next))
                } else if left == 1, let next = instances.lastIndex(where: { $0.wire.name == name }) {
                    instances[next].wire.clientStatus = end
                }
            }
            return (all, Revision(looks))
        }
    }

    private func restart(_ job: Job, _ size: Int) async throws -> (outcome: Ending, said: [String]) {
        let said = Mutex<[String]>([])
        let restart = RollingRestart(job: job, patience: 8) { line in said.withLock { $0.append(line) } }
        let all = await job.all
        let outcome = try await restart.run(all, size, among: all)
        return (outcome, said.withLock { $0 })
    }

    /// Whatever runs alone has its successor only when it has ended, long after the stop was looked at.
    @Test(arguments: [false, true]) func oneAfterTheOther(runsAlone: Bool) async throws {
        let job = try Job(runsAlone: runsAlone)
        #expect(try await restart(job, 1).outcome == .success)
        #expect(await job.log == Array(repeating: "stop of 4 that run", count: 4))
    }

    @Test func aBatchEndsTogether() async throws {
        let job = try Job()
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
        #expect(said.last?.contains("the place of web.app[0] failed; see: cluster alloc status next-of-") == true)
    }

    @Test func whatDoesNotComeIsNotWaitedForForEver() async throws {
        let job = try Job(end: "pending")
        let (outcome, said) = try await restart(job, 2)
        #expect(outcome == .notPlaced)
        #expect(await job.log.count == 2)
        #expect(said.last?.contains("in the place of web.app[0], web.app[1]") == true)
    }

    @Test func theSizeIsRead() throws {
        let arguments = SingleDash.rewritten(["job", "restart", "-batch-size", "3", "web"])
        let command = try #require(try ClusterCommand.parseAsRoot(arguments) as? JobRestart)
        #expect(command.batchSize == 3 && command.job == "web")
    }
}
