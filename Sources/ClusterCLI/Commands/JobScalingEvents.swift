import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job scaling-events`
struct JobScalingEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling-events", abstract: "Shows how the counts of a job's groups were changed.")

    @Argument(help: "The job, or the beginning of its identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers, and messages.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findJob(job, connection)
            let options = ReadOptions(namespace: found.namespace ?? "default")
            let answer = try await client.scaleStatus(of: found.id, options)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let table = Self.table(answer.value, isVerbose: verbose)
            Terminal.say(table.rows.isEmpty ? "No events found" : table.text)
        }
    }

    static func table(_ status: ScaleStatusWire, isVerbose: Bool, now: Int64 = TimeText.now) -> Table {
        let events = status.groups.sorted { $0.key < $1.key }.flatMap { name, group in
            (group.events ?? []).map { (name, $0) }
        }
        let rows = events.sorted { $0.1.time > $1.1.time }.map { name, event -> [String] in
            let columns = [
                name, event.count.map { "\($0)" } ?? "-", "\(event.previousCount)", event.isError ? "error" : "",
                TimeText.ago(event.time, now: now),
            ]
            guard isVerbose else { return columns }
            return columns + [event.evaluation ?? "", event.message]
        }
        let header = ["Task Group", "Count", "PrevCount", "Error", "Date"]
        return Table(header: isVerbose ? header + ["Eval ID", "Message"] : header, rows: rows)
    }
}
