import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job stop`
struct JobStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stops a job; its record stays unless it is purged.")

    @Argument(help: "The job; the beginning of its identifier only with -yes.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(help: "Forget the job too.")
    var purge = false

    @OptionGroup var aftermath: Aftermath

    @Flag(name: [.long, .customShort("y")], help: "Stop it also when only the beginning of its identifier is given.")
    var yes = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            guard yes || found.id == job else {
                throw ClusterError(
                    .invalid, "\"\(job)\" means the job \"\(found.id)\"; to stop it, give its whole name or add -yes.")
            }
            let namespace = found.namespace ?? "default"
            let answer = try await client.stop(found.id, namespace: namespace, purge: purge)
            try await aftermath.follow(answer.evaluation, done: "Job stopped", connection, client, namespace)
        }
    }
}
