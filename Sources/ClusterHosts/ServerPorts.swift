package import ArgumentParser
package import ClusterKit
import HCL

/// The flags that say where each face of a server listens.
package struct PortFlags: ParsableArguments {
    /// Nomad's API.
    @Option(help: "The port of Nomad's API; 0 takes any free one (default: 4646).", transform: Arguments.port)
    package var httpPort: Int?

    /// Consul's API.
    @Option(help: "The port of Consul's API: services, health, keys (default: 8500).", transform: Arguments.port)
    package var consulPort: Int?

    /// Vault's API.
    @Option(help: "The port of Vault's API: secrets (default: 8200).", transform: Arguments.port)
    package var vaultPort: Int?

    /// DNS.
    @Option(help: "The port of DNS, UDP and TCP (default: 8600).", transform: Arguments.port)
    package var dnsPort: Int?

    /// The proxy.
    @Option(help: "The port of the proxy for web services (default: 8080).", transform: Arguments.port)
    package var proxyPort: Int?

    /// Has no flags set; the parser fills them in.
    package init() {}
}

/// Where each face of a server listens.
package struct ServerPorts: Hashable, Sendable {
    /// The address of what has no tokens: the three APIs.
    package var bind: String
    /// The address of DNS.
    package var dnsBind: String
    /// The address of the proxy.
    package var proxyBind: String
    /// Nomad's API.
    package var http: Int
    /// Consul's API.
    package var consul: Int
    /// Vault's API.
    package var vault: Int
    /// DNS.
    package var dns: Int
    /// The proxy.
    package var proxy: Int

    /// What can only be set in the file, for the help of the program.
    package static let fileHelp = """
        Only the file of settings has proxy_bind = "0.0.0.0" and dns_bind = "10.0.0.7": the proxy and DNS may listen \
        where everyone gets, while the APIs stay where --bind says.
        """

    /// Takes flags, then the file, then what is usual.
    package init(_ flags: PortFlags, bind flag: String?, _ file: SettingsFile) {
        let reader = file.reader
        func port(_ flag: Int?, _ name: String, _ usual: Int) -> Int {
            chosen(flag, reader.integer(name, in: 0...65_535), else: usual)
        }
        bind = chosen(flag, reader.string("bind"), else: "127.0.0.1")
        dnsBind = reader.string("dns_bind") ?? bind
        proxyBind = reader.string("proxy_bind") ?? bind
        http = port(flags.httpPort, "http_port", 4646)
        consul = port(flags.consulPort, "consul_port", 8500)
        vault = port(flags.vaultPort, "vault_port", 8200)
        dns = port(flags.dnsPort, "dns_port", 8600)
        proxy = port(flags.proxyPort, "proxy_port", 8080)
    }

    /// Throws `.invalid` when the APIs would be open to more than this machine and that is not plainly meant, and when
    /// there is no such address.
    package func refuseOpenAccess(isDev: Bool, isMeant: Bool) throws(ClusterError) {
        guard Self.isAddress(bind) else {
            throw ClusterError(
                .invalid,
                "--bind \(bind) is no address: write an IP address of this machine, such as 127.0.0.1, or a name that "
                    + "stands for one")
        }
        guard !isLoopback, isDev || !isMeant else { return }
        throw ClusterError(
            .invalid,
            isDev
                ? "--dev listens on loopback only, not on \(bind); leave out --dev or --bind"
                : "--bind \(bind) would let everyone who reaches this machine run programs on the cluster: there are "
                    + "no tokens and no certificates; use 127.0.0.1, or add --insecure-allow-open if that is meant")
    }

    /// Whether only programs on this machine reach the APIs.
    private var isLoopback: Bool { bind == "localhost" || bind == "::1" || bind.hasPrefix("127.") }

    /// Who may do everything, for people: whoever reaches the APIs.
    package var openness: String {
        // These stand for all addresses; nobody reaches it at them.
        let reached = ["0.0.0.0", "::"].contains(bind) ? "this machine" : bind
        let everyone = isLoopback ? "everyone on this machine" : "everyone who reaches \(reached)"
        return "There are no tokens: \(everyone) may do everything here."
    }
}

extension Host {
    /// `HOST:PORT`, with brackets around an address that has colons.
    package static func place(_ host: String, _ port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Says where a server is reached, as soon as it is.
    package static func announce(isDev: Bool, _ ports: ServerPorts, _ rows: [(String, String)]) {
        say(
            """
            cluster-server \(version)\(isDev ? ", for development: tasks end with it" : "")
            \(ports.openness)

            \(table(rows))

            ready
            """)
    }

    /// Lines of two columns.
    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }.joined(separator: "\n")
    }
}
