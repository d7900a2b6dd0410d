/// What a server says of itself.
public struct AgentSelfWire: Decodable, Hashable, Sendable {
    /// Its settings.
    public var config: Config
    /// What it tells of itself.
    public var stats: Stats?

    /// Why its store refused the last write; `nil` when it took it.
    public var storeRefusal: String? { stats?.store?.refusal.flatMap { $0.isEmpty ? nil : $0 } }

    /// What a server tells of itself.
    public struct Stats: Decodable, Hashable, Sendable {
        /// What it tells of its store; only this cluster's servers do.
        public var store: Store?

        /// What a server tells of its store.
        public struct Store: Decodable, Hashable, Sendable {
            /// Why the last write was refused; empty when it was taken.
            public var refusal: String?
        }
    }

    /// The settings of a server that clients ask for.
    public struct Config: Decodable, Hashable, Sendable {
        /// The region.
        public var region: String
        /// The datacenter.
        public var datacenter: String
        /// The name.
        public var name: String
        /// The version of the program.
        public var version: Version

        enum CodingKeys: String, CodingKey {
            case region = "Region"
            case datacenter = "Datacenter"
            case name = "NodeName"
            case version = "Version"
        }
    }

    /// The version of a program.
    public struct Version: Decodable, Hashable, Sendable {
        /// `1.2.3`.
        public var number: String
        enum CodingKeys: String, CodingKey { case number = "Version" }
    }
}

/// The servers of a cluster.
public struct MembersWire: Decodable, Hashable, Sendable {
    /// One server.
    public struct Member: Decodable, Hashable, Sendable {
        /// `NAME.REGION`.
        public var name: String
        /// The host.
        public var address: String
        /// The port of the API.
        public var port: Int
        /// `alive` for one that serves.
        public var status: String
        /// `region`, `dc`, `build` and more.
        public var tags: [String: String]?

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case address = "Addr"
            case port = "Port"
            case status = "Status"
            case tags = "Tags"
        }
    }

    /// The servers.
    public var members: [Member]

    enum CodingKeys: String, CodingKey { case members = "Members" }
}
