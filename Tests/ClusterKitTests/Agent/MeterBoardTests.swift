import Testing

@testable import ClusterKit

/// What those who measure know of tasks.
@Suite struct MeterBoardTests {
    private func record(_ number: UInt64, kills: Int = 0, stage: TaskStage = .running) -> AllocationRecord {
        var assignment = Assignment.sample(number)
        assignment.allocation.resources = AllocatedResources(total: Resources(diskMiB: 10))
        var record = AllocationRecord(assignment, seen: .zero)
        record.tasks[0].stage = stage
        record.tasks[0].handle = .of(TaskRun(record.id, "main"))
        record.tasks[0].memoryKills = kills
        return record
    }

    /// A rate over a counter misses the first event of a series that begins with it (hashicorp/nomad#5887).
    @Test func memoryKillsAreToldBeforeTheFirstAndGoOnAfterAnAllocation() {
        let board = MeterBoard([record(1)])
        #expect(board.memoryKills.map(\.count) == [0])
        board.note(record(1, kills: 1))
        #expect(board.memoryKills.map(\.count) == [1])
        board.note(record(1, kills: 1, stage: .ended))
        #expect(board.memoryKills.map(\.count) == [1], "the last one is not lost with the task")
        board.note(record(2, kills: 2))
        #expect(board.memoryKills.map(\.count) == [3])
        board.forget(record(1).id)
        #expect(board.memoryKills.map(\.count) == [3], "a counter does not fall while others of its job are known")
        board.forget(record(2).id)
        #expect(board.memoryKills.isEmpty)
        let name = MeterBoard.TaskName(job: JobID("web", namespace: "dev"), group: "all", task: "main")
        let sample = MeterTaskFigures(host: "n1", coreMHz: 1).sample(of: name, memoryKills: 4)
        #expect(sample == Sample(.taskMemoryKills, ["n1", "web", "dev", "main", "all"], .value(4)))
        #expect(sample.metric.name == "nomad_client_allocs_oom_killed" && sample.metric.isMeasuredByAgents)
    }

    @Test func whoHoldsMoreDiskThanItMayIsKnown() {
        let board = MeterBoard([record(1)])
        let id = record(1).id
        #expect(!board.holdsTooMuch(id), "nobody has looked yet")
        board.note(disk: 10 << 20, of: id)
        #expect(board.holdsTooMuch(id))
        board.note(record(1))
        #expect(board.holdsTooMuch(id), "what was found does not change with the record")
        board.note(disk: (10 << 20) - 1, of: id)
        #expect(!board.holdsTooMuch(id))
        board.note(record(1, stage: .ended))
        board.note(disk: 11 << 20, of: id)
        #expect(!board.holdsTooMuch(id), "nothing of it runs")
    }
}
