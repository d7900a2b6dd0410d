import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job allocs`
struct JobAllocs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocs", abstract: "Shows the allocations of a job, the newest first.")

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let answer = try await client.allocations(
                of: found.id, ReadOptions(namespace: found.namespace ?? "default"))
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            if answer.value.isEmpty { return Terminal.say("No allocations placed") }
            Terminal.say(AllocationTable.table(answer.value, isVerbose: verbose).text)
        }
    }
}

/// `cluster job deployments`
struct JobDeployments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments", abstract: "Shows the deployments of a job, the newest first.")

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(help: "Only the newest, with its groups.")
    var latest = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            if latest {
                let answer = try await client.newestDeployment(of: found.id, options)
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                let text = answer.value.map { DeploymentText.text($0, isVerbose: verbose) }
                return Terminal.say(text ?? "No deployments found")
            }
            let answer = try await client.deployments(of: found.id, options)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            if answer.value.isEmpty { return Terminal.say("No deployments found") }
            Terminal.say(DeploymentText.table(answer.value, isVerbose: verbose).text)
        }
    }
}
