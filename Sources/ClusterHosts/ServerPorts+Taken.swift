package import ClusterKit

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension ServerPorts {
    /// Throws `.inUse` with every port that another program has, so that all can be chosen anew at once. What is free
    /// now may be taken a moment later: whoever listens says so too.
    package func refuseTaken() throws(ClusterError) {
        let wanted = [
            (bind, http, "--http-port"), (bind, consul, "--consul-port"), (bind, vault, "--vault-port"),
            (dnsBind, dns, "--dns-port"), (proxyBind, proxy, "--proxy-port"),
        ]
        let taken = wanted.filter { host, port, _ in port != 0 && Self.isTaken(port, on: host) }
        guard !taken.isEmpty else { return }
        let lines = taken.map { "port \($1) on \($0) is taken by another program; choose another with \($2)" }
        throw ClusterError(.inUse, lines.joined(separator: "\n"))
    }

    /// Whether `host` is an IP address, or a name that this machine can resolve.
    static func isAddress(_ host: String) -> Bool {
        var found: UnsafeMutablePointer<addrinfo>?
        guard !host.isEmpty, getaddrinfo(host, nil, nil, &found) == 0 else { return false }
        freeaddrinfo(found)
        return true
    }

    /// Whether another program listens there; `false` for what is no plain address of IPv4: there it
    /// shows when one listens.
    private static func isTaken(_ port: Int, on host: String) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return false }
        let number = streamSocket()
        guard number >= 0 else { return false }
        defer { close(number) }
        // As those do that listen: an old connection takes nothing.
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bindSocket(number, $0, length) }
        }
        return result != 0 && errno == EADDRINUSE
    }
}

private func streamSocket() -> Int32 {
    #if canImport(Glibc)
        socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
        socket(AF_INET, SOCK_STREAM, 0)
    #endif
}

/// Where `bind` is no property of something else.
private func bindSocket(_ number: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(number, address, length)
}
