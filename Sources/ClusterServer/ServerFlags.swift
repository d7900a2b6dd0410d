import ArgumentParser
import ClusterHosts
import Logging

/// The flags of `cluster-server`.
struct ServerFlags: ParsableArguments {
    @Flag(help: "Also run an agent in this process; loopback only, and tasks end with it.")
    var dev = false

    @Option(help: "The folder for everything that is kept (default: clusterkit in your folder of state).")
    var dataDir: String?

    @Option(help: "The address to listen on (default: 127.0.0.1).")
    var bind: String?

    @Option(help: "The port of the API; 0 takes any free one (default: 4646).", transform: Arguments.port)
    var httpPort: Int?

    @Option(help: "How long a node counts as alive after a heartbeat (default: 10s).", transform: Arguments.duration)
    var heartbeatTtl: Duration?

    @Option(help: "How much longer a node may be silent (default: 10s).", transform: Arguments.duration)
    var heartbeatGrace: Duration?

    @Option(help: "How much is logged: trace, debug, info, notice, warning, error.", transform: Arguments.level)
    var logLevel: Logger.Level?

    @Option(help: "A file with these settings in HCL, with underscores; flags win over it.")
    var config: String?

    @Flag(help: "Listen beyond this machine although there are no tokens: everyone who gets there may do everything.")
    var insecureAllowOpen = false
}
