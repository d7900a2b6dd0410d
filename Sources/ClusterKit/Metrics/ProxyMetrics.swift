// What the proxy counts, under the names and with the labels that Traefik gives the same things: dashboards and rules
// for Traefik go on working. `protocol` is `http` or `websocket`; `code` is the status that the client got, 499 when it
// left before; `method` is one of nine, or EXTENSION_METHOD.
extension Metric {
    private static let requestLabels = ["code", "method", "protocol"]
    private static let durationLimits = [0.1, 0.3, 1.2, 5]

    /// Requests that a listener took.
    public static let entryPointRequests = Metric(
        "traefik_entrypoint_requests_total", .counter, .count, labels: requestLabels + ["entrypoint"],
        help: "How many HTTP requests were processed on an entrypoint.")
    /// How long they took.
    public static let entryPointDuration = Metric(
        "traefik_entrypoint_request_duration_seconds", .histogram, .seconds, labels: requestLabels + ["entrypoint"],
        limits: durationLimits, help: "How long it took to process the request on an entrypoint.")
    /// Requests in flight on a listener.
    public static let entryPointOpenConnections = Metric(
        "traefik_entrypoint_open_connections", .gauge, .count, labels: ["method", "protocol", "entrypoint"],
        help: "How many requests are being processed on an entrypoint.")
    /// Bytes of the bodies of requests that a listener took.
    public static let entryPointRequestBytes = Metric(
        "traefik_entrypoint_requests_bytes_total", .counter, .bytes, labels: requestLabels + ["entrypoint"],
        help: "The size of the bodies of requests handled by an entrypoint.")
    /// Bytes of the responses that a listener sent.
    public static let entryPointResponseBytes = Metric(
        "traefik_entrypoint_responses_bytes_total", .counter, .bytes, labels: requestLabels + ["entrypoint"],
        help: "The size of responses sent by an entrypoint.")

    /// Requests for a service.
    public static let serviceRequests = Metric(
        "traefik_service_requests_total", .counter, .count, labels: requestLabels + ["service"],
        help: "How many HTTP requests were processed on a service.")
    /// How long they took.
    public static let serviceDuration = Metric(
        "traefik_service_request_duration_seconds", .histogram, .seconds, labels: requestLabels + ["service"],
        limits: durationLimits, help: "How long it took to process the request on a service.")
    /// Requests in flight for a service.
    public static let serviceOpenConnections = Metric(
        "traefik_service_open_connections", .gauge, .count, labels: ["method", "protocol", "service"],
        help: "How many requests are being processed on a service.")
    /// Bytes of the bodies of requests for a service.
    public static let serviceRequestBytes = Metric(
        "traefik_service_requests_bytes_total", .counter, .bytes, labels: requestLabels + ["service"],
        help: "The size of the bodies of requests received by a service.")
    /// Bytes of a service's responses.
    public static let serviceResponseBytes = Metric(
        "traefik_service_responses_bytes_total", .counter, .bytes, labels: requestLabels + ["service"],
        help: "The size of responses returned by a service.")
    /// Requests that were sent to another instance, or over another connection.
    public static let serviceRetries = Metric(
        "traefik_service_retries_total", .counter, .count, labels: ["service"],
        help: "How many request retries happened on a service.")
    /// Instances that requests are sent to.
    public static let serviceServerUp = Metric(
        "traefik_service_server_up", .gauge, .truth, labels: ["service", "url"],
        help: "Whether requests are sent to an instance of a service: 1, or 0 once it has left.")

    /// Connections of clients, those that lie idle included.
    public static let proxyClientConnections = Metric(
        "cluster_proxy_client_connections", .gauge, .count, labels: ["entrypoint"],
        help: "How many connections of clients are open on an entrypoint, idle ones included.")
    /// Tables of routes that were taken into use.
    public static let proxyReloads = Metric(
        "traefik_config_reloads_total", .counter, .count, help: "How many times the routes were replaced.")
    /// Routes that could not be mounted.
    public static let proxyProblems = Metric(
        "cluster_proxy_route_problems", .gauge, .count,
        help: "How many routers are not mounted because their tags cannot be understood.")

    /// All that the proxy counts.
    static let proxy = [
        entryPointRequests, entryPointDuration, entryPointOpenConnections, entryPointRequestBytes,
        entryPointResponseBytes, serviceRequests, serviceDuration, serviceOpenConnections, serviceRequestBytes,
        serviceResponseBytes, serviceRetries, serviceServerUp, proxyClientConnections, proxyReloads, proxyProblems,
    ]
}
