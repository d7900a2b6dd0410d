import ClusterClient
package import ClusterKit
package import Logging

extension Agent {
    /// The agent that the executables run: with the drivers that need nothing installed.
    package static func host(
        link: any AgentLink, configuration: AgentConfiguration, logger: Logger
    ) throws -> Agent {
        let driver = try ProcessDriver(
            supervision: Folders.supervision(enterShimIfAsked()),
            stateFolder: configuration.dataFolder + "/drivers/raw_exec", logger: logger)
        return Agent(
            link: link, drivers: [driver], probers: [TCPProber(), ScriptProber(), HTTPProber()],
            configuration: configuration, logger: logger)
    }
}
