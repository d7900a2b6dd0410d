import ClusterKit
import Testing

@Suite struct SnapshotTests {
    private let node = NodeID(high: 1, low: 1)
    private let other = NodeID(high: 2, low: 2)
    private let web = JobID("web")

    private func allocation(_ number: UInt64, on node: NodeID? = nil, of job: JobID? = nil) -> Allocation {
        Allocation(
            id: AllocationID(high: 0, low: number), job: job ?? web, jobVersion: 0, group: "g", index: Int(number),
            node: node ?? self.node, evaluation: EvaluationID(high: 0, low: 1), epoch: Epoch(1),
            resources: AllocatedResources(total: Resources(cpuMHz: 1)), time: WallTime(nanoseconds: 0))
    }

    private func evaluation(_ number: UInt64) -> Evaluation {
        Evaluation(
            id: EvaluationID(high: 0, low: number), job: web, kind: .service, priority: 50, trigger: .jobRegister,
            time: WallTime(nanoseconds: 0))
    }

    private func record(version: Int, priority: Int = 50, stopped: Bool = false) -> JobRecord {
        JobRecord(
            job: Job(id: web, priority: priority), version: version, stopped: stopped,
            submitTime: WallTime(nanoseconds: 0))
    }

    private func apply(_ changes: Change..., to snapshot: inout Snapshot, epoch: Epoch = Epoch(1)) {
        let batch = ChangeBatch(
            revision: snapshot.revision.next, epoch: epoch, time: WallTime(nanoseconds: 0), changes: changes)
        let applied = snapshot.apply(batch)
        #expect(applied)
    }

    @Test func onlyTheNextBatchIsApplied() {
        var snapshot = Snapshot()
        apply(.putNode(Node(id: node, name: "a", capacity: Resources())), to: &snapshot, epoch: Epoch(2))
        for (revision, epoch) in [(0, 2), (1, 2), (3, 2), (2, 1)] {
            let batch = ChangeBatch(
                revision: Revision(UInt64(revision)), epoch: Epoch(UInt64(epoch)), time: WallTime(nanoseconds: 0),
                changes: [.removeNode(node)])
            let applied = snapshot.apply(batch)
            #expect(!applied, "revision \(revision), epoch \(epoch)")
            #expect(snapshot.revision == Revision(1) && snapshot.epoch == Epoch(2) && snapshot.nodes.count == 1)
        }
    }

    @Test func changesOfABatchCountInTheirOrder() {
        var snapshot = Snapshot()
        apply(.putAllocation(allocation(1)), .removeAllocation(allocation(1).id), to: &snapshot)
        #expect(snapshot.allocations.count == 0 && snapshot.allocationsByNode.count(of: node) == 0)
        apply(.removeAllocation(allocation(1).id), .putAllocation(allocation(1)), to: &snapshot)
        #expect(snapshot.allocations.count == 1 && snapshot.allocations(on: node).map(\.index) == [1])
    }

    @Test func aCopyStaysAsItIs() {
        var snapshot = Snapshot()
        apply(.putAllocation(allocation(1)), to: &snapshot)
        let copy = snapshot
        apply(.putAllocation(allocation(2)), .removeAllocation(allocation(1).id), to: &snapshot)
        #expect(copy.allocations(of: web).map(\.index) == [1] && copy.revision == Revision(1))
        #expect(snapshot.allocations(of: web).map(\.index) == [2])
    }

    @Test func revisionsAreStamped() {
        var snapshot = Snapshot()
        apply(.putJob(record(version: 0)), to: &snapshot)
        apply(.putJob(record(version: 0)), to: &snapshot)
        #expect(snapshot.jobs[web]?.createRevision == Revision(1))
        #expect(snapshot.jobs[web]?.modifyRevision == Revision(2))
        #expect(snapshot.jobs[web]?.jobModifyRevision == Revision(1))
        apply(.putJob(record(version: 1, priority: 60)), to: &snapshot)
        #expect(snapshot.jobs[web]?.createRevision == Revision(1))
        #expect(snapshot.jobs[web]?.jobModifyRevision == Revision(3))
        apply(.putJob(record(version: 1, priority: 60, stopped: true)), to: &snapshot)
        #expect(snapshot.jobs[web]?.jobModifyRevision == Revision(4))
        var made = allocation(1)
        made.createRevision = Revision(77)
        apply(.putAllocation(made), to: &snapshot)
        #expect(snapshot.allocations[made.id]?.createRevision == Revision(5))
    }

