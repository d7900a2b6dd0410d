import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster secret list`
struct SecretList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the secrets below a path; what ends in / has more below it.")

    @Argument(help: "The path; everything without.")
    var path: String = ""

    @OptionGroup var connection: SecretConnection

    func run() async throws {
        let path = try SecretConnection.path(path)
        try await connection.talk { client in
            let names = try await client.secretNames(below: path)
            if connection.json { return Terminal.write(JSONText.indented(JSONText.list(names.map(JSONText.string)))) }
            Terminal.say(names.isEmpty ? "No secrets" : names.joined(separator: "\n"))
        }
    }
}

/// `cluster secret metadata`
struct SecretMetadata: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata", abstract: "Shows the versions of a secret without their values.")

    @Argument(help: "Where the secret is kept.")
    var path: String

    @OptionGroup var connection: SecretConnection

    func run() async throws {
        let path = try SecretConnection.secret(path)
        try await connection.talk { client in
            let record = try await client.secretRecord(path)
            if connection.json { return Terminal.write(JSONText.indented(Self.json(record))) }
            let rows = record.versions.map { ["\($0.number)", TimeText.point($0.created), Self.state($0)] }
            Terminal.say(Table(header: ["Version", "Created", "State"], rows: rows).text)
        }
    }

    private static func state(_ version: SecretVersionWire) -> String {
        if version.isDestroyed { return "destroyed" }
        return version.deleted.isEmpty ? "readable" : "deletion at \(TimeText.point(version.deleted))"
    }

    private static func json(_ record: SecretRecordWire) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            writer.field("cas_required", record.requiresCheckAndSet)
            writer.field("current_version", record.currentVersion)
            writer.field("custom_metadata", record.words)
            writer.field("max_versions", record.maxVersions)
            writer.list("versions", record.versions) { writer, version in
                writer.object {
                    $0.field("version", version.number)
                    $0.field("created_time", version.created)
                    $0.field("deletion_time", version.deleted)
                    $0.field("destroyed", version.isDestroyed)
                }
            }
        }
        return writer.bytes
    }
}
