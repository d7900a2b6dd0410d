/// What a server says of itself.
public struct AgentSelfWire: Decodable, Hashable, Sendable {
    /// Its settings.
    public var config: Config

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
