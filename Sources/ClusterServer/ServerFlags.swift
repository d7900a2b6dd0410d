import ArgumentParser
import ClusterHosts

/// The flags of `cluster-server`.
struct ServerFlags: ParsableArguments {
    @OptionGroup var common: HostFlags

    @Flag(help: "Also run an agent in this process; loopback only, and tasks end with it.")
    var dev = false

    @Option(help: "The address to listen on (default: 127.0.0.1).")
    var bind: String?

    @Option(help: "The port of the API; 0 takes any free one (default: 4646).", transform: Arguments.port)
    var httpPort: Int?

    @Option(help: "How long a node counts as alive after a heartbeat (default: 10s).", transform: Arguments.duration)
    var heartbeatTtl: Duration?

    @Option(help: "How much longer a node may be silent (default: 10s).", transform: Arguments.duration)
    var heartbeatGrace: Duration?

    @Flag(help: "Listen beyond this machine although there are no tokens: everyone who gets there may do everything.")
    var insecureAllowOpen = false
}
