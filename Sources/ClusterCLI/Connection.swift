import ArgumentParser
import ClusterClient
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteAnswer {
    /// The revision of a write, as JSON shows it.
    var indexFact: (name: String, value: JSONValue) {
        ("Index", index.flatMap { Int(exactly: $0) }.map { .integer($0) } ?? .null)
    }
}

/// The flags of every command that talks to a server.
struct Connection: ParsableArguments {
    @Option(help: "The server's address (else NOMAD_ADDR, else http://127.0.0.1:4646).")
    var address: String?

    @Option(help: "The token to show (else NOMAD_TOKEN).")
    var token: String?

    @Option(help: "The namespace (else NOMAD_NAMESPACE, else default).")
    var namespace: String?

    @Option(help: .hidden) var region: String?

    @Flag(help: "Print JSON; what tasks and commands write is never turned into it.")
    var json = false

    @Flag(name: .customLong("no-color"), help: .hidden) var noColor = false

    /// The address that is asked, after flags and environment.
    var effectiveAddress: String { Self.chosen(address, "NOMAD_ADDR", else: "http://127.0.0.1:4646") }

    /// The namespace that is meant, after flags and environment.
    var effectiveNamespace: String { Self.chosen(namespace, "NOMAD_NAMESPACE", else: "default") }

    /// The flags that say where a job is, as a person types them, each followed by a space.
    var words: String {
        (address.map { "-address \($0) " } ?? "") + (namespace.map { "-namespace \($0) " } ?? "")
    }

    /// Reads a job file. The flag and the environment win over the namespace in it, as they do in Nomad.
    func job(in file: String, _ variables: VariableFlags) throws -> JobInput {
        var input = try JobInput.read(file, variables: variables)
        let chosen = Self.chosen(namespace, "NOMAD_NAMESPACE", else: "")
        guard !chosen.isEmpty else { return input }
        input.job.id.namespace = chosen
        input.document.statement.id.namespace = chosen
        return input
    }

    /// Whether lists are of all namespaces.
    var isOfAllNamespaces: Bool { effectiveNamespace == "*" }

    /// Tells that something was done: in words, or by its facts as JSON.
    func confirm(_ words: String, _ facts: (name: String, value: JSONValue)...) {
        guard json else { return Terminal.say(words) }
        Terminal.write(JSONText.facts(facts))
    }

    /// Tells by its facts as JSON that something was done of which there is nothing to say in words.
    func confirmSilently(_ facts: (name: String, value: JSONValue)...) {
        if json { Terminal.write(JSONText.facts(facts)) }
    }

    static func chosen(
        _ flag: String?, _ variable: String, else fallback: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        if let flag { return flag }
        return environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? fallback
    }

    /// Talks to the server, and says what to do when there is none.
    func talk(_ body: (ClusterClient) async throws -> Void) async throws {
        try await Self.talk(
            to: effectiveAddress, token: Self.chosen(token, "NOMAD_TOKEN", else: ""),
            advice: "start one with `cluster-server --dev`, or name another with -address or NOMAD_ADDR"
        ) { client in
            try await checkRegion(client)
            try await body(client)
        }
    }

    /// Throws `.invalid` when the region that is named is not the server's.
    private func checkRegion(_ client: ClusterClient) async throws {
        guard let region else { return }
        let known = try await client.regions().value
        guard known.contains(region) else {
            throw ClusterError(
                .invalid,
                "There is no way to region \"\(region)\": the server at \(effectiveAddress) knows "
                    + "\(known.joined(separator: ", ")). Leave out -region, or name another server with -address.")
        }
    }

    /// Talks to the server at `address`; `advice` says what to do when it does not answer.
    static func talk(
        to address: String, token: String, advice: String, _ body: (ClusterClient) async throws -> Void
    ) async throws {
        let client = try ClusterClient(servers: [address], token: token)
        do {
            try await body(client)
            await client.close()
        } catch let error as ClusterError
            // A server that answers may also say so of an agent; only what names the address is about the address.
            where error.code == .unavailable && error.message.contains(address)
        {
            await client.close()
            if let plain = plainAddress(address) {
                throw ClusterError(.unavailable, "\(error.message)\nServers speak plain HTTP: write \(plain)")
            }
            let isSlow = error.message.contains("does not answer in time")
            let question = isSlow ? "It may have much to do: try again." : "Is a server running?"
            throw ClusterError(.unavailable, "\(error.message)\n\(question) Else \(advice).")
        } catch let error as ClusterError where isOfAnotherPort(error) {
            await client.close()
            throw ClusterError(error.code, "\(error.message)\nIs \(address) the right port? Else \(advice).")
        } catch {
            await client.close()
            throw error
        }
    }

    /// Whether what answers has no such endpoint: another API of the server, most likely.
    private static func isOfAnotherPort(_ error: ClusterError) -> Bool {
        error.message.hasPrefix("there is no endpoint ") || error.message.contains("no handler for route")
    }

    /// The address without TLS, which no server speaks; `nil` for one that is plain.
    static func plainAddress(_ address: String) -> String? {
        address.hasPrefix("https://") ? "http://" + address.dropFirst(8) : nil
    }

    /// Reads in the namespace that is meant.
    func options(prefix: String = "") -> ReadOptions { ReadOptions(namespace: effectiveNamespace, prefix: prefix) }
}
