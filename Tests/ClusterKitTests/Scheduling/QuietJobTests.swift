import ClusterTesting
import Testing

@testable import ClusterKit

/// The quick answer is the thorough one.
@Suite struct QuietJobTests {
    let shop = JobID("shop")

    private func isQuiet(_ bench: SchedulingBench) -> Bool {
        QuietJob(bench.snapshot.jobs[shop], in: bench.snapshot, largestCount: 1_000_000)?.holds() == true
    }

    private func bench(_ job: Job) -> SchedulingBench {
        var bench = SchedulingBench(nodes: sampleNodes(3))
        bench.register(job)
        bench.look(at: shop)
        for allocation in bench.live(shop) { bench.report(allocation.id, .running) }
        return bench
    }

    @Test func whatRunsAsItShouldIsQuiet() {
        #expect(isQuiet(bench(.sample(count: 4))))
        var moved = bench(.sample(count: 4))
        moved.register(.sample(count: 3))
        #expect(!isQuiet(moved), "one has to go")
        moved.look(at: shop)
        #expect(isQuiet(moved), "one that was told to end, and has not yet, holds no number")
    }

    /// States as chance makes them: whatever is quiet, the thorough look finds nothing to do about.
    @Test(arguments: 0..<40) func theThoroughLookFindsNothingEither(seed: UInt64) {
        var entropy = Entropy(seed: seed)
        var (quiet, busy) = (0, 0)
        for _ in 0..<40 {
            let bench = shaken(by: &entropy)
            let thorough = Reconciler.standard.lookCloser(at: shop, in: bench.snapshot, at: bench.now)
            if isQuiet(bench) {
                quiet += 1
                #expect(thorough.isEmpty, "\(thorough)")
            } else if !thorough.isEmpty {
                busy += 1
            }
        }
        #expect(quiet > 0 && busy > 0)
    }

    /// A job that was placed, of which up to two instances, or the job, or a node changed.
    private func shaken(by entropy: inout Entropy) -> SchedulingBench {
        let kind: JobKind = entropy.below(2) == 0 ? .batch : .service
        var bench = bench(.sample(count: 1 + entropy.below(4), kind: kind))
        for _ in 0..<entropy.below(3) {
            let all = bench.snapshot.allocations(of: shop)
            guard !all.isEmpty else { continue }
            var one = all[entropy.below(all.count)]
            switch entropy.below(9) {
            case 0: one.client = .failed
            case 1: one.client = .complete
            case 2: one.client = .lost
            case 3: one.desired = .stop
            case 4: one.wish = [.migrate, .retire, .forceMigrate][entropy.below(3)]
            case 5: one.isCanary = true
            case 6: one.index = entropy.below(6)
            case 7: one.jobVersion = 0
            default: (one.client, one.desired) = (.complete, .stop)
            }
            bench.commit([.putAllocation(one)])
        }
        if entropy.below(6) == 0 { bench.register(.sample(count: 1 + entropy.below(4), kind: kind)) }
        if entropy.below(6) == 0, var node = bench.snapshot.nodes.sorted.first {
            node.status = .down
            bench.commit([.putNode(node)])
        }
        return bench
    }
}
