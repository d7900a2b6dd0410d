import ArgumentParser
import ClusterClient

/// `cluster secret put`
struct SecretPut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Writes the next version of a secret; it replaces all values of the last one.",
        discussion: """
            Values are key=@FILE, key=- for the standard input, or key=VALUE. What stands on a command line is seen by \
            everyone on this machine who lists processes, and by the history of the shell: prefer the first two. \
            The bytes are kept as they come, a newline at the end included.
            """)

    @Argument(help: "Where the secret is kept.")
    var path: String

    @Argument(help: "Its values: key=@FILE, key=- or key=VALUE.")
    var values: [String]

    @OptionGroup var connection: SecretConnection

    @Option(
        help: "Only if this version is the current one; 0 for a secret that must be new.", transform: NumberInput.whole)
    var cas: Int?

    func run() async throws {
        let path = try SecretConnection.secret(path)
        let values = try SecretInput().values(values)
        try await connection.talk { client in
            let version = try await client.writeSecret(path, values, expecting: cas)
            Terminal.say(
                connection.json
                    ? "{\"version\": \(version.number)}" : "Wrote version \(version.number) of secret \(path)")
        }
    }
}
