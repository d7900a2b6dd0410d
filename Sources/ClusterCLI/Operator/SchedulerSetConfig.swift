import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster operator scheduler set-config`
struct SchedulerSetConfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-config", abstract: "Changes the rules by which work is placed; what is not stated stays.")

    @OptionGroup var connection: Connection

    @Option(help: "Write only if the rules have this Modify Index still.", transform: NumberInput.index)
    var checkIndex: UInt64?

    @Option(help: "binpack, to fill nodes one after the other, or spread, to use all alike.")
    var schedulerAlgorithm: String?

    @Option(help: "Let tasks use memory up to their memory_max: true or false.")
    var memoryOversubscription: Bool?

    @Option(help: "Let batch jobs take the place of less important ones: true or false.")
    var preemptBatchScheduler: Bool?

    @Option(help: "The same for service jobs.")
    var preemptServiceScheduler: Bool?

    @Option(help: "The same for sysbatch jobs.")
    var preemptSysbatchScheduler: Bool?

    @Option(help: "The same for system jobs.")
    var preemptSystemScheduler: Bool?

    @Option(
        help: "How many instances of services may move in an hour so that nodes come free; 0 for none.",
        transform: NumberInput.whole)
    var tidyingMovesPerHour: Int?

    /// Whether there is something to change.
    private var isStated: Bool {
        schedulerAlgorithm != nil || tidyingMovesPerHour != nil
            || [
                memoryOversubscription, preemptBatchScheduler, preemptServiceScheduler, preemptSysbatchScheduler,
                preemptSystemScheduler,
            ].contains { $0 != nil }
    }

    func validate() throws {
        guard isStated else { throw ValidationError("Say what to change, as in -scheduler-algorithm=spread") }
        guard let word = schedulerAlgorithm, PlacementAlgorithm(rawValue: word) == nil else { return }
        throw ValidationError("\"\(word)\" is no algorithm; write -scheduler-algorithm=binpack or =spread")
    }

    func run() async throws {
        try await connection.talk { client in
            let rules = changed(try await client.schedulerConfiguration().value.configuration)
            let update = try await client.setSchedulerConfiguration(
                rules, ifUnchangedSince: checkIndex.map { Revision($0) })
            guard update.isUpdated else {
                throw ClusterError(
                    .conflict, "The rules have changed since index \(checkIndex ?? 0); look at them and try again.")
            }
            connection.confirm("Scheduler configuration updated!", ("Updated", .bool(true)))
        }
    }

    /// `rules` with all that is stated.
    func changed(_ rules: SchedulerConfigurationWire) -> SchedulerConfigurationWire {
        var rules = rules
        rules.algorithm = schedulerAlgorithm ?? rules.algorithm
        rules.memoryOversubscription = memoryOversubscription ?? rules.memoryOversubscription
        rules.preemption.batch = preemptBatchScheduler ?? rules.preemption.batch
        rules.preemption.service = preemptServiceScheduler ?? rules.preemption.service
        rules.preemption.sysbatch = preemptSysbatchScheduler ?? rules.preemption.sysbatch
        rules.preemption.system = preemptSystemScheduler ?? rules.preemption.system
        rules.tidyingMovesPerHour = tidyingMovesPerHour ?? rules.tidyingMovesPerHour
        return rules
    }
}
