import ClusterKit

/// The names of one service: by itself, by tag, and as RFC 2782 has it, in all datacenters and in each.
struct ServiceZone {
    /// The name, in lower case.
    var name: String
    /// Those that are offered.
    var instances: [ServiceInstance]
    /// The domain of the zone.
    var domain: WireName
    /// The datacenters of the service, in lower case.
    var datacenters: [String]
    /// How long answers may be remembered, in seconds.
    var timeToLive: UInt32

    /// Words that take the place of a tag and select nothing: the protocol.
    private static let protocols: Set = ["tcp", "udp"]

    /// Lays the names out. A service of which nothing is offered has no name, as in Consul.
    func part() -> ZonePart {
        var builder = ZonePartBuilder(timeToLive: timeToLive)
        // A name of several labels cannot be told from one with tags, and one with an underscore from RFC 2782's.
        guard !instances.isEmpty, !name.isEmpty, !name.contains("."), !name.hasPrefix("_") else {
            return builder.part()
        }
        let sorted = instances.sorted { $0.id < $1.id }
        add(sorted, to: &builder, parent: domain.child("service"))
        for datacenter in datacenters {
            add(
                sorted.filter { $0.datacenter.lowercased() == datacenter }, to: &builder,
                parent: domain.child(datacenter)?.child("service"))
        }
        addReverse(sorted, to: &builder)
        return builder.part()
    }

    private func add(_ chosen: [ServiceInstance], to builder: inout ZonePartBuilder, parent: WireName?) {
        guard let parent, !chosen.isEmpty else { return }
        let all = records(chosen)
        builder.add(parent.child(name), all)
        for word in Self.protocols.sorted() {
            builder.add(parent.child("_\(name)._\(word)"), below: parent, all)
        }
        for tag in Set(chosen.flatMap(\.tags).map { $0.lowercased() }).sorted() {
            let tagged = records(chosen.filter { $0.tags.contains { $0.lowercased() == tag } })
            builder.add(parent.child(name)?.child(tag), below: parent, tagged)
            if !Self.protocols.contains(tag), !tag.contains(".") {
                builder.add(parent.child("_\(name)._\(tag)"), below: parent, tagged)
            }
        }
    }

    private func records(_ instances: [ServiceInstance]) -> [ResourceRecord] {
        instances.flatMap { instance in
            let address = NetworkAddress(instance.address)
            let port = UInt16(exactly: instance.port) ?? 0
            let location = target(of: instance, address).map {
                ResourceRecord.service(at: $0, port: port, address: address)
            }
            return [address.map(ResourceRecord.address), location].compactMap(\.self)
        }
    }

    /// The name behind which an instance is: its machine, or its own address where that is another.
    private func target(of instance: ServiceInstance, _ address: NetworkAddress?) -> WireName? {
        if let node = domain.nodeName(instance.nodeName, in: instance.datacenter),
            address == nil || address == NetworkAddress(instance.nodeAddress)
        {
            return node
        }
        guard let address else { return nil }
        return domain.child(instance.datacenter)?.child("addr")?.child(address.hexadecimal)
    }

    /// Addresses that are no machine's say whose they are.
    private func addReverse(_ instances: [ServiceInstance], to builder: inout ZonePartBuilder) {
        guard let name = domain.child("service")?.child(name) else { return }
        for instance in instances where instance.address != instance.nodeAddress {
            builder.add(
                NetworkAddress(instance.address)?.reverseName, kind: .reverse,
                [ResourceRecord(type: .ptr, data: name.bytes)])
        }
    }
}
