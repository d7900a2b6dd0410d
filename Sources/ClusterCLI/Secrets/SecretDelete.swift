import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster secret delete`
struct SecretDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes versions of a secret; undelete brings them back.")

    @Argument(help: "Where the secret is kept.")
    var path: String

    @OptionGroup var connection: SecretConnection

    @Option(help: "These versions, as in 2,3; the current one without.")
    var versions: String?

    @Flag(help: "Everything instead: all versions with what is known of them, for good.")
    var all = false

    func validate() throws {
        if all, versions != nil { throw ValidationError("-all and -versions cannot be stated together") }
    }

    func run() async throws {
        let path = try SecretConnection.secret(path)
        let numbers = try versions.map(SecretConnection.versions) ?? []
        try await connection.talk { client in
            // The server answers alike whether there was something; a person wants to know of a mistyped path.
            let record = try await client.secretRecord(path)
            if all {
                try await client.removeSecret(path)
                return connection.confirm(
                    "Removed secret \(path) with all its versions", path, record.versions.map(\.number))
            }
            try record.require(numbers, of: path)
            try await client.deleteSecret(path, versions: numbers)
            let deleted = numbers.isEmpty ? [record.currentVersion] : numbers
            let shown = deleted.map(String.init).joined(separator: ", ")
            connection.confirm("Deleted version \(shown) of secret \(path)", path, deleted)
        }
    }
}

/// `cluster secret undelete`
struct SecretUndelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undelete", abstract: "Brings deleted versions of a secret back.")

    @Argument(help: "Where the secret is kept.")
    var path: String

    @OptionGroup var connection: SecretConnection

    @Option(help: "The versions, as in 2,3.")
    var versions: String

    func run() async throws {
        let path = try SecretConnection.secret(path)
        let numbers = try SecretConnection.versions(versions)
        try await connection.talk { client in
            try await client.secretRecord(path).requireData(numbers, of: path)
            try await client.undeleteSecret(path, versions: numbers)
            let shown = numbers.map(String.init).joined(separator: ", ")
            connection.confirm("Brought back version \(shown) of secret \(path)", path, numbers)
        }
    }
}

/// `cluster secret destroy`
struct SecretDestroy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Removes the data of versions of a secret for good.")

    @Argument(help: "Where the secret is kept.")
    var path: String

    @OptionGroup var connection: SecretConnection

    @Option(help: "The versions, as in 2,3.")
    var versions: String

    func run() async throws {
        let path = try SecretConnection.secret(path)
        let numbers = try SecretConnection.versions(versions)
        try await connection.talk { client in
            try await client.secretRecord(path).require(numbers, of: path)
            try await client.destroySecret(path, versions: numbers)
            let shown = numbers.map(String.init).joined(separator: ", ")
            connection.confirm("Destroyed version \(shown) of secret \(path)", path, numbers)
        }
    }
}
