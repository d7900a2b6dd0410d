import ClusterKit
import ClusterTesting
import Testing

/// When periodic jobs begin, second by second. The world begins at 14:13:20 of universal time.
@Suite struct ScheduleScenarios {
    private func job(_ id: String, _ periodic: String) throws -> Job {
        try .stated(id, .batch, job: "periodic {\n \(periodic)\n}", tasks: ["work": ""])
    }

    private func scenario(
        _ name: String, for duration: Duration, _ script: [ScriptStep], lasting: Duration
    ) -> Scenario {
        var scenario = Scenario(name, for: duration, machines: 1, script, course: { _ in .ends(after: lasting) })
        scenario.heartbeatTTL = .seconds(3600)
        // Not how each child is placed and started, which others tell.
        scenario.tells = { line in
            [" is registered", " is complete", "server", "has version"].contains { line.contains($0) }
        }
        return scenario
    }

    /// At 16:00 of universal time the clocks of this place are set back by an hour, from 17:00 on. What is to begin at
    /// 16:30 there does so once, at 15:30; what begins at half past each hour goes on every hour. A job that names no
    /// place goes by universal time.
    @Test func clocksOfAPlaceAreSetBack() throws {
        let place = "time_zone = \"Test/Autumn\""
        var scenario = scenario(
            "periodic-zones", for: .seconds(10_800),
            [
                .register(try job("daily", "cron = \"30 16 * * *\"\n \(place)"), at: .seconds(5)),
                .register(try job("rhythm", "cron = \"30 * * * *\"\n \(place)"), at: .seconds(6)),
                .register(try job("plain", "cron = \"0 16 * * *\""), at: .seconds(7)),
            ],
            lasting: .seconds(60))
        scenario.zones = ["Test/Autumn": "STD0SUM-1,M3.5.0,M9.3.1/17"]
        try scenario.check()
    }

    /// Each takes 15 minutes and begins every ten. One passes over the times at which its last one still runs; the
    /// other does not. Nobody leads from 15:05 to 15:38: of the three times that pass meanwhile the last is made up
    /// for. The one that must be alone passes over it, for the new leader has not heard yet that its last one is done.
    /// No time comes twice.
    @Test func overlapIsProhibitedAndOneTimeIsMadeUpFor() throws {
        let times = "cron = \"*/10 * * * *\""
        try scenario(
            "periodic-overlap", for: .seconds(6600),
            [
                .register(try job("alone", "\(times)\n prohibit_overlap = true"), at: .seconds(5)),
                .register(try job("beside", times), at: .seconds(6)),
                .crashServer(at: .seconds(3100), for: .seconds(1980)),
            ],
            lasting: .seconds(900)
        ).check()
    }
}
