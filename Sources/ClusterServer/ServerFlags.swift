import ArgumentParser
import ClusterHosts

/// The flags of `cluster-server`.
struct ServerFlags: ParsableArguments {
    @OptionGroup var common: HostFlags

    @Flag(help: "Also run an agent in this process; loopback only, and tasks end with it.")
    var dev = false

    @Option(help: "The address to listen on (default: 127.0.0.1).")
    var bind: String?

    @OptionGroup var ports: PortFlags

    @Option(help: "The file with the key that seals secrets; without it they can be neither read nor written.")
    var sealKey: String?

    @Option(help: "How long a node counts as alive after a heartbeat (default: 10s).", transform: Arguments.duration)
    var heartbeatTtl: Duration?

    @Option(help: "How much longer a node may be silent (default: 10s).", transform: Arguments.duration)
    var heartbeatGrace: Duration?

    @Flag(help: "Listen beyond this machine although there are no tokens: everyone who gets there may do everything.")
    var insecureAllowOpen = false
}
