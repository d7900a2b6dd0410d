import ClusterKit

/// Makes samples of what the event loops counted.
struct ProxyFigures {
    private struct Server: Hashable {
        var service: String
        var url: String
    }

    let entryPoint: String
    private var servers: Set<Server> = []

    init(entryPoint: String) { self.entryPoint = entryPoint }

    /// The samples of one interval.
    func samples(of counted: LoopFigures, connections: Int) -> [Sample] {
        var samples: [Sample] = []
        var listener: [FigureKey: Figure] = [:]
        for (key, figure) in counted.figures {
            var common = key
            common.service = ""
            listener[common, default: Figure()] += figure
            if !key.service.isEmpty {
                append(
                    figure, labels: labels(key) + [key.service], to: &samples,
                    as: (
                        .serviceRequests, .serviceDuration, .serviceRequestBytes, .serviceResponseBytes
                    ))
            }
        }
        for (key, figure) in listener {
            append(
                figure, labels: labels(key) + [entryPoint], to: &samples,
                as: (
                    .entryPointRequests, .entryPointDuration, .entryPointRequestBytes, .entryPointResponseBytes
                ))
        }
        for (key, count) in counted.open {
            let labels = [key.method.label, protocolLabel(key.isUpgrade)]
            samples.append(
                key.service.isEmpty
                    ? Sample(.entryPointOpenConnections, labels + [entryPoint], .value(Double(count)))
                    : Sample(.serviceOpenConnections, labels + [key.service], .value(Double(count))))
        }
        for (service, count) in counted.retries {
            samples.append(Sample(.serviceRetries, [service], .increment(Double(count))))
        }
        samples.append(Sample(.proxyClientConnections, [entryPoint], .value(Double(connections))))
        return samples
    }

    /// The samples of a new table: which instances are served, and which are no longer.
    mutating func samples(of table: any RouteTable) -> [Sample] {
        var present: Set<Server> = []
        for route in table.routes {
            for target in route.targets {
                let address = target.address.contains(":") ? "[\(target.address)]" : target.address
                present.insert(Server(service: route.service, url: "http://\(address):\(target.port)"))
            }
        }
        let gone = servers.subtracting(present)
        servers = present
        return present.map { Sample(.serviceServerUp, [$0.service, $0.url], .value(1)) }
            + gone.map { Sample(.serviceServerUp, [$0.service, $0.url], .value(0)) }
            + [
                Sample(.proxyReloads, [], .increment(1)),
                Sample(.proxyProblems, [], .value(Double(table.problems.count))),
            ]
    }

    private func append(
        _ figure: Figure, labels: [String], to samples: inout [Sample],
        as metrics: (requests: Metric, duration: Metric, received: Metric, sent: Metric)
    ) {
        samples.append(Sample(metrics.requests, labels, .increment(Double(figure.count))))
        samples.append(
            Sample(metrics.duration, labels, .observations(counts: figure.durations, sum: figure.seconds)))
        samples.append(Sample(metrics.received, labels, .increment(Double(figure.received))))
        samples.append(Sample(metrics.sent, labels, .increment(Double(figure.sent))))
    }

    private func labels(_ key: FigureKey) -> [String] {
        [String(key.status), key.method.label, protocolLabel(key.isUpgrade)]
    }

    private func protocolLabel(_ isUpgrade: Bool) -> String { isUpgrade ? "websocket" : "http" }
}
