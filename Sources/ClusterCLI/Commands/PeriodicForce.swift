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

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(help: "Do not watch it start; print the evaluation's identifier.")
    var detach = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let namespace = found.namespace ?? "default"
            let answer = try await client.force(found.id, namespace: namespace)
            let aftermath = Aftermath(connection: connection, isVerbose: verbose, isDetached: detach)
            try await aftermath.follow(answer.evaluation, done: "Job begun", client, namespace)
        }
    }
}
