import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job inspect`
struct JobInspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Prints a job's whole statement as JSON.")

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            let answer = try await client.job(found.id, options)
            Terminal.write(JSONText.indented(JSONText.object([("Job", answer.body)])))
        }
    }
}
