import Testing

@testable import ClusterKit

/// What a check asks of an instance by its `on_update`.
@Suite struct CheckOnUpdateTests {
    private var bench = RolloutBench()

    /// What the check states and finds, `nil` before it was first made, and whether an instance is well with that.
    private static let findings: [(String, CheckHealth?, Bool)] = [
        ("require_healthy", .passing, true), ("require_healthy", .warning, false),
        ("require_healthy", .critical, false), ("require_healthy", nil, false),
        ("ignore_warnings", .passing, true), ("ignore_warnings", .warning, true),
        ("ignore_warnings", .critical, false), ("ignore_warnings", nil, false),
        ("ignore", .passing, true), ("ignore", .warning, true), ("ignore", .critical, true), ("ignore", nil, true),
    ]

    /// One instance that runs, with one check.
    private mutating func run(_ onUpdate: String, finding health: CheckHealth?) {
        let check = CheckSpec(kind: "tcp", interval: .seconds(5), timeout: .seconds(1), onUpdate: onUpdate)
        bench.register(
            RolloutBench.job(count: 1, UpdateStrategy()) {
                $0.groups[0].services = [ServiceSpec(name: "s", checks: [check])]
            })
        var found: [CheckStatus] = []
        if let health {
            let since = bench.bench.now.wall
            found = [CheckStatus(service: "group-s-", index: 0, name: "c", kind: "tcp", health: health, since: since)]
        }
        for allocation in bench.live { bench.report(allocation, .running, checks: found) }
    }

    @Test(arguments: findings)
    mutating func aRollOutObeysIt(_ onUpdate: String, _ health: CheckHealth?, isWell: Bool) {
        run(onUpdate, finding: health)
        bench.pass(.seconds(10))
        #expect(bench.live.map { $0.health?.isHealthy } == [isWell ? true : nil])
        #expect((bench.deployment?.status == .successful) == isWell)
    }

    @Test(arguments: findings)
    mutating func whoWaitsForTheJobObeysIt(_ onUpdate: String, _ health: CheckHealth?, isWell: Bool) {
        run(onUpdate, finding: health)
        var next = makeJob("next", cpuMHz: 100)
        next.after = [JobDependency(bench.job, .healthy)]
        bench.register(next)
        #expect(bench.head.allocations(of: next.id).isEmpty == !isWell)
    }
}
