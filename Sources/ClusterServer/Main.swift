import ArgumentParser
import ClusterHosts
import ClusterKit

@main enum Main {
    static func main() async { await Host.run(ServeCommand.self) }
}

/// `cluster-server`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-server", abstract: "Takes jobs, places them on nodes and answers clients.",
        discussion: "SIGTERM and SIGINT end it cleanly. Tasks go on meanwhile, unless it was started with --dev.\n\n"
            + ServerPorts.fileHelp,
        version: Host.version)

    @OptionGroup var flags: ServerFlags

    func run() async throws {
        let settings = try ServerSettings(flags, SettingsFile(path: flags.common.config))
        try await ServerHost(settings: settings).run()
    }
}
