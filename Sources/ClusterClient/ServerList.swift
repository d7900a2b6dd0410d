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
        try Self.checkPort(of: rest, in: text)
        description = "\(scheme)://\(rest)"
    }

    /// Throws `.invalid` for a port that there is none of: what connects takes a greater number for a mistake of the
    /// program, and ends it.
    private static func checkPort(of place: Substring, in text: String) throws(ClusterError) {
        let hostEnd =
            place.first == "["
            ? place.firstIndex(of: "]").map { place.index(after: $0) } : place.firstIndex(of: ":") ?? place.endIndex
        guard let hostEnd, hostEnd > place.startIndex, !place[hostEnd...].dropFirst().contains(":") else {
            throw ClusterError(
                .invalid, "the address \"\(text)\" must be like http://127.0.0.1:4646 or http://[::1]:4646")
        }
        let rest = place[hostEnd...]
        guard !rest.isEmpty else { return }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else {
            throw ClusterError(
                .invalid, "the address \"\(text)\" has no such port; ports go from 1 to 65535")
        }
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
