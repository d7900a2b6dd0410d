#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Ports of this machine that nobody gets by chance.
package enum QuietPort {
    /// Below those that tasks get, and those that systems give to whoever asks for any port: a port stays free, and a
    /// server that starts again finds its own, however many connections come and go meanwhile.
    private static let range = 10_000..<20_000

    /// A port of 127.0.0.1 on which nobody listens.
    package static func pick() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: range)
            if let listener = bound(to: port) {
                closeSocket(listener)
                return port
            }
        }
        throw ClusterEndpointError(description: "no port of 127.0.0.1 in \(range) is free")
    }

    /// A socket on such a port.
    static func bound() throws -> (socket: Int32, port: Int) {
        let port = try pick()
        guard let socket = bound(to: port) else {
            throw ClusterEndpointError(description: "port \(port) of 127.0.0.1 was taken meanwhile")
        }
        return (socket, port)
    }

    private static func bound(to port: Int) -> Int32? {
        let socket = streamSocket()
        guard socket >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bindSocket(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isBound { closeSocket(socket) }
        return isBound ? socket : nil
    }
}
