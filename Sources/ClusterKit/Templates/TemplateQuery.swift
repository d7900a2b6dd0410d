/// Something that a template asks the servers for.
public enum TemplateQuery: Hashable, Sendable {
    /// A secret, in its current version unless one is named.
    case secret(SecretPath, version: Int?)
    /// The names of the secrets below a path.
    case secretList(SecretPath)
    /// The value of a key.
    case key(String)
    /// All keys that begin with a text, with their values.
    case keys(prefix: String)
    /// The instances of a service: those with the tag, when one is named, whose health is among `health`.
    case service(name: String, tag: String?, health: [CheckHealth])
    /// The names and tags of all services.
    case services
}

extension TemplateQuery: Comparable, CustomStringConvertible {
    /// As messages show it; it holds names, never values.
    public var description: String {
        switch self {
        case .secret(let path, let version):
            "\(path.mount)/data/\(path.path)" + (version.map { "?version=\($0)" } ?? "")
        case .secretList(let path): "\(path.mount)/metadata/\(path.path)"
        case .key(let key): "key \(key)"
        case .keys(let prefix): "keys \(prefix)"
        case .service(let name, let tag, let health):
            "service " + (tag.map { "\($0)." } ?? "") + name
                + (health == Self.offered ? "" : "|" + health.map(\.rawValue).joined(separator: ","))
        case .services: "services"
        }
    }

    /// As messages call it when a template computes what it is called.
    var kindName: String {
        switch self {
        case .secret: "a secret whose path is computed"
        case .secretList: "secrets below a path that is computed"
        case .key: "a key whose name is computed"
        case .keys: "keys below a prefix that is computed"
        case .service: "a service whose name is computed"
        case .services: "services"
        }
    }

    /// What clients may be given unless a template says otherwise.
    static let offered: [CheckHealth] = [.passing, .warning]

    private var order: (Int, String) {
        switch self {
        case .secret: (0, description)
        case .secretList: (1, description)
        case .key: (2, description)
        case .keys: (3, description)
        case .service: (4, description)
        case .services: (5, description)
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }
}

extension TemplateQuery: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .secret(try reader.next(), version: try reader.next())
        case 1: self = .secretList(try reader.next())
        case 2: self = .key(try reader.next())
        case 3: self = .keys(prefix: try reader.next())
        case 4: self = .service(name: try reader.next(), tag: try reader.next(), health: try reader.next())
        case 5: self = .services
        case let other: throw RecordError("expected a query of a template, found number \(other)")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .secret(let path, let version):
            writer.varint(0)
            writer.put(path)
            writer.put(version)
        case .secretList(let path):
            writer.varint(1)
            writer.put(path)
        case .key(let key):
            writer.varint(2)
            writer.put(key)
        case .keys(let prefix):
            writer.varint(3)
            writer.put(prefix)
        case .service(let name, let tag, let health):
            writer.varint(4)
            writer.put(name)
            writer.put(tag)
            writer.put(health)
        case .services: writer.varint(5)
        }
    }
}
