/// What the sides of a comparison can be read from: nodes, and groups of equal devices.
protocol ReadAttribute: Sendable {
    associatedtype Owner
    /// Whether values may carry units, `40 GiB`, and compare as amounts.
    static var hasUnits: Bool { get }

    /// Understands what a job wrote. A text without `${…}` stands for itself.
    init(_ target: String)
    /// The text that stands for itself, whatever the owner says.
    var text: String? { get }
    /// The value; `nil` when `owner` has none.
    func value(of owner: Owner) -> String?
}

/// Something that a node says of itself, or a plain text.
enum NodeAttribute: ReadAttribute {
    case text(String)
    case id, name, datacenter, nodeClass, pool
    case meta(String)
    /// Of the machine.
    case machine(String)
    /// Of the machine or, when it says nothing, of the driver that the name begins with.
    case driver(String, attribute: String)
    /// What no node has.
    case unknown

    static let hasUnits = false

    init(_ target: String) {
        guard let name = target.referredName else {
            self = .text(target)
            return
        }
        switch name {
        case "node.unique.id": self = .id
        case "node.unique.name": self = .name
        case "node.datacenter": self = .datacenter
        case "node.class": self = .nodeClass
        case "node.pool": self = .pool
        case _ where name.hasPrefix("unique."): self = .machine(String(name))
        default:
            if let key = name.after("meta.") {
                self = .meta(key)
            } else if let key = name.after("attr.driver.") {
                self = .driver(String(key.prefix { $0 != "." }), attribute: "driver." + key)
            } else if let key = name.after("attr.") {
                self = .machine(key)
            } else {
                self = .unknown
            }
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    func value(of node: Node) -> String? {
        switch self {
        case .text(let text): text
        case .id: node.id.description
        case .name: node.name
        case .datacenter: node.datacenter
        case .nodeClass: node.nodeClass
        case .pool: node.pool
        case .meta(let key): node.meta[key]
        case .machine(let key): node.attributes[key]
        case .driver(let name, let key): node.attributes[key] ?? node.drivers[name]?.attributes[key]
        case .unknown: nil
        }
    }
}

/// Something that is known of a group of equal devices, or a plain text.
enum DeviceAttribute: ReadAttribute {
    case text(String)
    case vendor, kind, model
    case attribute(String)
    /// What no device has.
    case unknown

    static let hasUnits = true

    init(_ target: String) {
        guard let name = target.referredName else {
            self = .text(target)
            return
        }
        switch name {
        case "device.vendor": self = .vendor
        case "device.type": self = .kind
        case "device.model": self = .model
        default: self = name.after("device.attr.").map(Self.attribute) ?? .unknown
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }

    func value(of group: DeviceGroup) -> String? {
        switch self {
        case .text(let text): text
        case .vendor: group.name.vendor
        case .kind: group.name.kind
        case .model: group.name.model
        case .attribute(let key): group.attributes[key]
        case .unknown: nil
        }
    }
}

extension Substring {
    /// What follows `prefix`; `nil` when it does not begin with that.
    fileprivate func after(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
