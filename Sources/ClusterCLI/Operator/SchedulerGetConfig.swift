import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster operator scheduler get-config`
struct SchedulerGetConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get-config", abstract: "Shows the rules by which work is placed.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.schedulerConfiguration()
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(Self.text(of: answer.value.configuration))
        }
    }

    static func text(of rules: SchedulerConfigurationWire) -> String {
        Table.pairs([
            ("Scheduler Algorithm", rules.algorithm),
            ("Memory Oversubscription", "\(rules.memoryOversubscription ?? false)"),
            ("Preemption System Scheduler", "\(rules.preemption.system)"),
            ("Preemption Service Scheduler", "\(rules.preemption.service)"),
            ("Preemption Batch Scheduler", "\(rules.preemption.batch)"),
            ("Preemption SysBatch Scheduler", "\(rules.preemption.sysbatch ?? false)"),
            ("Tidying Moves Per Hour", "\(rules.tidyingMovesPerHour ?? 0)"),
            ("Modify Index", "\(rules.modifyIndex ?? 0)"),
        ])
    }
}
