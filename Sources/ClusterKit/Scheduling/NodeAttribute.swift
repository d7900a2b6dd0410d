/// What a constraint looks at: a plain text, or something that a node says of itself.
enum NodeAttribute {
    /// The value of `target` on `node`; `nil` when the node has none. A text without `${…}` stands for itself.
    static func value(of target: String, on node: Node) -> String? {
        guard target.hasPrefix("${"), target.hasSuffix("}") else { return target }
        let name = target.dropFirst(2).dropLast()
        switch name {
        case "node.unique.id": return node.id.description
        case "node.unique.name": return node.name
        case "node.datacenter": return node.datacenter
        case "node.class": return node.nodeClass
        case "node.pool": return node.pool
        default: break
        }
        if name.hasPrefix("meta.") { return node.meta[String(name.dropFirst(5))] }
        if name.hasPrefix("attr.") { return attribute(String(name.dropFirst(5)), of: node) }
        if name.hasPrefix("unique.") { return attribute(String(name), of: node) }
        return nil
    }

    /// An attribute of the machine or, named `driver.NAME…`, of one of its drivers.
    private static func attribute(_ name: String, of node: Node) -> String? {
        if let value = node.attributes[name] { return value }
        guard name.hasPrefix("driver.") else { return nil }
        let driver = name.dropFirst(7).prefix { $0 != "." }
        return node.drivers[String(driver)]?.attributes[name]
    }
}
