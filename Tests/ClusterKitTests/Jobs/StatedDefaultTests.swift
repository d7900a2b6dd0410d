import Testing

@testable import ClusterKit

/// What holds where a job, an agent or a server says nothing: the numbers themselves, as Nomad's documents state them.
@Suite struct StatedDefaultTests {
    private func job(_ type: JobKind = .service, group: String = "", task: String = "") throws -> Job {
        try Job.stated("job", type, group: group, tasks: ["task": task])
    }

    @Test func anUpdateReplacesOneByOneEachWellForTenSeconds() throws {
        let update = try #require(try job().groups[0].update ?? job().update)
        #expect(update.maxParallel == 1 && update.canary == 0 && update.healthCheck == "checks")
        #expect(update.minHealthyTime == .seconds(10) && update.healthyDeadline == .seconds(300))
        #expect(update.progressDeadline == .seconds(600) && update.stagger == .seconds(30))
        #expect(!update.autoRevert && !update.autoPromote)
    }

    @Test func aDrainMovesOneByOneAndHasAnHour() {
        let migrate = MigrateStrategy()
        #expect(migrate.maxParallel == 1 && migrate.healthCheck == "checks")
        #expect(migrate.minHealthyTime == .seconds(10) && migrate.healthyDeadline == .seconds(300))
        #expect(DrainLimit.standard == .after(.seconds(3600)))
    }

    @Test func aTaskHasFiveSecondsAndAnAgentAllowsThirty() throws {
        let task = try job().groups[0].tasks[0]
        #expect(task.killTimeout == .seconds(5) && task.killSignal == nil && task.shutdownDelay == .zero)
        #expect(try job().groups[0].shutdownDelay == .zero)
        #expect(AgentPolicy().maxKillTimeout == .seconds(30) && AgentPolicy().keptAllocations == 50)
    }

    @Test func tenLogFilesOfTenMebibytes() throws {
        let logs = try job().groups[0].tasks[0].logs
        #expect(logs.files == 10 && logs.fileSizeMiB == 10)
    }

    @Test func aTemplateRestartsItsTaskWithinFiveSeconds() throws {
        let words = """
            template {
              data = "x"
              destination = "local/x"
            }
            """
        let template = try #require(try job(task: words).groups[0].tasks[0].templates.first)
        #expect(template.changeMode == .restart && template.splay == .seconds(5) && template.permissions == "0644")
        #expect(template.leftDelimiter == "{{" && template.rightDelimiter == "}}")
        #expect(!template.isEnvironment && !template.failsOnMissingKey)
    }

    /// Ten seconds and ten more; among many nodes longer, so that all together beat fifty times a second.
    @Test func aNodeIsHeardOfWithinTwentySeconds() {
        let server = ServerConfiguration()
        #expect(server.heartbeatGrace == .seconds(10) && server.heartbeatsPerSecond == 50)
        #expect(server.grantedTTL(nodes: 39) == .seconds(10))
        #expect(server.grantedTTL(nodes: 250) == .seconds(10))
        #expect(server.grantedTTL(nodes: 1000) == .seconds(40), "each beats twice in its term")
    }

    @Test func whatHasEndedIsKeptForHoursAndDays() {
        let kept = ServerConfiguration().collection
        #expect(kept.evaluation == .seconds(3600) && kept.batchEvaluation == .seconds(24 * 3600))
        #expect(kept.job == .seconds(4 * 3600) && kept.deployment == .seconds(3600))
        #expect(kept.node == .seconds(24 * 3600) && kept.interval == .seconds(300))
    }
}
