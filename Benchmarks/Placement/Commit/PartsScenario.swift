import ClusterKit

/// The steps of the way one by one, in one thread: planning, making a batch true, encoding it, reading all back.
struct PartsScenario {
    let nodes: Int
    let jobs: Int
    let count: Int

    private struct Step {
        let name: String
        var used = Usage()

        init(_ name: String) { self.name = name }

        mutating func measure<Value>(_ body: () -> Value) -> Value {
            let before = Usage.now
            let value = body()
            used = used + (Usage.now - before)
            return value
        }
    }

    func run() -> [CommitFigure] {
        var (planning, applying, encoding) = (Step("plan"), Step("apply"), Step("encode"))
        var head = Snapshot()
        let planner = Planner(reconciler: Reconciler { _, _, _ in false })
        var entropy = Entropy(seed: 1)
        let (epoch, time) = (Epoch(1), WallTime(nanoseconds: 1_800_000_000_000_000_000))
        func batch(_ changes: [Change]) -> ChangeBatch {
            ChangeBatch(revision: head.revision.next, epoch: epoch, time: time, changes: changes)
        }
        head.apply(batch((0..<nodes).map { .putNode(CommitScenario.node($0)) }))
        let (start, nodesOnly) = (Memory.used, head)
        var session: any SchedulingSession = TurnScheduler().session(on: head)
        for number in 0..<jobs {
            let job = CommitScenario.job(number, count: count)
            let evaluation = Evaluation(
                id: entropy.identifier(), job: job.id, kind: job.kind, priority: job.priority, trigger: .jobRegister,
                time: time)
            head.apply(batch([.putJob(JobRecord(job: job, submitTime: time)), .putEvaluation(evaluation)]))
            let plan = planning.measure {
                planner.plan(evaluation, on: head, session: &session, epoch: epoch, at: time, using: &entropy)
            }
            // As while a group is written, someone holds the state before.
            let held = head
            let next = batch(plan.changes)
            _ = applying.measure { head.apply(next) }
            _ = encoding.measure { next.encoded.count }
            withExtendedLifetime(held) {}
        }
        var state = CommitFigure(scenario: "parts-state", nodes: nodes, placements: jobs * count, used: Usage())
        state.bytes = Memory.used - start
        var (decoding, building) = (Step("decode"), Step("build"))
        var writer = RecordWriter(capacity: 1 << 20)
        head.records { writer.put($0) }
        var reader = RecordReader(writer.bytes)
        writer = RecordWriter()
        let changes = decoding.measure {
            var changes: [Change] = []
            while !reader.isAtEnd, let change = try? reader.next(Change.self) { changes.append(change) }
            return changes
        }
        let read = building.measure { Snapshot(revision: head.revision, epoch: epoch, records: changes) }
        // A state that was not read back whole is shown as such.
        if read.allocations.count != jobs * count { state.placements = read.allocations.count }
        withExtendedLifetime(nodesOnly) {}
        let steps = [planning, applying, encoding, decoding, building].map { step in
            CommitFigure(scenario: "parts-\(step.name)", nodes: nodes, placements: jobs * count, used: step.used)
        }
        return steps + [state]
    }
}
