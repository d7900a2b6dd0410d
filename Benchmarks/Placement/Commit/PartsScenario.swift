import ClusterKit

/// The steps of the way one by one, in one thread: planning, making a batch true in the state and in the scheduler's
/// session, encoding it, letting go of the state before, and reading all back.
struct PartsScenario {
    let nodes: Int
    let jobs: Int
    let count: Int

    private static let (epoch, time) = (Epoch(1), WallTime(nanoseconds: 1_800_000_000_000_000_000))

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

    /// What is known so far.
    private struct State {
        var head = Snapshot()
        var session: any SchedulingSession = BinPackScheduler().session(on: Snapshot())
        var entropy = Entropy(seed: 1)

        mutating func commit(_ changes: [Change]) {
            let batch = batch(changes)
            head.apply(batch)
            _ = session.apply(batch)
        }

        func batch(_ changes: [Change]) -> ChangeBatch {
            ChangeBatch(revision: head.revision.next, epoch: epoch, time: time, changes: changes)
        }
    }

    func run() -> [CommitFigure] {
        var state = State()
        state.commit(
            (0..<nodes).map { number in
                var node = CommitScenario.node(number)
                node.status = .ready
                return .putNode(node)
            })
        let nodesOnly = state.head
        state.session = session(on: nodesOnly)
        let start = Memory.used
        let steps = place(&state)
        let all = Memory.used
        // Whatever the head shares with the session stays, and counts as the head's.
        state.session = session(on: nodesOnly)
        let snapshot = Memory.used - start
        // Fewer than were asked for where there was no room.
        let placed = state.head.allocations.count
        var figures = (steps + readBack(state.head)).map {
            CommitFigure(scenario: "commit-\($0.name)", placements: placed, used: $0.used)
        }
        for (name, bytes) in [("snapshot", snapshot), ("session", all - start - snapshot), ("state", all - start)] {
            figures.append(
                CommitFigure(scenario: "commit-\(name)", placements: placed, used: Usage(), bytes: bytes))
        }
        return figures
    }

    /// A session that has been asked once: it makes its index of the nodes then.
    private func session(on head: Snapshot) -> any SchedulingSession {
        var (session, entropy) = (BinPackScheduler().session(on: head), Entropy(seed: 2))
        guard let subject = PlacementSubject(CommitScenario.job(-1, count: 1), group: "all") else { return session }
        let request = PlacementRequest(allocation: entropy.identifier(), subject: subject)
        _ = session.place([request], using: &entropy)
        session.release([request.allocation])
        return session
    }

    private func place(_ state: inout State) -> [Step] {
        var (planning, applying, confirming) = (Step("plan"), Step("apply"), Step("confirm"))
        var (encoding, freeing) = (Step("encode"), Step("free"))
        let planner = Planner(reconciler: Reconciler { _, _, _ in false })
        for number in 0..<jobs {
            let job = CommitScenario.job(number, count: count)
            let evaluation = Evaluation(
                id: state.entropy.identifier(), job: job.id, kind: job.kind, priority: job.priority,
                trigger: .jobRegister, time: Self.time)
            state.commit([.putJob(JobRecord(job: job, submitTime: Self.time)), .putEvaluation(evaluation)])
            let plan = planning.measure {
                planner.plan(
                    evaluation, on: state.head, session: &state.session, epoch: Self.epoch, at: Self.time,
                    using: &state.entropy)
            }
            // As while a group is written, someone holds the state before.
            var held: Snapshot? = state.head
            let next = state.batch(plan.changes)
            _ = applying.measure { state.head.apply(next) }
            _ = confirming.measure { state.session.apply(next) }
            _ = encoding.measure { next.encoded.count }
            freeing.measure { held = nil }
            withExtendedLifetime(held) {}
        }
        return [planning, applying, confirming, encoding, freeing]
    }

    private func readBack(_ head: Snapshot) -> [Step] {
        var (ordering, decoding, building) = (Step("write"), Step("decode"), Step("build"))
        var writer = RecordWriter(capacity: 1 << 20)
        ordering.measure { head.records { writer.put($0) } }
        var reader = RecordReader(writer.bytes)
        writer = RecordWriter()
        let changes = decoding.measure {
            var changes: [Change] = []
            while !reader.isAtEnd, let change = try? reader.next(Change.self) { changes.append(change) }
            return changes
        }
        let read = building.measure { Snapshot(revision: head.revision, epoch: Self.epoch, records: changes) }
        // A state that was not read back whole has no rate.
        if read.allocations.count != head.allocations.count { building = Step("broken") }
        return [ordering, decoding, building]
    }
}
