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
