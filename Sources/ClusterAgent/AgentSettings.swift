import ArgumentParser
import ClusterHosts
import ClusterKit
import HCL
import Logging

/// The flags of `cluster-agent`.
struct AgentFlags: ParsableArguments {
    @OptionGroup var common: HostFlags

    @Option(help: "A server's address, http://HOST:PORT; may be repeated.")
    var server: [String] = []

    @Option(help: "The name shown for this node (default: the machine's).")
    var name: String?

    @Option(help: "The datacenter (default: dc1).")
    var datacenter: String?

    @Option(help: "The pool of nodes (default: default).")
    var nodePool: String?

    @Option(help: "A free word for constraints, name=value; may be repeated.", transform: Arguments.pair)
    var meta: [(name: String, value: String)] = []
}

/// What was chosen by flags, by the file of settings, or by nobody.
struct AgentSettings {
    var servers: [String]
    var agent: AgentConfiguration
    var logLevel: Logger.Level

    /// Throws `ClusterError` with every mistake of the file, and when no server is named.
    init(_ flags: AgentFlags, _ file: SettingsFile) throws(ClusterError) {
        let reader = file.reader
        let listed = reader.strings("server")
        servers = chosen(flags.server.isEmpty ? nil : flags.server, listed, else: [])
        let folder = chosen(flags.common.dataDir, reader.string("data_dir"), else: "")
        agent = AgentConfiguration(dataFolder: folder)
        agent.read(file)
        logLevel = chosen(flags.common.logLevel, file.word("log_level", Logger.Level.self), else: .notice)
        try file.finish()
        agent.dataFolder = try Folders.data(folder, name: "agent")
        agent.nodeName = flags.name ?? agent.nodeName
        agent.datacenter = flags.datacenter ?? agent.datacenter
        agent.pool = flags.nodePool ?? agent.pool
        agent.meta.merge(flags.meta.map { ($0.name, $0.value) }) { _, flag in flag }
        agent.version = Host.version
        guard !servers.isEmpty else {
            throw ClusterError(.invalid, "no server is named; add --server http://HOST:4646, once for each server")
        }
    }
}
