package import ArgumentParser
package import ClusterKit
import HCL
package import Logging

/// The flags of `cluster-agent`.
package struct AgentFlags: ParsableArguments {
    /// The flags that all programs that serve have.
    @OptionGroup package var common: HostFlags

    /// The servers, the first preferred.
    @Option(help: "A server's address, http://HOST:PORT; may be repeated.")
    package var server: [String] = []

    /// The node's name.
    @Option(help: "The name shown for this node (default: the machine's).")
    package var name: String?

    /// The node's datacenter.
    @Option(help: "The datacenter (default: dc1).")
    package var datacenter: String?

    /// The node's pool.
    @Option(help: "The pool of nodes (default: default).")
    package var nodePool: String?

    /// The node's class.
    @Option(help: "A free word that groups nodes of one kind, ${node.class} of constraints (default: none).")
    package var nodeClass: String?

    /// Words of the operator's own.
    @Option(help: "A free word for constraints, name=value; may be repeated.", transform: Arguments.pair)
    package var meta: [(name: String, value: String)] = []

    /// Has no flags set; the parser fills them in.
    package init() {}
}

/// What was chosen for an agent by flags, by the file of settings, or by nobody.
package struct AgentSettings {
    /// The addresses of the servers; at least one.
    package var servers: [String]
    /// How the agent behaves.
    package var agent: AgentConfiguration
    /// How much is logged.
    package var logLevel: Logger.Level

    /// Throws `ClusterError` with every mistake of the file, and when no server is named.
    package init(_ flags: AgentFlags, _ file: SettingsFile) throws(ClusterError) {
        let reader = file.reader
        let listed = reader.strings("server")
        servers = chosen(flags.server.isEmpty ? nil : flags.server, listed, else: [])
        let folder = chosen(flags.common.dataDir, reader.string("data_dir"), else: "")
        agent = AgentConfiguration(dataFolder: folder)
        agent.read(file)
        logLevel = chosen(flags.common.logLevel, file.word("log_level", Logger.Level.self), else: .notice)
        try file.finish()
        agent.dataFolder = try Folders.data(folder, name: "agent")
        guard flags.nodePool != AgentConfiguration.everyPool else {
            throw ClusterError(.invalid, "--node-pool: \(AgentConfiguration.everyPoolMistake)")
        }
        agent.nodeName = flags.name ?? agent.nodeName
        agent.datacenter = flags.datacenter ?? agent.datacenter
        agent.pool = flags.nodePool ?? agent.pool
        agent.nodeClass = flags.nodeClass ?? agent.nodeClass
        agent.meta.merge(flags.meta.map { ($0.name, $0.value) }) { _, flag in flag }
        agent.version = Host.version
        guard !servers.isEmpty else {
            throw ClusterError(.invalid, "no server is named; add --server http://HOST:4646, once for each server")
        }
    }
}
