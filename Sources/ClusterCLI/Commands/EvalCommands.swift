import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster eval …`
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Works with evaluations: the reasons to look at a job again.",
        subcommands: [EvalList.self, EvalStatus.self])
}

/// `cluster eval list`
struct EvalList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows all evaluations, the newest first.")

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.evaluations(connection.options())
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            if answer.value.isEmpty { return Terminal.say("No evaluations found") }
            let table = EvaluationText.table(
                answer.value, isVerbose: verbose, withNamespace: connection.isOfAllNamespaces)
            Terminal.say(table.text)
        }
    }
}

/// `cluster eval status`
struct EvalStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows an evaluation: why a job was looked at, and what came of that.",
        discussion: """
            With -monitor it ends with 0 when all that it placed runs, 2 when not all could be placed, 1 on any other \
            error.
            """)

    @Argument(help: "The evaluation, or the beginning of its identifier.")
    var evaluation: String

    @OptionGroup var connection: Connection

    @Flag(help: "Watch it until all that it placed runs, or is known not to.")
    var monitor = false

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let found = try await client.findEvaluation(evaluation, connection)
            let namespace = found.value.namespace ?? "default"
            if monitor {
                let screen = connection.json ? Screen(isInteractive: false, write: { _ in }) : Screen()
                let progress = ServerProgress(client: client, namespace: namespace)
                var watch = Watch(source: progress, monitor: Monitor(isVerbose: verbose), screen: screen)
                let outcome = try await watch.run(found.value.id)
                if connection.json {
                    let last = try await client.evaluation(found.value.id, ReadOptions(namespace: namespace))
                    Terminal.write(JSONText.indented(last.body))
                }
                if outcome != .success { throw outcome }
                return
            }
            if connection.json { return Terminal.write(JSONText.indented(found.body)) }
            let placed = try await client.allocations(placedBy: found.value.id, ReadOptions(namespace: namespace))
            Terminal.say(
                EvaluationText(evaluation: found.value, placed: placed.value, isVerbose: verbose).text())
        }
    }
}

extension ClusterClient {
    /// The evaluation that `wanted` means, with everything that is known of it.
    func findEvaluation(_ wanted: String, _ connection: Connection) async throws -> Answer<EvaluationWire> {
        let prefix = try Self.prefix(wanted, "evaluation")
        let found = try await evaluations(connection.options(prefix: prefix)).value
        let lookup = Lookup(kind: "evaluation", id: \EvaluationWire.id) {
            EvaluationText.table($0, isVerbose: true, withNamespace: connection.isOfAllNamespaces)
        }
        return try await evaluation(try lookup.choose(prefix, from: found).id, connection.options())
    }
}
