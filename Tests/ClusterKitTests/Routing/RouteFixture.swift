import ClusterKit

/// Services for tables, in a few words.
enum RouteFixture {
    static func instance(
        _ service: String, number: UInt64 = 1, tags: [String] = [], port: Int = 8080, health: CheckHealth = .passing,
        allocation: UInt64? = nil, epoch: UInt64 = 1, address: String? = nil
    ) -> ServiceInstance {
        let allocation = AllocationID(high: UInt64(service.utf8.count), low: allocation ?? number)
        return ServiceInstance(
            id: ServiceInstanceID("_nomad-task-\(service)-\(number)"), name: service, job: JobID(service),
            allocation: allocation, epoch: Epoch(epoch), node: NodeID(high: 1, low: number), nodeName: "node\(number)",
            nodeAddress: "10.0.0.\(number)", address: address ?? "10.0.0.\(number)", port: port, tags: tags,
            checks: [
                CheckStatus(
                    service: "group-web-http", index: 0, name: "alive", kind: "http", health: health,
                    since: WallTime(nanoseconds: 0))
            ])
    }

    static func table(
        _ instances: [ServiceInstance], options: TagRouteTable.Options = .init()
    ) -> TagRouteTable {
        TagRouteTable(ServiceCatalog(instances: instances), options: options)
    }

    /// A table of one service with these tags on its one instance.
    static func table(tags: [String]) -> TagRouteTable { table([instance("web", tags: tags)]) }

    static func address(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> SIMD16<UInt8> {
        SIMD16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d)
    }
}

extension TagRouteTable {
    /// The name of the route of a plain request.
    func name(_ host: String, _ path: String = "/", method: String = "GET") -> String? {
        route(for: RequestHead(method: method, host: host, path: path))?.name
    }
}
