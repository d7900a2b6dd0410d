/// A rule about the description of nodes that one breaks.
enum BrokenRule: Hashable, Sendable {
    case datacenter
    case pool
    case missingDrivers([String])
    case unhealthyDrivers([String])
    case missingVolumes([String])
    case readOnlyVolumes([String])
    case constraint(Constraint)
    case missingDevices([String])

    /// The name under which refusals count it.
    var name: String {
        switch self {
        case .datacenter: "datacenter"
        case .pool: "node pool"
        case .missingDrivers(let names): "missing drivers \(Self.quoted(names))"
        case .unhealthyDrivers(let names): "unhealthy drivers \(Self.quoted(names))"
        case .missingVolumes(let names): "missing host volumes \(Self.quoted(names))"
        case .readOnlyVolumes(let names): "read-only host volumes \(Self.quoted(names))"
        case .constraint(let constraint): constraint.description
        case .missingDevices(let names): "missing devices \(Self.quoted(names))"
        }
    }

    /// What `node`, which breaks it, says of the word that it asks about; `nil` where it asks about none.
    func word(of node: Node) -> Explanation.Word? {
        switch self {
        case .datacenter: return .init("datacenter", node.datacenter)
        case .pool: return .init("node pool", node.pool)
        case .constraint(let constraint):
            // What is asked about stands on the left, as a rule.
            let sides = [constraint.attribute, constraint.value].compactMap { side in
                side.referredName.map { (String($0), NodeAttribute(side)) }
            }
            return sides.first.map { .init($0.0, $0.1.value(of: node)) }
        case .missingDrivers, .unhealthyDrivers, .missingVolumes, .readOnlyVolumes, .missingDevices: return nil
        }
    }

    private static func quoted(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
