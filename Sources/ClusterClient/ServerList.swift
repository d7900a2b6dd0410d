import ClusterKit
import Synchronization

/// Where a server is: scheme, host and port, without a path.
struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// Reads `http://host:port`; a bare `host:port` is taken as HTTP.
    init(_ text: String) throws(ClusterError) {
        var rest = Substring(text)
        var scheme = "http"
        if let range = rest.firstRange(of: "://") {
            scheme = rest[..<range.lowerBound].lowercased()
            rest = rest[range.upperBound...]
        }
        while rest.last == "/" { rest.removeLast() }
        guard text.contains(":") else {
            throw ClusterError(.invalid, "the address \"\(text)\" must be like http://127.0.0.1:4646")
        }
        guard scheme == "http" || scheme == "https" else {
            throw ClusterError(.invalid, "the address \(text) must begin with http:// or https://")
        }
        let allowed = rest.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?")
                && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "@")
        }
        guard !rest.isEmpty, allowed else {
            throw ClusterError(.invalid, "the address \"\(text)\" must be like http://127.0.0.1:4646")
        }
        description = "\(scheme)://\(rest)"
    }
}

/// The servers there are, and which of them answered last.
final class ServerList: Sendable {
    private let servers: [ServerAddress]
    private let preferred = Mutex(0)

    init(_ texts: [String]) throws(ClusterError) {
        var servers: [ServerAddress] = []
        for text in texts {
            let server = try ServerAddress(text)
            if !servers.contains(server) { servers.append(server) }
        }
        guard !servers.isEmpty else { throw ClusterError(.invalid, "name at least one server") }
        self.servers = servers
    }

    /// All servers, the one that answered last in front.
    var inOrder: [ServerAddress] {
        let first = preferred.withLock { $0 }
        return Array(servers[first...] + servers[..<first])
    }

    func prefer(_ server: ServerAddress) {
        guard let index = servers.firstIndex(of: server) else { return }
        preferred.withLock { $0 = index }
    }
}
