import Testing

@testable import ClusterKit

@Suite struct TopicTests {
    private func topics(_ change: Change, before: Snapshot = Snapshot()) -> Set<Topic> {
        var topics: Set<Topic> = []
        Topic.touched(by: change, before: before) { topics.insert($0) }
        return topics
    }

    @Test func aChangeTouchesItsRecordAndTheListsItStandsIn() {
        var samples = Samples(seed: 4)
        let allocation = samples.allocation()
        #expect(
            topics(.putAllocation(allocation)) == [
                .allocations, .allocation(allocation.id), .allocationsOfJob(allocation.job),
                .allocationsOnNode(allocation.node),
            ])
        #expect(topics(.removeAllocation(allocation.id)) == [.allocations, .allocation(allocation.id)])
        let evaluation = samples.evaluation()
        #expect(
            topics(.putEvaluation(evaluation)) == [
                .evaluations, .evaluation(evaluation.id), .evaluationsOfJob(evaluation.job),
            ])
        #expect(topics(.removeEvaluation(evaluation.id)) == [.evaluations, .evaluation(evaluation.id)])
        let node = samples.node()
        #expect(topics(.putNode(node)) == [.nodes, .node(node.id)])
        #expect(topics(.removeNode(node.id)) == [.nodes, .node(node.id)])
        var job = samples.job()
        let parent = job.origin?.parent ?? JobID("none")
        var record = JobRecord(job: job, submitTime: WallTime(nanoseconds: 0))
        let ofJob: Set<Topic> = [.jobs, .job(job.id), .versionsOfJob(job.id)]
        #expect(topics(.putJob(record)) == ofJob.union([.childrenOfJob(parent)]))
        let before = Snapshot(revision: Revision(1), epoch: Epoch(1), records: [.putJob(record)])
        #expect(topics(.removeJob(job.id), before: before) == ofJob.union([.childrenOfJob(parent)]))
        job.origin = nil
        record.job = job
        #expect(topics(.putJob(record)) == ofJob)
        #expect(topics(.removeJob(job.id)) == ofJob)
        #expect(topics(.removeJobVersion(JobVersion(job.id, 1))) == [.job(job.id), .versionsOfJob(job.id)])
        let key = samples.keyRecord()
        #expect(topics(.putKey(key)) == [.keys, .key(key.key)])
        #expect(topics(.removeKey(key.key)) == [.keys, .key(key.key)])
        let secret = samples.secretRecord()
        #expect(topics(.putSecret(secret)) == [.secrets, .secret(secret.path)])
        #expect(topics(.removeSecret(secret.path)) == [.secrets, .secret(secret.path)])
        #expect(topics(.removeSealed(SecretVersionID(secret.path, 1))) == [.secret(secret.path)])
    }

    /// A removal names no owner: the state before it tells in which lists the record stood.
    @Test func aRemovalTouchesTheListsItStoodIn() {
        var samples = Samples(seed: 6)
        let (allocation, evaluation, deployment) = (samples.allocation(), samples.evaluation(), samples.deployment())
        let before = Snapshot(
            revision: Revision(9), epoch: Epoch(1),
            records: [.putAllocation(allocation), .putEvaluation(evaluation), .putDeployment(deployment)])
        #expect(
            topics(.removeAllocation(allocation.id), before: before) == [
                .allocations, .allocation(allocation.id), .allocationsOfJob(allocation.job),
                .allocationsOnNode(allocation.node),
            ])
        #expect(
            topics(.removeEvaluation(evaluation.id), before: before) == [
                .evaluations, .evaluation(evaluation.id), .evaluationsOfJob(evaluation.job),
            ])
        #expect(
            topics(.removeDeployment(deployment.id), before: before) == [
                .deployments, .deployment(deployment.id), .deploymentsOfJob(deployment.job),
            ])
    }

    /// A batch wakes who named something in it, and nobody else.
    @Test func aBatchWakesThoseWhoNamedWhatItTouches() async {
        var samples = Samples(seed: 5)
        let (named, other) = (samples.allocation(), samples.allocation())
        let hub = TopicHub()
        let batch = ChangeBatch(
            revision: Revision(1), epoch: Epoch(1), time: WallTime(nanoseconds: 0),
            changes: [.removeNode(named.node), .putAllocation(named)])
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await hub.wait(for: .allocation(named.id), atMost: .seconds(3600)) {
                    // Asked once the waiter is in place: now it is the batch's turn to wake it.
                    hub.publish(batch, before: Snapshot())
                    return false
                }
                return true
            }
            let first = await group.next()
            #expect(first == true)
        }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await hub.wait(for: .allocation(other.id), atMost: .seconds(3600)) {
                    hub.publish(batch, before: Snapshot())
                    return false
                }
                return !Task.isCancelled
            }
            group.addTask { (try? await Task.sleep(for: .milliseconds(50))) == nil }
            #expect(await group.next() == false)
            group.cancelAll()
        }
    }
}
