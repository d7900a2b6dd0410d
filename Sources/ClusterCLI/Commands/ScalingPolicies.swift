import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster scaling policy list`
struct ScalingPolicyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows the bounds of counts.")

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.scalingPolicies(connection.options())
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let table = Self.table(answer.value, isVerbose: verbose)
            Terminal.say(table.rows.isEmpty ? "No policies found" : table.text)
        }
    }

    static func table(_ policies: [ScalingPolicyWire], isVerbose: Bool) -> Table {
        Table(
            header: ["ID", "Enabled", "Type", "Target"],
            rows: policies.map { policy in
                let target = policy.target.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
                return [
                    AllocationTable.shown(policy.id, isVerbose), "\(policy.isEnabled)", policy.type,
                    target.joined(separator: ","),
                ]
            })
    }
}

/// `cluster scaling policy info`
struct ScalingPolicyInfo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Shows the bounds of one group's count, and what an autoscaler is told.")

    @Argument(help: "The policy, or the beginning of its identifier.")
    var policy: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.scalingPolicies(connection.options()).value
            let lookup = Lookup(kind: "scaling policy", id: \ScalingPolicyWire.id) {
                ScalingPolicyList.table($0, isVerbose: true)
            }
            let chosen = try lookup.choose(policy.lowercased(), from: found)
            let answer = try await client.scalingPolicy(chosen.id, connection.options())
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let one = answer.value
            Terminal.say(
                Table.pairs([
                    ("ID", one.id), ("Enabled", "\(one.isEnabled)"), ("Job", one.target["Job"] ?? ""),
                    ("Group", one.target["Group"] ?? ""), ("Min", one.min.map { "\($0)" } ?? ""),
                    ("Max", one.max.map { "\($0)" } ?? ""),
                ]))
        }
    }
}
