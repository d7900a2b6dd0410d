import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster deployment …`
struct DeploymentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployment", abstract: "Works with deployments: the watched roll-outs of job versions.",
        subcommands: [
            DeploymentList.self, DeploymentStatusCommand.self, DeploymentPromote.self, DeploymentPause.self,
            DeploymentResume.self, DeploymentFail.self,
        ])
}

/// `cluster deployment list`
struct DeploymentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows all deployments, the newest first.")

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.deployments(connection.options())
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            if answer.value.isEmpty { return Terminal.say("No deployments found") }
            Terminal.say(DeploymentText.table(answer.value, isVerbose: verbose).text)
        }
    }
}

/// `cluster deployment status`
struct DeploymentStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows all deployments, or one with its groups.",
        discussion: "With -monitor it ends with 0 when the deployment succeeded, 1 when it ended otherwise.")

    @Argument(help: "A deployment, or the beginning of its identifier; all of them without.")
    var deployment: String?

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    @Flag(help: "Watch it until it ends, also while it waits for someone to promote or resume it.")
    var monitor = false

    func run() async throws {
        try await connection.talk { client in
            guard let deployment else {
                let answer = try await client.deployments(connection.options())
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                return Terminal.say(DeploymentText.table(answer.value, isVerbose: verbose).text)
            }
            let found = try await client.findDeployment(deployment, connection)
            if !connection.json { Terminal.say(DeploymentText.text(found.value, isVerbose: verbose)) }
            let outcome: Ending = monitor ? try await watch(found.value, client) : .success
            if connection.json {
                let last = monitor ? try await client.deployment(found.value.id, connection.options()) : found
                Terminal.write(JSONText.indented(last.body))
            }
            if outcome != .success { throw outcome }
        }
    }

    /// How the deployment ends, or ended before.
    private func watch(_ deployment: DeploymentWire, _ client: ClusterClient) async throws -> Ending {
        guard deployment.isActive else { return deployment.ending }
        var progress = RolloutProgress(client: client, isVerbose: verbose, isSilent: connection.json, isPatient: true)
        return try await progress.follow(deployment.id)
    }
}

/// What commands have in common that change one deployment.
struct DeploymentChange: ParsableArguments {
    @Argument(help: "The deployment, or the beginning of its identifier.")
    var deployment: String

    @OptionGroup var connection: Connection

    @OptionGroup var aftermath: Aftermath

    /// Changes the deployment and follows what comes of it.
    func make(
        _ done: String, isWatched: Bool = false, _ change: (ClusterClient, String) async throws -> DeploymentUpdate
    ) async throws {
        try await connection.talk { client in
            let found = try await client.findDeployment(deployment, connection).value
            let update = try await change(client, found.id)
            if !connection.json {
                Terminal.say("Deployment \"\(AllocationTable.shown(found.id, aftermath.verbose))\" \(done)")
                if let version = update.revertedVersion { Terminal.say("Reverted to job version \(version)") }
            }
            try await aftermath.follow(
                update.evaluation, done: done, connection, client, found.namespace ?? "default",
                rollout: isWatched ? .known(found.id) : update.revertedVersion == nil ? .none : .begun)
        }
    }
}

/// `cluster deployment promote`
struct DeploymentPromote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Takes canaries for good: the others are replaced by their version.")

    @OptionGroup var change: DeploymentChange

    @Option(help: "Only this group; may be repeated.")
    var group: [String] = []

    func run() async throws {
        try await change.make("promoted", isWatched: true) { try await $0.promote(deployment: $1, groups: group) }
    }
}

/// `cluster deployment pause`
struct DeploymentPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Replaces nothing more until the deployment is resumed.")

    @OptionGroup var change: DeploymentChange

    func run() async throws { try await change.make("paused") { try await $0.pause(deployment: $1) } }
}

/// `cluster deployment resume`
struct DeploymentResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Goes on with a deployment that was paused.")

    @OptionGroup var change: DeploymentChange

    func run() async throws {
        try await change.make("resumed", isWatched: true) { try await $0.pause(deployment: $1, false) }
    }
}

/// `cluster deployment fail`
struct DeploymentFail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail",
        abstract: "Gives a deployment up; groups with auto_revert return to the last stable version.")

    @OptionGroup var change: DeploymentChange

    func run() async throws { try await change.make("marked as failed") { try await $0.fail(deployment: $1) } }
}

extension ClusterClient {
    /// The deployment that `wanted` means.
    func findDeployment(_ wanted: String, _ connection: Connection) async throws -> Answer<DeploymentWire> {
        let prefix = try Self.prefix(wanted, "deployment")
        let found = try await deployments(connection.options(prefix: prefix)).value
        let lookup = Lookup(kind: "deployment", id: \DeploymentWire.id) { DeploymentText.table($0, isVerbose: true) }
        return try await deployment(try lookup.choose(prefix, from: found).id, connection.options())
    }
}
