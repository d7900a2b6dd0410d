import ClusterKit
import Testing

/// What is shown of an allocation whose node was lost.
struct LostAllocationTests {
    private static let lossTime = WallTime(nanoseconds: 1_795_351_300_000_000_000)

    private static func records(_ change: @Sendable (inout Allocation) -> Void) -> [Change] {
        Sample.records.map { record in
            guard case .putAllocation(var allocation) = record else { return record }
            (allocation.client, allocation.cause, allocation.desired) = (.lost, .node, .stop)
            allocation.clientDescription = "node peer1 is down"
            allocation.modifyTime = lossTime
            change(&allocation)
            return .putAllocation(allocation)
        }
    }

    private static func task(_ json: JSONValue) throws -> JSONObject {
        guard case .object(let object) = json, case .object(let states)? = object["TaskStates"],
            case .object(let task)? = states["srv"]
        else { throw ClusterError(.internal, "no task") }
        return task
    }

    @Test func itsTasksDoNotRunForEver() async throws {
        try await withCluster(records: Self.records { _ in }) { cluster in
            let one = try await cluster.get("/v1/allocation/\(Sample.allocation)").json
            guard case .array(let list) = try await cluster.get("/v1/job/sample-svc/allocations").json else {
                Issue.record("no list")
                return
            }
            for json in [one] + list {
                let task = try Self.task(json)
                #expect(task["State"] == .string("dead") && task["Failed"] == .bool(false))
                #expect(task["FinishedAt"] == .string("2026-11-22T12:41:40Z"))
                guard case .array(let events)? = task["Events"], case .object(let last)? = events.last else {
                    Issue.record("no events")
                    continue
                }
                #expect(events.count == 4 && last["Type"] == .string("Lost"))
                #expect(last["Time"] == .integer(Int(Self.lossTime.nanoseconds)))
                #expect(
                    last["DisplayMessage"]
                        == .string("Node was lost (node peer1 is down); nobody has seen how the task ended"))
            }
            #expect(cluster.server.snapshot.allocations[Sample.allocation]?.tasks["srv"]?.phase == .running)
        }
    }

    /// What ended before is told as it was.
    @Test func whatHadEndedIsToldAsItWas() async throws {
        let records = Self.records { allocation in
            allocation.tasks["srv"]?.phase = .dead
            allocation.tasks["srv"]?.finishedAt = WallTime(nanoseconds: 1_795_351_290_000_000_000)
        }
        try await withCluster(records: records) { cluster in
            let task = try Self.task(try await cluster.get("/v1/allocation/\(Sample.allocation)").json)
            #expect(task["FinishedAt"] == .string("2026-11-22T12:41:30Z") && task["State"] == .string("dead"))
            let events = if case .array(let events)? = task["Events"] { events.count } else { 0 }
            #expect(events == 3)
        }
    }
}
