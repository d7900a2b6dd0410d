import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster namespace …`
struct NamespaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace", abstract: "Works with namespaces: groups of jobs with names of their own.",
        discussion: "They are not made: one exists while a job is in it, as its namespace or -namespace says.",
        subcommands: [NamespaceList.self])
}

/// `cluster namespace list`
struct NamespaceList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows the namespaces that jobs are in, and the default one.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.namespaces()
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(Self.table(answer.value).text)
        }
    }

    static func table(_ namespaces: [NamespaceWire]) -> Table {
        Table(
            header: ["Name", "Description"],
            rows: namespaces.sorted { $0.name < $1.name }.map { [$0.name, $0.description] })
    }
}
