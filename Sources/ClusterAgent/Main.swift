import ArgumentParser
import ClusterClient
import ClusterHosts
import ClusterKit
import Logging
import ServiceLifecycle
import UnixSignals

@main enum Main {
    static func main() async { await Host.run(AgentCommand.self) }
}

/// `cluster-agent`
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-agent", abstract: "Runs on one machine what the servers place there.",
        discussion: "SIGTERM and SIGINT end it; tasks go on, and the next agent on the same folder finds them.\n\n"
            + AgentConfiguration.fileHelp,
        version: Host.version)

    @OptionGroup var flags: AgentFlags

    func run() async throws {
        let settings = try AgentSettings(flags, SettingsFile(path: flags.common.config))
        let logger = Host.logger("cluster-agent", level: settings.logLevel)
        let client = try ClusterClient(servers: settings.servers)
        let agent = try Agent.host(link: client, configuration: settings.agent, logger: logger)
        Host.say(
            "cluster-agent \(Host.version): \(settings.agent.dataFolder), \(settings.servers.joined(separator: ", "))")
        let group = ServiceGroup(services: [agent], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        do {
            try await group.run()
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }
}
