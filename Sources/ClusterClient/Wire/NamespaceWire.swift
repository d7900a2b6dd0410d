/// A namespace as the servers show it.
public struct NamespaceWire: Decodable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// What it is for; often empty.
    public var description: String

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case description = "Description"
    }
}

/// A pool of nodes as the servers show it.
public struct NodePoolWire: Decodable, Hashable, Sendable {
    /// The name.
    public var name: String
    /// What it is for; often empty.
    public var description: String

    enum CodingKeys: String, CodingKey {
        case name = "Name"
        case description = "Description"
    }
}
