import ClusterTesting
import Testing

@testable import ClusterKit

/// Random jobs, failures and losses: every plan holds what plans must hold, and what is done is not done again.
@Suite struct PlannerPropertyTests {
    @Test(arguments: Array(1...8) as [UInt64])
    func plansHoldAndSettle(seed: UInt64) {
        var chance = Entropy(seed: seed)
        var bench = SchedulingBench(nodes: sampleNodes(2 + chance.below(4), memoryGiB: 2), seed: seed)
        let jobs = ["a", "b", "c"].map { JobID($0) }
        for _ in 0..<60 {
            step(&bench, jobs[chance.below(jobs.count)], using: &chance)
            bench.now = bench.now + .seconds(chance.below(60))
            for job in jobs {
                for due in bench.evaluations(job, .pending) where due.waitUntil ?? bench.now <= bench.now {
                    bench.look(at: due)
                }
                bench.look(at: job)
                for waiting in bench.evaluations(job, .blocked) { bench.look(at: waiting) }
                settled(bench, job, seed)
            }
        }
    }

    private func step(_ bench: inout SchedulingBench, _ job: JobID, using chance: inout Entropy) {
        let all = bench.snapshot.allocations(of: job).filter { !$0.isTerminal }
        switch chance.below(8) {
        case 0, 1:
            let memory = [256, 256, 300, 5000][chance.below(4)]
            let kind: JobKind = job.id == "c" ? .batch : .service
            bench.register(
                .sample(job.id, count: chance.below(7), memory: memory, kind: kind) { [chance] sample in
                    var chance = chance
                    sample.groups[0].reschedule.rule.delay = .seconds(chance.below(2) * 45)
                    if chance.below(4) == 0 { sample.constraints = [Constraint("", .distinctHosts)] }
                })
        case 2:
            guard var record = bench.snapshot.jobs[job] else { return }
            record.stopped = true
            bench.commit([.putJob(record)])
        case 3:
            let down = chance.below(2) == 0
            bench.change("n\(1 + chance.below(5))") { $0.status = down ? .down : .ready }
        default:
            guard !all.isEmpty else { return }
            let status: [ClientStatus] = [.running, .running, .failed, .complete]
            bench.report(all[chance.below(all.count)].id, status[chance.below(4)])
            for ending in all where ending.desired != .run { bench.report(ending.id, .complete) }
        }
    }

    /// Looking once more changes nothing but the look itself; live instances have distinct numbers and are no
    /// more than wanted.
    private func settled(_ bench: SchedulingBench, _ job: JobID, _ seed: UInt64) {
        var again = bench
        let evaluation = again.evaluation(of: job)
        let plan = again.look(at: evaluation)
        #expect(plan.changes.count == 1, "seed \(seed), revision \(bench.snapshot.revision): \(plan.reasons)")
        let numbers = bench.numbers(job)
        #expect(Set(numbers).count == numbers.count)
        let record = bench.snapshot.jobs[job]
        let count = record.map { $0.stopped ? 0 : $0.job.groups[0].count } ?? 0
        #expect(numbers.count <= count)
        guard count > numbers.count, record?.job.kind == .service else { return }
        // Whatever is missing waits: for room, or for its time.
        let open = bench.snapshot.evaluations(of: job).filter { $0.status == .blocked || $0.status == .pending }
        #expect(!open.isEmpty, "seed \(seed): \(count - numbers.count) of \(job) are forgotten")
    }
}
