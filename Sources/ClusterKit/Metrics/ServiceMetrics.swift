/// How well services are: computed from the state when somebody asks, under the names of Prometheus' exporter for
/// Consul, so that its rules and dashboards work.
extension Metric {
    /// Whether the registry answers, which it does when the server does.
    public static let registryUp = Metric(
        "consul_up", .gauge, .truth, help: "Whether the registry of services answers.")
    /// The servers that keep the state.
    public static let registryPeers = Metric(
        "consul_raft_peers", .gauge, .count, help: "Servers that keep the state.")
    /// The names of services.
    public static let registryServices = Metric(
        "consul_catalog_services", .gauge, .count, help: "Services that have at least one instance.")
    /// One series for each check and each health that it may find.
    public static let checkStatus = Metric(
        "consul_health_service_status", .gauge, .truth,
        labels: ["check", "node", "service_id", "service_name", "status"],
        help: "Whether the check of an instance finds this status: passing, warning or critical.")
    /// Whether an instance is offered to clients.
    public static let instanceHealthy = Metric(
        "consul_catalog_service_node_healthy", .gauge, .truth, labels: ["node", "service_id", "service_name"],
        help: "Whether the instance is offered to clients: no check finds it critical.")
    /// The words by which instances are selected.
    public static let instanceTag = Metric(
        "consul_service_tag", .gauge, .truth, labels: ["node", "service_id", "tag"],
        help: "Always 1: the instance has this tag.")
    /// One series for each node and each health that it may have.
    public static let nodeHealth = Metric(
        "consul_health_node_status", .gauge, .truth, labels: ["check", "node", "status"],
        help: "Whether the node's own check finds this status: passing when its agent is heard of, else critical.")

    /// What servers say of services.
    static let services: [Metric] = [
        registryUp, registryPeers, registryServices, checkStatus, instanceHealthy, instanceTag, nodeHealth,
    ]
}
