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

    private static func quoted(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
