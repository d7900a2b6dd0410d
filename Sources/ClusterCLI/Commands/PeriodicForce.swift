import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job periodic …`
struct PeriodicCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "periodic", abstract: "Works with periodic jobs.", subcommands: [PeriodicForce.self])
}

/// `cluster job periodic force`
struct PeriodicForce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "force", abstract: "Begins the work of a periodic job now, whatever its schedule says.")

    @Argument(help: "The job.")
    var job: String

    @OptionGroup var connection: Connection

    @OptionGroup var aftermath: Aftermath

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findWholeJob(job, connection, to: "begin it")
            let namespace = found.namespace ?? "default"
            let answer = try await client.force(found.id, namespace: namespace)
            try await aftermath.follow(answer.evaluation, done: "Job begun", connection, client, namespace)
        }
    }
}
