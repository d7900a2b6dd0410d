import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job eval`
struct JobEval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Has the server look at a job again.")

    @Argument(help: "The job.")
    var job: String

    @Flag(
        name: .customLong("force-reschedule"),
        help: "Place what has failed anew now, whatever the job's reschedule block says.")
    var forceReschedule = false

    @OptionGroup var connection: Connection

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "look at it")
            let namespace = found.namespace ?? "default"
            let answer = try await client.evaluate(
                found.id, replacingFailed: forceReschedule, namespace: namespace)
            try await aftermath.follow(answer.evaluation, done: "Job looked at", connection, client, namespace)
        }
    }
}
