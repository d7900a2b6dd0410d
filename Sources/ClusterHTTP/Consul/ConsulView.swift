import ClusterKit

/// A machine as Consul shows it.
struct ConsulNode {
    var id: NodeID
    var name: String
    var address: String
    var datacenter: String
    var meta: [String: String] = [:]
    /// Whether it is heard of.
    var isAlive: Bool
    var createRevision = Revision(1)
    var modifyRevision = Revision(1)
}

/// What of the state a request asks for, in Consul's terms. The server itself is a machine that runs the service
/// `consul`, as clients expect.
struct ConsulView {
    /// The service that the server itself is.
    static let ownService = "consul"

    private let request: APIRequest
    private let configuration: APIConfiguration
    private let catalog: ServiceCatalog
    /// All machines that are asked for, in the order of their names.
    let nodes: [ConsulNode]
    private let nodesByID: [NodeID: ConsulNode]
    /// The machine that the server runs on, whether it is asked for or not.
    let own: ConsulNode

    init(_ snapshot: Snapshot, for request: APIRequest, _ configuration: APIConfiguration) {
        self.request = request
        self.configuration = configuration
        catalog = snapshot.catalog
        var all = snapshot.nodes.sorted.map(ConsulNode.init)
        let name = request.server.configuration.name
        if let same = all.first(where: { $0.name == name }) {
            own = same
        } else {
            own = ConsulNode(
                id: Self.identifier(of: name), name: name, address: request.host,
                datacenter: configuration.datacenter, isAlive: true)
            all.append(own)
        }
        nodes = all.filter { request.wants($0.datacenter) && request.wantsNode(with: $0.meta) }
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        nodesByID = Dictionary(nodes.map { ($0.id, $0) }) { first, _ in first }
    }

    /// All services that run, by name, the server's own included.
    var names: [String] { Set(catalog.names + [Self.ownService]).sorted() }

    /// The datacenters, the server's own first.
    var datacenters: [String] {
        let others = Set(catalog.machines.map(\.datacenter)).subtracting([configuration.datacenter])
        return [configuration.datacenter] + others.sorted()
    }

    /// The instances of a service on the machines that are asked for.
    func instances(of name: String) -> [ServiceInstance] {
        let running = catalog.instances(of: name).filter { nodesByID[$0.node] != nil }
        guard name == Self.ownService, nodesByID[own.id] != nil else { return running }
        return [ownInstance] + running
    }

    /// All instances of all services, in the order of their names.
    var instances: [ServiceInstance] { names.flatMap(instances) }

    /// The machine of an instance that was asked for.
    func node(of instance: ServiceInstance) -> ConsulNode { nodesByID[instance.node] ?? own }

    private var ownInstance: ServiceInstance {
        var instance = ServiceInstance(
            id: ServiceInstanceID(Self.ownService), name: Self.ownService, job: JobID(Self.ownService),
            allocation: AllocationID(high: 0, low: 0), epoch: .zero, node: own.id, nodeName: own.name,
            datacenter: own.datacenter, nodeAddress: own.address, address: "", port: request.port)
        instance.createRevision = Revision(1)
        instance.modifyRevision = Revision(1)
        return instance
    }

    /// The same name always gives the same identifier.
    private static func identifier(of name: String) -> NodeID {
        func hash(_ start: UInt64) -> UInt64 {
            name.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
        return NodeID(high: hash(0xCBF2_9CE4_8422_2325), low: hash(0x8422_2325_CBF2_9CE4))
    }
}

extension ConsulNode {
    fileprivate init(_ node: Node) {
        self.init(
            id: node.id, name: node.name, address: node.address, datacenter: node.datacenter, meta: node.meta,
            isAlive: node.status == .ready, createRevision: node.createRevision,
            modifyRevision: node.modifyRevision)
    }
}

extension APIRequest {
    /// The host of the address where this server is reached, an IPv6 address without its brackets.
    var host: String {
        let colon = address.lastIndex(of: ":") ?? address.endIndex
        let host = address[..<colon]
        return String(host.first == "[" && host.last == "]" ? host.dropFirst().dropLast() : host)
    }

    /// The port of the address where this server is reached.
    var port: Int {
        let colon = address.lastIndex(of: ":") ?? address.endIndex
        return Int(address[colon...].dropFirst()) ?? 0
    }
}
