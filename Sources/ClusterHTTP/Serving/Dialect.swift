import ClusterClient
import ClusterKit

/// Whose manners a listener has: how its clients show tokens, wait for changes, and are told what went wrong.
enum Dialect: Sendable {
    case nomad
    case consul
    case vault

    /// The name, for people.
    var name: String {
        switch self {
        case .nomad: "Nomad"
        case .consul: "Consul"
        case .vault: "Vault"
        }
    }

    /// The flag of `cluster-server` that chooses the port.
    var portFlag: String {
        switch self {
        case .nomad: "--http-port"
        case .consul: "--consul-port"
        case .vault: "--vault-port"
        }
    }

    /// The header in which clients show a token; `Authorization: Bearer` is taken in all of them.
    var tokenHeader: String {
        switch self {
        case .nomad: WireHeader.token
        case .consul: "X-Consul-Token"
        case .vault: WireHeader.vaultToken
        }
    }

    /// The header that carries the revision of an answer; `nil` where clients expect none.
    var indexHeader: String? {
        switch self {
        case .nomad: WireHeader.index
        case .consul: "X-Consul-Index"
        case .vault: nil
        }
    }

    /// What a read of stored objects says of its freshness: it comes from the server that leads.
    var freshness: [(name: String, value: String)] {
        switch self {
        case .nomad: [("X-Nomad-KnownLeader", "true"), ("X-Nomad-LastContact", "0")]
        case .consul: [("X-Consul-KnownLeader", "true"), ("X-Consul-LastContact", "0")]
        case .vault: []
        }
    }

    /// What every answer carries.
    var standing: [(name: String, value: String)] {
        switch self {
        case .nomad, .consul: [("Vary", "Accept-Encoding")]
        // What is secret is kept by nobody on the way.
        case .vault: [("Cache-Control", "no-store")]
        }
    }

    /// How long a blocking read is held when it does not say, and at most.
    var waits: (usual: Duration, longest: Duration) {
        switch self {
        case .nomad, .vault: (.seconds(300), .seconds(300))
        case .consul: (.seconds(300), .seconds(600))
        }
    }

    /// What a method asks for; `nil` for one that is not taken anywhere.
    func verb(_ method: String, _ query: Query) -> Endpoint.Verb? {
        switch method {
        case "GET" where self == .vault && (try? query.flag("list")) == true: .list
        case "GET", "HEAD": .read
        case "PUT", "POST": .write
        case "DELETE": .delete
        case ListMethod.standIn where self == .vault: .list
        case "PATCH": .patch
        default: nil
        }
    }

    // MARK: What went wrong

    /// A refusal in the form that clients look for.
    func refusal(_ status: Int, _ text: String) -> APIAnswer {
        self == .vault ? .errors(status, [text]) : .text(status, text)
    }

    /// Nothing is served under a path.
    func unknown(_ path: Substring) -> APIAnswer {
        guard self == .vault else {
            // Names come from strangers.
            let shown = path.unicodeScalars.prefix(128).map { $0.isASCII && $0.value > 0x1F ? Character($0) : "?" }
            return .text(
                404, "there is no endpoint \(String(shown)) here, in the \(name) API; docs/\(name)API.md lists them all"
            )
        }
        let route = path.hasPrefix("/v1/") ? path.dropFirst(4) : path.dropFirst()
        return .errors(404, ["no handler for route \"\(route)\". route entry not found."])
    }

    /// What went wrong, in the words of the error.
    func failure(_ error: ClusterError) -> APIAnswer {
        var answer =
            switch self {
            case .nomad: nomadFailure(error)
            case .consul: APIAnswer.text(error.code.status, text(of: error))
            case .vault: vaultFailure(error)
            }
        answer.errorCode = error.code
        return answer
    }

    private func text(of error: ClusterError) -> String {
        error.code == .denied ? "Permission denied" : error.message
    }

    private func nomadFailure(_ error: ClusterError) -> APIAnswer {
        // Two refusals that Nomad says as plain failures; its clients look for the text there.
        let isPlainFailure =
            error.message.hasPrefix("Enforcing job modify index")
            || error.message.contains("lookup failed: index error")
        return .text(isPlainFailure ? 500 : error.code.status, text(of: error))
    }

    private func vaultFailure(_ error: ClusterError) -> APIAnswer {
        switch error.code {
        case .denied: .errors(403, ["permission denied"])
        // Clients take a list without entries for "there is nothing here".
        case .notFound: .errors(404, [])
        case .conflict: .errors(400, [error.message])
        default: .errors(error.code.status, [error.message])
        }
    }
}

extension APIAnswer {
    /// Vault's form of a refusal.
    static func errors(_ status: Int, _ texts: [String]) -> APIAnswer {
        var answer = APIAnswer.json { writer in
            writer.object { $0.field("errors", texts) }
        }
        answer.status = status
        return answer
    }
}
