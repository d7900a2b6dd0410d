import ClusterKit

/// A check as Consul shows it: of a machine, or of an instance of a service.
struct ConsulCheck {
    var node: String
    var id: String
    var name: String
    var health: CheckHealth
    var output: String
    var kind: String = ""
    var instance: ServiceInstance?

    /// Whether a machine is heard of.
    init(_ node: ConsulNode) {
        self.node = node.name
        id = "serfHealth"
        name = "Serf Health Status"
        health = node.isAlive ? .passing : .critical
        output = node.isAlive ? "Agent alive and reachable" : "Agent not live or unreachable"
    }

    private init(_ status: CheckStatus, number: Int, of instance: ServiceInstance) {
        node = instance.nodeName
        let suffix = instance.checks.count > 1 ? ":\(number)" : ""
        id = "service:\(instance.id)\(suffix)"
        name = status.name.isEmpty ? "service: \"\(instance.name)\" check" : status.name
        health = status.health
        output = status.output
        kind = status.kind
        self.instance = instance
    }

    /// The checks of an instance; it has its own names for them, as Consul makes them up for its services.
    static func all(of instance: ServiceInstance) -> [ConsulCheck] {
        instance.checks.enumerated().map { ConsulCheck($1, number: $0 + 1, of: instance) }
    }
}

extension ConsulView {
    /// Whether all is well with an instance and its machine; a warning is not.
    func isPassing(_ instance: ServiceInstance) -> Bool {
        node(of: instance).isAlive && instance.health == .passing
    }

    /// The checks that say how an instance is: its machine's first.
    func checks(around instance: ServiceInstance) -> [ConsulCheck] {
        [ConsulCheck(node(of: instance))] + ConsulCheck.all(of: instance)
    }

    /// All checks of all machines that are asked for.
    var checks: [ConsulCheck] { nodes.map { ConsulCheck($0) } + instances.flatMap(ConsulCheck.all) }
}
