extension Metric {
    /// Questions that the DNS server took, by how they came, what they asked for and what the answer said.
    public static let dnsQueries = Metric(
        "cluster_dns_queries_total", .counter, .count, labels: ["transport", "type", "rcode"],
        help: "DNS queries answered, by transport, asked type and response code.")

    /// Answers that did not fit and said so.
    public static let dnsTruncated = Metric(
        "cluster_dns_truncated_total", .counter, .count, labels: ["transport"],
        help: "DNS answers that were cut and marked as truncated.")

    /// What came in and was no query.
    public static let dnsDropped = Metric(
        "cluster_dns_dropped_total", .counter, .count, labels: ["transport"],
        help: "DNS messages dropped without an answer because they are no queries.")

    /// Connections that were closed because too many were open.
    public static let dnsRefusedConnections = Metric(
        "cluster_dns_refused_connections_total", .counter, .count,
        help: "DNS connections over TCP closed at once because too many were open.")

    /// Connections that are open.
    public static let dnsConnections = Metric(
        "cluster_dns_connections", .gauge, .count, help: "DNS connections over TCP that are open.")

    /// Names that can be asked for.
    public static let dnsNames = Metric(
        "cluster_dns_zone_names", .gauge, .count, help: "Names in the DNS zone that is served.")

    /// All of DNS.
    static let dns: [Metric] = [
        .dnsQueries, .dnsTruncated, .dnsDropped, .dnsRefusedConnections, .dnsConnections, .dnsNames,
    ]
}
