import ClusterKit

/// Builds the zone from the catalog. Parts whose services did not change are kept, so that a change costs little.
struct DNSZoneBuilder {
    private struct Kept {
        /// What the part was made of: names that differ only in case are one. Lists that did not change are the same
        /// memory, so comparing them costs nothing.
        var instances: [[ServiceInstance]]
        var datacenters: Set<String>
        var part: ZonePart
    }

    private let configuration: DNSConfiguration
    private let domain: WireName
    private let timeToLive: UInt32
    private var services: [String: Kept] = [:]
    private var machines: (hosts: [ServiceCatalog.Host], part: ZonePart)?

    /// Builds zones of the configured domain; `nil` when that is no domain name.
    init?(_ configuration: DNSConfiguration) {
        guard !configuration.domain.isEmpty, let domain = WireName(configuration.domain) else { return nil }
        self.configuration = configuration
        self.domain = domain
        timeToLive = configuration.recordTimeToLive
    }

    /// The zone before anything is known: it answers that it cannot say.
    var unknown: DNSZone {
        DNSZone(domain: domain, parts: [], isKnown: false, serial: 0, timeToLive: timeToLive)
    }

    /// The zone of a catalog.
    mutating func zone(of catalog: ServiceCatalog) -> DNSZone {
        let groups = Dictionary(grouping: catalog.names) { $0.lowercased() }
        services = services.filter { groups[$0.key] != nil }
        for (key, names) in groups {
            let present = names.map { catalog.instances(of: $0) }
            guard services[key]?.instances != present else { continue }
            let offered = present.joined().filter {
                $0.isOffered && (!configuration.onlyPassing || $0.health == .passing)
            }
            // A datacenter exists while anything runs in it, well or not.
            let datacenters = Set(present.joined().map { $0.datacenter.lowercased() })
            services[key] = Kept(
                instances: present, datacenters: datacenters,
                part: ServiceZone(
                    name: key, instances: offered, domain: domain, datacenters: datacenters.sorted(),
                    timeToLive: timeToLive
                ).part())
        }
        let hosts = catalog.machines
        if machines?.hosts != hosts { machines = (hosts, machinePart(hosts)) }
        let kept = services.sorted { $0.key < $1.key }.map(\.value)
        let datacenters = kept.reduce(Set(hosts.map { $0.datacenter.lowercased() })) { $0.union($1.datacenters) }
            .sorted()
        let serial = UInt32(truncatingIfNeeded: catalog.modifyRevision.number)
        return DNSZone(
            domain: domain,
            parts: [framePart(datacenters, serial)] + [machines?.part].compactMap(\.self) + kept.map(\.part),
            isKnown: true, serial: serial, timeToLive: timeToLive)
    }

    /// The names that are there whatever runs.
    private func framePart(_ datacenters: [String], _ serial: UInt32) -> ZonePart {
        var builder = ZonePartBuilder(timeToLive: timeToLive)
        var authority: [ResourceRecord] = []
        if let server = domain.child("ns"), let mailbox = domain.child("hostmaster") {
            let data = NegativeRecord.data(server.bytes, mailbox.bytes, serial: serial)
            authority = [ResourceRecord(type: .soa, data: data), ResourceRecord(type: .ns, data: server.bytes)]
            builder.add(server, configuration.serverAddresses.map(ResourceRecord.address))
        }
        builder.add(domain, authority)
        for word in ["service", "node", "addr"] {
            let kind: ZonePart.Kind = word == "addr" ? .addresses : .plain
            builder.add(domain.child(word), kind: kind)
            for datacenter in datacenters {
                builder.add(domain.child(datacenter)?.child(word), below: domain, kind: kind)
            }
        }
        return builder.part()
    }

    /// The names of machines and of their addresses.
    private func machinePart(_ hosts: [ServiceCatalog.Host]) -> ZonePart {
        var builder = ZonePartBuilder(timeToLive: timeToLive)
        for (_, group) in Dictionary(grouping: hosts, by: { $0.name.lowercased() }).sorted(by: { $0.key < $1.key }) {
            add(group, to: &builder, parent: domain.child("node"))
            let byDatacenter = Dictionary(grouping: group) { $0.datacenter.lowercased() }
            for (datacenter, members) in byDatacenter.sorted(by: { $0.key < $1.key }) {
                add(members, to: &builder, parent: domain.child(datacenter)?.child("node"))
            }
        }
        for host in hosts {
            guard let name = domain.nodeName(host.name, in: host.datacenter) else { continue }
            builder.add(
                NetworkAddress(host.address)?.reverseName, kind: .reverse,
                [ResourceRecord(type: .ptr, data: name.bytes)])
        }
        return builder.part()
    }

    private func add(_ hosts: [ServiceCatalog.Host], to builder: inout ZonePartBuilder, parent: WireName?) {
        guard let parent, let name = hosts.first?.name else { return }
        let addresses = hosts.compactMap { NetworkAddress($0.address) }.map(ResourceRecord.address)
        let words = hosts.flatMap { host in
            host.meta.sorted { $0.key < $1.key }.map { ResourceRecord.text("\($0.key)=\($0.value)") }
        }
        builder.add(parent.child(name), below: parent, addresses + words)
    }
}

extension DNSConfiguration {
    /// Where the servers of the zone are reached.
    fileprivate var serverAddresses: [NetworkAddress] {
        let texts = nameServers.isEmpty && !["0.0.0.0", "::"].contains(host) ? [host] : nameServers
        return texts.compactMap(NetworkAddress.init)
    }
}

extension WireName {
    /// The full name of a machine, below this domain.
    func nodeName(_ name: String, in datacenter: String) -> WireName? {
        child(datacenter)?.child("node")?.child(name)
    }
}
