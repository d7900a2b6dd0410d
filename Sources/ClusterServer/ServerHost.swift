import ClusterHTTP
import ClusterHosts
import ClusterKit
import ClusterSQLite
import Logging
import ServiceLifecycle
import UnixSignals

/// Composes a server out of its parts and runs it until a signal ends it.
struct ServerHost {
    let settings: ServerSettings

    func run() async throws {
        let logger = Host.logger("cluster-server", level: settings.logLevel)
        let store = try await SQLiteStore.open(folder: settings.dataFolder + "/store", logger: logger)
        do {
            try await serve(store, logger)
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }

    private func serve(_ store: SQLiteStore, _ logger: Logger) async throws {
        let server = Server(store: store, configuration: settings.server, logger: logger)
        let api = APIServer(server, configuration: settings.api, logger: logger)
        // They end in the opposite order: first nobody is let in, then the agent ends its tasks, then the server.
        let agent = settings.isDev ? [try agent(server, logger) as any Service] : []
        let group = ServiceGroup(
            services: [server] + agent + [api], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        async let announced: Void = announce(server, api)
        try await group.run()
        await announced
    }

    private func agent(_ server: Server, _ logger: Logger) throws -> Agent {
        var configuration = AgentConfiguration(dataFolder: settings.dataFolder + "/agent")
        configuration.address = "127.0.0.1"
        configuration.stopTasksOnShutdown = true
        // A folder for trying things out can be deleted like any other: nothing is mounted in it.
        configuration.secrets = .folder
        configuration.version = Host.version
        return try Agent.host(link: server, configuration: configuration, logger: logger)
    }

    /// Says where everything is as soon as it can be used.
    private func announce(_ server: Server, _ api: APIServer) async {
        guard let port = await api.port, await server.untilLeading() else { return }
        let host = settings.bind.contains(":") ? "[\(settings.bind)]" : settings.bind
        Host.say(
            """
            cluster-server \(Host.version)\(settings.isDev ? ", for development: tasks end with it" : "")
            There are no tokens: everyone on this machine may do everything here.

            Name         Address
            Nomad API    http://\(host):\(port)
            Data folder  \(settings.dataFolder)

            ready
            """)
    }
}
