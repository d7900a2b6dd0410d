/// What the servers answer to a query. Printing it shows no more than whether there is a value.
public enum TemplateValue: Hashable, Sendable {
    /// The value, in the shape that its query promises.
    case known(ConfigValue)
    /// Nothing has that name.
    case absent
    /// It cannot be told now: why, in words for people.
    case unavailable(String)
}

extension TemplateValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .known: "(known)"
        case .absent: "absent"
        case .unavailable(let reason): "unavailable: \(reason)"
        }
    }

    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension TemplateValue: Stored {
    public init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .known(try reader.next())
        case 1: self = .absent
        case 2: self = .unavailable(try reader.next())
        case let other: throw RecordError("expected a value for a template, found number \(other)")
        }
    }

    public func write(to writer: inout RecordWriter) {
        switch self {
        case .known(let value):
            writer.varint(0)
            writer.put(value)
        case .absent: writer.varint(1)
        case .unavailable(let reason):
            writer.varint(2)
            writer.put(reason)
        }
    }
}

// MARK: - Shapes

extension TemplateValue {
    /// A version of a secret.
    public static func secret(
        _ values: [String: ConfigValue], version: SecretRecord.Version, customMetadata: [String: String] = [:]
    ) -> TemplateValue {
        .known(
            .object([
                "data": .object(values),
                "metadata": .object([
                    "version": .int(version.number),
                    "destroyed": .bool(version.isDestroyed),
                    "custom_metadata": .object(customMetadata.mapValues { .string($0) }),
                ]),
            ]))
    }

    /// Names, such as those of secrets below a path.
    public static func names(_ names: [String]) -> TemplateValue { .known(.list(names.map { .string($0) })) }

    /// The value of a key.
    public static func key(_ record: KeyRecord) -> TemplateValue {
        .known(.string(String(decoding: record.value, as: UTF8.self)))
    }

    /// Keys with their values, in order.
    public static func keys(_ records: [KeyRecord]) -> TemplateValue {
        .known(
            .list(
                records.map {
                    .list([.string($0.key), .string(String(decoding: $0.value, as: UTF8.self))])
                }))
    }

    /// Instances of a service.
    public static func instances(_ instances: [ServiceInstance]) -> TemplateValue {
        .known(.list(instances.map(instance)))
    }

    private static func instance(_ instance: ServiceInstance) -> ConfigValue {
        .object([
            "ID": .string(instance.id.description), "Name": .string(instance.name),
            "Address": .string(instance.address), "Port": .int(instance.port),
            "Tags": .list(instance.tags.map { .string($0) }), "Node": .string(instance.nodeName),
            "NodeID": .string(instance.node.description), "NodeAddress": .string(instance.nodeAddress),
            "NodeDatacenter": .string(instance.datacenter), "Datacenter": .string(instance.datacenter),
            "Namespace": .string(instance.namespace), "JobID": .string(instance.job.id),
            "AllocID": .string(instance.allocation.description), "Status": .string(instance.health.rawValue),
            "ServiceMeta": .object(instance.meta.mapValues { .string($0) }),
        ])
    }

    /// All services by name, with their tags.
    public static func services(_ services: [(name: String, tags: [String])]) -> TemplateValue {
        .known(
            .list(
                services.map { service in
                    .object(["Name": .string(service.name), "Tags": .list(service.tags.map { .string($0) })])
                }))
    }
}
