import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc checks`
struct AllocChecks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checks", abstract: "Shows what the checks of an allocation's services found.")

    @Argument(help: "The allocation, or the beginning of its identifier.")
    var allocation: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findAllocation(allocation, connection).value
            let answer = try await client.checks(ofAllocation: found.id, ReadOptions(namespace: found.namespace))
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(answer.value.isEmpty ? "No checks found" : CheckTable.table(answer.value).text)
        }
    }
}
