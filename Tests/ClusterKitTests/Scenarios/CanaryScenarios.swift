import ClusterKit
import ClusterTesting
import Testing

/// Instances of a new version that show themselves beside the old ones.
@Suite struct CanaryScenarios {
    private static func version(_ number: Int, count: Int, _ update: String) throws -> Job {
        try Job.stated(
            "web", group: "count = \(count)\nupdate {\n\(update)\n}",
            tasks: ["server": #"env { VERSION = "\#(number)" }"#])
    }

    /// One stands beside the two that run until someone takes it for good; one that came too early is refused. Then the
    /// old ones go, one after the other.
    @Test func aCanaryWaitsForSomeoneToPromoteIt() throws {
        let (old, new) = (
            try Self.version(1, count: 2, "canary = 1"), try Self.version(2, count: 2, "canary = 1")
        )
        try Scenario(
            "canary-by-hand", for: .seconds(150), machines: 1,
            [
                .register(old, at: .seconds(5)), .register(new, at: .seconds(40)),
                .order(old.id, .promote(groups: nil), at: .seconds(45)),
                .order(old.id, .promote(groups: nil), at: .seconds(90)),
            ]
        ).check()
    }

    @Test func aCanaryPromotesItselfWhenItIsWell() throws {
        let words = "canary = 1\nauto_promote = true"
        let (old, new) = (try Self.version(1, count: 2, words), try Self.version(2, count: 2, words))
        try Scenario(
            "canary-by-itself", for: .seconds(120), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(40))]
        ).check()
    }

    /// As many canaries as instances: all change at once.
    @Test func asManyCanariesAsInstancesChangeAtOnce() throws {
        let words = "canary = 2"
        let (old, new) = (try Self.version(1, count: 2, words), try Self.version(2, count: 2, words))
        try Scenario(
            "blue-green", for: .seconds(120), machines: 1,
            [
                .register(old, at: .seconds(5)), .register(new, at: .seconds(40)),
                .order(old.id, .promote(groups: nil), at: .seconds(80)),
            ]
        ).check()
    }

    /// A canary that is never well ends with its roll-out; the old ones run on.
    @Test func aCanaryThatFailsEndsAlone() throws {
        let words = """
            canary = 1
            healthy_deadline = "20s"
            progress_deadline = "30s"
            auto_revert = true
            """
        let (old, new) = (try Self.version(1, count: 2, words), try Self.version(2, count: 2, words))
        try Scenario(
            "canary-fails", for: .seconds(120), machines: 1,
            [.register(old, at: .seconds(5)), .register(new, at: .seconds(40))],
            course: { turn in
                turn.task.environment["VERSION"] == "2" ? .ends(after: .seconds(3), code: 1) : .runs
            }
        ).check()
    }
}