    @Test func versionsAreKeptUntilTheyAreRemoved() {
        var snapshot = Snapshot()
        for version in 0...3 { apply(.putJob(record(version: version, priority: version)), to: &snapshot) }
        #expect(snapshot.versionsByJob.members(of: web).map(\.version) == [0, 1, 2, 3])
        var old = allocation(1)
        old.jobVersion = 1
        #expect(snapshot.job(of: old)?.priority == 1)
        apply(.removeJobVersion(JobVersion(web, 1)), to: &snapshot)
        #expect(snapshot.job(of: old) == nil && snapshot.jobs[web]?.version == 3)
        // The newest one is the job: it cannot go before it.
        apply(.removeJobVersion(JobVersion(web, 3)), to: &snapshot)
        #expect(snapshot.jobVersions[JobVersion(web, 3)] != nil)
        apply(.removeJob(web), to: &snapshot)
        #expect(snapshot.jobs.count == 0 && snapshot.jobVersions.count == 0)
        #expect(snapshot.versionsByJob.members(of: web) == [])
    }

    /// Each list tells the revision that last changed it, so that who waits for one is not woken by another.
    @Test func listsHaveRevisionsOfTheirOwn() {
        var snapshot = Snapshot()
        apply(.putAllocation(allocation(1)), to: &snapshot)
        apply(.putAllocation(allocation(2, on: other, of: JobID("db"))), to: &snapshot)
        apply(.putEvaluation(evaluation(1)), to: &snapshot)
        apply(
            .removeEvaluation(evaluation(9).id), .removeNode(node), .removeAllocation(AllocationID(high: 9, low: 9)),
            to: &snapshot)
        #expect(snapshot.allocations.modifyRevision == Revision(2))
        #expect(snapshot.allocationsByNode.modifyRevision(of: node) == Revision(1))
        #expect(snapshot.allocationsByNode.modifyRevision(of: other) == Revision(2))
        #expect(snapshot.allocationsByJob.modifyRevision(of: web) == Revision(1))
        #expect(snapshot.evaluations.modifyRevision == Revision(3) && snapshot.nodes.modifyRevision == .zero)
        #expect(snapshot.evaluationsByJob.modifyRevision(of: web) == Revision(3))
    }

    /// Who has seen a list before its last member went must find it changed, at that time and ever after.
    @Test func anEmptiedListDoesNotGoBack() {
        var snapshot = Snapshot()
        apply(.putJob(record(version: 0)), .putAllocation(allocation(1)), .putEvaluation(evaluation(1)), to: &snapshot)
        apply(.removeAllocation(allocation(1).id), .removeEvaluation(evaluation(1).id), to: &snapshot)
        apply(.removeJob(web), to: &snapshot)
        #expect(snapshot.allocationsByNode.modifyRevision(of: node) == Revision(2))
        #expect(snapshot.allocationsByJob.modifyRevision(of: web) == Revision(2))
        #expect(snapshot.evaluationsByJob.modifyRevision(of: web) == Revision(2))
        #expect(snapshot.versionsByJob.modifyRevision(of: web) == Revision(3))
        apply(.putAllocation(allocation(1)), to: &snapshot)
        #expect(snapshot.allocationsByNode.modifyRevision(of: node) == Revision(4))
    }

    private func records(of snapshot: Snapshot) -> [Change] {
        var records: [Change] = []
        snapshot.records { records.append($0) }
        return records
    }

    @Test func readBackItIsTheSame() {
        var snapshot = Snapshot()
        for version in 0...11 { apply(.putJob(record(version: version, priority: version)), to: &snapshot) }
        for number in 1...20 { apply(.putAllocation(allocation(UInt64(number))), to: &snapshot) }
        apply(.putEvaluation(evaluation(1)), .putNode(Node(id: node, name: "a", capacity: Resources())), to: &snapshot)
        apply(.removeAllocation(allocation(3).id), to: &snapshot)
        let records = records(of: snapshot)
        for order in [records, records.reversed()] {
            let again = Snapshot(revision: snapshot.revision, epoch: snapshot.epoch, records: order)
            #expect(self.records(of: again) == records)
            #expect(again.revision == snapshot.revision && again.epoch == snapshot.epoch)
            #expect(again.jobs[web] == snapshot.jobs[web])
            #expect(again.allocations(of: web) == snapshot.allocations(of: web))
            #expect(again.allocations(on: node) == snapshot.allocations(on: node))
            #expect(again.evaluations(of: web) == snapshot.evaluations(of: web))
            #expect(again.versionsByJob.members(of: web) == snapshot.versionsByJob.members(of: web))
            // A removal before is not known any more, so nothing may look older than it.
            #expect(again.allocations.modifyRevision == snapshot.revision)
            #expect(again.allocationsByNode.modifyRevision(of: node) == snapshot.revision)
            #expect(again.allocationsByNode.modifyRevision(of: other) == snapshot.revision)
        }
    }
}
