/// What a node can have too little of.
enum Dimension: Hashable, Sendable {
    case cpu
    case memory
    case disk
    case cores
    /// By the name under which the job asks for them.
    case devices(String)
    /// One that the job states, and somebody has.
    case takenPort(label: String, number: Int)
    /// One that the job states, and that does not exist.
    case unknownPort(label: String, number: Int)
    case dynamicPorts

    /// Those of which a group takes a plain amount.
    static let amounts: [Dimension] = [.cores, .cpu, .memory, .disk]

    /// The name under which refusals count it, in Nomad's words.
    var name: String {
        switch self {
        case .cpu: "cpu"
        case .memory: "memory"
        case .disk: "disk"
        case .cores: "cores"
        case .devices(let name): "devices: \(name)"
        case .takenPort(let label, let number): "network: reserved port collision \(label)=\(number)"
        case .unknownPort(let label, let number): "network: no such port \(label)=\(number)"
        case .dynamicPorts: "network: dynamic port selection failed"
        }
    }

    /// As people read it.
    var resource: String {
        switch self {
        case .cpu, .memory, .disk, .cores: name
        case .devices(let name): "devices \(name)"
        case .takenPort(_, let number), .unknownPort(_, let number): "port \(number)"
        case .dynamicPorts: "dynamic ports"
        }
    }

    /// What stands behind its numbers.
    var unit: String {
        switch self {
        case .cpu: " MHz"
        case .memory, .disk: " MiB"
        case .cores, .devices, .takenPort, .unknownPort, .dynamicPorts: ""
        }
    }
}
