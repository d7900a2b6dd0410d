import ClusterEdge
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
        try ProcessProtection.protectMemory()
        let logger = Host.logger("cluster-server", level: settings.logLevel)
        try settings.ports.refuseTaken()
        try DevelopmentFolder.claim(settings.dataFolder, isDev: settings.isDev)
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
        let metrics = PrometheusSink(), ports = settings.ports
        let server = Server(store: store, metrics: metrics, configuration: settings.server, logger: logger)
        try (server.secrets as? SealedSecretStore)?.unseal(
            file: settings.sealKey, dataFolder: settings.dataFolder, isDev: settings.isDev)
        func api(_ port: Int) -> APIConfiguration { .init(host: ports.bind, port: port, version: Host.version) }
        let nomad = APIServer(server, configuration: api(ports.http), logger: logger)
        let consul = ConsulServer(server, configuration: api(ports.consul), logger: logger)
        let vault = VaultServer(server, configuration: api(ports.vault), logger: logger)
        let dns = DNSServer(
            registry: server.registry, configuration: DNSConfiguration(host: ports.dnsBind, port: ports.dns),
            metrics: metrics, logger: logger)
        let proxy = Proxy(
            registry: server.registry, configuration: ProxyConfiguration(host: ports.proxyBind, port: ports.proxy),
            makeTable: { TagRouteTable($0) }, metrics: metrics, logger: logger)
        // They end in the opposite order: first nobody is let in, then the agent ends its tasks, then the server.
        let agent = settings.isDev ? [try agent(server, logger) as any Service] : []
        let group = ServiceGroup(
            services: [server] + agent + [dns, proxy, consul, vault, nomad],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        async let announced: Void = announce(server, nomad, consul, vault, dns, proxy)
        try await group.run()
        await announced
    }

    private func agent(_ server: Server, _ logger: Logger) throws -> Agent {
        var configuration = AgentConfiguration.development(folder: settings.dataFolder + "/agent")
        configuration.version = Host.version
        return try Agent.host(link: server, configuration: configuration, logger: logger)
    }

    /// Says where everything is as soon as it can be used.
    private func announce(
        _ server: Server, _ nomad: APIServer, _ consul: ConsulServer, _ vault: VaultServer, _ dns: DNSServer,
        _ proxy: Proxy
    ) async {
        guard let http = await nomad.port, let consul = await consul.port, let vault = await vault.port,
            let dns = await dns.port, let proxy = await proxy.port, await server.untilLeading(),
            settings.isDev ? await server.untilPlaces() : true
        else { return }
        let ports = settings.ports, isSealed = await server.secrets.seal.isSealed
        func url(_ port: Int) -> String { "http://\(Host.place(ports.bind, port))" }
        let rows = [
            ("Name", "Address"), ("Nomad API", url(http)), ("Consul API", url(consul)),
            ("Vault API", url(vault) + (isSealed ? "  (sealed: start with --seal-key FILE)" : "")),
            ("DNS", Host.place(ports.dnsBind, dns)), ("Proxy", "http://\(Host.place(ports.proxyBind, proxy))"),
            ("Metrics", url(http) + "/v1/metrics?format=prometheus"), ("Data folder", settings.dataFolder),
        ]
        Host.announce(isDev: settings.isDev, ports, rows)
    }
}
