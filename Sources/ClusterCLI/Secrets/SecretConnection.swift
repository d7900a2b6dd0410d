import ArgumentParser
import ClusterClient
import ClusterKit

/// The flags of every command that talks to the port of secrets.
struct SecretConnection: ParsableArguments {
    @Option(
        name: .customLong("vault-address"),
        help: "The address of the server's Vault port (else VAULT_ADDR, else http://127.0.0.1:8200).")
    var address: String?

    @Option(help: "The token to show (else VAULT_TOKEN).")
    var token: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(name: .customLong("no-color"), help: .hidden) var noColor = false

    /// The address that is asked, after flags and environment.
    var effectiveAddress: String { Connection.chosen(address, "VAULT_ADDR", else: "http://127.0.0.1:8200") }

    /// Talks to the server, and says what to do when there is none, or it has no key.
    func talk(_ body: (ClusterClient) async throws -> Void) async throws {
        let advice = "start one with `cluster-server --dev`, or name another with -vault-address or VAULT_ADDR"
        try await Connection.talk(
            to: effectiveAddress, token: Connection.chosen(token, "VAULT_TOKEN", else: ""), advice: advice
        ) { client in
            do {
                try await body(client)
            } catch let error as ClusterError where error.code == .unavailable {
                guard let seal = try? await client.sealStatus(), seal.isSealed else { throw error }
                throw ClusterError(
                    .unavailable, seal.reason.isEmpty ? "the store of secrets is sealed" : seal.reason)
            }
        }
    }

    /// Tells that something was done with versions of a secret: in words, or as JSON.
    func confirm(_ words: String, _ path: String, _ versions: [Int]) {
        guard json else { return Terminal.say(words) }
        let numbers = JSONValue.array(versions.map { .integer($0) })
        Terminal.write(JSONText.facts([(name: "path", value: .string(path)), (name: "versions", value: numbers)]))
    }

    /// A path as the server knows it, without the mount that people may write in front.
    static func path(_ text: String) throws -> String {
        var path = Substring(text)
        while path.first == "/" { path.removeFirst() }
        while path.last == "/" { path.removeLast() }
        if path == "secret" { return "" }
        // Also the long form, which templates and the API use.
        for prefix in ["secret/data/", "secret/"] where path.hasPrefix(prefix) {
            return String(path.dropFirst(prefix.count))
        }
        return String(path)
    }

    /// A path that must name a secret.
    static func secret(_ text: String) throws -> String {
        let path = try path(text)
        guard !path.isEmpty else {
            throw ClusterError(.invalid, "\"\(text)\" names no secret: give a path such as web/database.")
        }
        return path
    }

    /// Versions as people write them: `2,3`.
    static func versions(_ text: String) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part), number > 0 else {
                throw ClusterError(.invalid, "-versions \(text): write numbers of at least 1, as in -versions=2,3.")
            }
            return number
        }
    }
}

extension SecretRecordWire {
    /// Refuses versions that cannot be brought back: the server passes over them in silence, as Vault does.
    func requireData(_ wanted: [Int], of path: String) throws(ClusterError) {
        try require(wanted, of: path)
        guard let gone = versions.first(where: { wanted.contains($0.number) && $0.isDestroyed }) else { return }
        throw ClusterError(
            .notFound, "Version \(gone.number) of secret \(path) was destroyed; its data is gone for good.")
    }

    /// Refuses versions that it does not have.
    func require(_ wanted: [Int], of path: String) throws(ClusterError) {
        let known = versions.map(\.number)
        guard let missing = wanted.first(where: { !known.contains($0) }) else { return }
        let list = known.map(String.init).joined(separator: ", ")
        throw ClusterError(
            .notFound,
            "Secret \(path) has no version \(missing); " + (list.isEmpty ? "it has none." : "it has \(list)."))
    }
}
