import ClusterHosts
import ClusterKit
import HCL
import Logging

/// What was chosen by flags, by the file of settings, or by nobody.
struct ServerSettings {
    var isDev: Bool
    var dataFolder: String
    var ports: ServerPorts
    var sealKey: String?
    var server = ServerConfiguration()
    var logLevel: Logger.Level

    /// Throws `ClusterError` with every mistake of the file, and for an address that is open to others.
    init(_ flags: ServerFlags, _ file: SettingsFile) throws(ClusterError) {
        let reader = file.reader
        isDev = chosen(flags.dev ? true : nil, reader.bool("dev"), else: false)
        let folder = chosen(flags.common.dataDir, reader.string("data_dir"), else: "")
        ports = ServerPorts(flags.ports, bind: flags.bind, file)
        let key = reader.string("seal_key")
        sealKey = flags.sealKey ?? key
        server.heartbeatTTL = chosen(flags.heartbeatTtl, reader.duration("heartbeat_ttl"), else: .seconds(10))
        server.heartbeatGrace = chosen(flags.heartbeatGrace, reader.duration("heartbeat_grace"), else: .seconds(10))
        logLevel = chosen(flags.common.logLevel, file.word("log_level", Logger.Level.self), else: .notice)
        let isOpen = chosen(flags.insecureAllowOpen ? true : nil, reader.bool("insecure_allow_open"), else: false)
        try file.finish()
        dataFolder = try Folders.data(folder, name: isDev ? "dev" : "server")
        try ports.refuseOpenAccess(isDev: isDev, isMeant: isOpen)
    }
}
