public import ClusterKit

extension ClusterError.Code {
    /// All kinds, for finding one by its name.
    private static let known: [ClusterError.Code] = [
        .invalid, .notFound, .conflict, .denied, .inUse, .storeRefused, .corrupt, .unavailable, .tooLarge, .internal,
    ]

    /// The kind called `name`, as `WireHeader.errorCode` states it; `nil` for one that this program does not know.
    init?(named name: String) {
        guard let code = Self.known.first(where: { $0.description == name }) else { return nil }
        self = code
    }

    /// The kind that a status says, for servers of others.
    init(status: Int, text: String) {
        self =
            switch status {
            case 401, 403: .denied
            case 404: .notFound
            case 409: .conflict
            case 413: .tooLarge
            case 502...504: .unavailable
            // Nomad says a conflict with the expected revision as a plain failure.
            case 500 where text.hasPrefix("Enforcing job modify index"): .conflict
            case 500...: .internal
            default: .invalid
            }
    }

    /// The status that says this kind to a client.
    public var status: Int {
        switch self {
        case .invalid: 400
        case .denied: 403
        case .notFound: 404
        case .conflict, .inUse: 409
        case .tooLarge: 413
        case .unavailable, .storeRefused: 503
        default: 500
        }
    }
}
