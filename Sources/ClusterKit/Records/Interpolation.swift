/// Resolves `${…}` in texts of a job on its node: `${node.unique.name}`, `${attr.kernel.name}`, `${meta.rack}`,
/// `${NOMAD_PORT_http}` and `${env["NOMAD_PORT_http"]}`.
///
/// What is not known stays as it is written, as Nomad leaves it, so that a shell's own `${HOME}` in an argument
/// survives. `$${` stands for a plain `${`.
package struct Interpolation: Sendable {
    private let node: [String: String]
    private let environment: [String: String]

    /// Resolves what `node` says of itself and the variables of a task's `environment`.
    package init(node: Node, region: String = "global", environment: [String: String] = [:]) {
        var facts = [
            "node.unique.id": node.id.description, "node.unique.name": node.name,
            "node.datacenter": node.datacenter, "node.class": node.nodeClass, "node.pool": node.pool,
            "node.region": region, "node.address": node.address,
        ]
        for (key, value) in node.attributes { facts["attr.\(key)"] = value }
        for driver in node.drivers.values {
            for (key, value) in driver.attributes where facts["attr.\(key)"] == nil { facts["attr.\(key)"] = value }
        }
        for (key, value) in node.meta { facts["meta.\(key)"] = value }
        self.node = facts
        self.environment = environment
    }

    /// The text with everything known resolved. What is put in is not looked at again.
    package func resolve(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") {
                let name = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
                result += value(of: name) ?? String(rest[...end])
                rest = rest[rest.index(after: end)...]
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    /// A driver's configuration with all texts in it resolved, however deep. Names are left alone.
    package func resolve(_ value: ConfigValue) -> ConfigValue {
        switch value {
        case .null, .bool, .int, .double: value
        case .string(let text): .string(resolve(text))
        case .list(let values): .list(values.map(resolve))
        case .object(let values): .object(values.mapValues(resolve))
        }
    }

    private func value(of name: Substring) -> String? {
        let name = name.trimmed
        if name.hasPrefix("env[\""), name.hasSuffix("\"]"), name.count > 7 {
            return environment[String(name.dropFirst(5).dropLast(2))]
        }
        return node[String(name)] ?? environment[String(name)]
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
