import ClusterHTTP
import ClusterHosts
import ClusterKit
import HCL
import Logging

/// What was chosen by flags, by the file of settings, or by nobody.
struct ServerSettings {
    var isDev: Bool
    var dataFolder: String
    var bind: String
    var port: Int
    var server = ServerConfiguration()
    var logLevel: Logger.Level

    /// Throws `ClusterError` with every mistake of the file, and for an address that is open to others.
    init(_ flags: ServerFlags, _ file: SettingsFile) throws(ClusterError) {
        let reader = file.reader
        isDev = chosen(flags.dev ? true : nil, reader.bool("dev"), else: false)
        let folder = chosen(flags.common.dataDir, reader.string("data_dir"), else: "")
        bind = chosen(flags.bind, reader.string("bind"), else: "127.0.0.1")
        port = chosen(flags.httpPort, reader.integer("http_port", in: 0...65_535), else: 4646)
        server.heartbeatTTL = chosen(flags.heartbeatTtl, reader.duration("heartbeat_ttl"), else: .seconds(10))
        server.heartbeatGrace = chosen(flags.heartbeatGrace, reader.duration("heartbeat_grace"), else: .seconds(10))
        logLevel = chosen(flags.common.logLevel, file.word("log_level", Logger.Level.self), else: .notice)
        let isOpen = chosen(flags.insecureAllowOpen ? true : nil, reader.bool("insecure_allow_open"), else: false)
        try file.finish()
        dataFolder = try Folders.data(folder, name: isDev ? "dev" : "server")
        guard isLoopback || isOpen && !isDev else { throw refusal }
    }

    /// How the API listens.
    var api: APIConfiguration { APIConfiguration(host: bind, port: port, version: Host.version) }

    private var isLoopback: Bool { bind == "localhost" || bind == "::1" || bind.hasPrefix("127.") }

    private var refusal: ClusterError {
        ClusterError(
            .invalid,
            isDev
                ? "--dev listens on loopback only, not on \(bind); leave out --dev or --bind"
                : "--bind \(bind) would let everyone who reaches this machine run programs on the cluster: there are "
                    + "no tokens and no certificates; use 127.0.0.1, or add --insecure-allow-open if that is meant")
    }
}
