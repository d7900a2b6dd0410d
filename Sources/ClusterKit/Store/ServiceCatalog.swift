import HashTreeCollections

/// All services that run, by name: an immutable value whose copies cost nothing.
///
/// A snapshot keeps it in line with its allocations, so both are of one revision.
public struct ServiceCatalog: Sendable {
    private struct Entry: Sendable {
        /// In the order of their identifiers.
        var instances: [ServiceInstance] = []
        var modifyRevision: Revision = .zero

        /// Gives whether none is left.
        mutating func replace(
            _ allocation: AllocationID, with new: [ServiceInstance], at revision: Revision
        ) -> Bool {
            instances.removeAll { $0.allocation == allocation }
            for instance in new { instances.insert(instance, at: place(of: instance.id)) }
            modifyRevision = revision
            return instances.isEmpty
        }

        /// Where an identifier belongs among the others.
        private func place(of id: ServiceInstanceID) -> Int {
            var (low, high) = (0, instances.count)
            while low < high {
                let middle = (low + high) / 2
                if instances[middle].id < id { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// What is known of a machine for whoever asks by its name.
    public struct Host: Hashable, Sendable {
        /// The node.
        public var id: NodeID
        /// The name.
        public var name: String
        /// The address; an IP address as text.
        public var address: String
        /// The datacenter.
        public var datacenter: String
        /// Free words of the operator.
        public var meta: [String: String]

        /// States a machine: for registries that are not backed by a store.
        public init(id: NodeID, name: String, address: String, datacenter: String, meta: [String: String] = [:]) {
            self.id = id
            self.name = name
            self.address = address
            self.datacenter = datacenter
            self.meta = meta
        }
    }

    private var entries: TreeDictionary<String, Entry> = [:]
    /// The names under which an allocation's instances stand.
    private var namesByAllocation: TreeDictionary<AllocationID, [String]> = [:]
    private var hosts: TreeDictionary<NodeID, Host> = [:]
    /// The revision that last changed anything in it.
    public private(set) var modifyRevision: Revision = .zero
    /// The revision that last took the last instance of some service away.
    private var lastExtinction: Revision = .zero
    /// The revision that last changed a name, an address or a datacenter of a node.
    public private(set) var hostsRevision: Revision = .zero

    /// A catalog without services.
    public init() {}

    /// A catalog of given instances: for tests, and for registries that are not backed by a store.
    public init(instances: [ServiceInstance], hosts: [Host] = [], revision: Revision = Revision(1)) {
        for (allocation, group) in Dictionary(grouping: instances, by: \.allocation) {
            replace(group, of: allocation, at: revision)
        }
        for host in hosts { self.hosts[host.id] = host }
        modifyRevision = revision
        hostsRevision = revision
    }

    /// The names of all services, in order.
    public var names: [String] { entries.keys.sorted() }

    /// All machines, in the order of their names.
    public var machines: [Host] { hosts.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) } }

    /// All instances of a service, the failing ones included, in the order of their identifiers.
    public func instances(of name: String) -> [ServiceInstance] { entries[name]?.instances ?? [] }

    /// All instances that an allocation runs, in the order of their services' names.
    public func instances(of allocation: AllocationID) -> [ServiceInstance] {
        (namesByAllocation[allocation] ?? []).flatMap { name in
            instances(of: name).filter { $0.allocation == allocation }
        }
    }

    /// The instances of a service that clients may be given: those that pass or warn.
    public func offered(_ name: String) -> [ServiceInstance] { instances(of: name).filter(\.isOffered) }

    /// The words by which instances of a service can be selected, in order.
    public func tags(of name: String) -> [String] { Set(instances(of: name).flatMap(\.tags)).sorted() }

    /// The revision that last changed a service. One that does not run takes that of the last that went.
    public func modifyRevision(of name: String) -> Revision { entries[name]?.modifyRevision ?? lastExtinction }

    // MARK: - Changes

    mutating func touchAll(at revision: Revision) {
        modifyRevision = revision
        lastExtinction = revision
        hostsRevision = revision
        for name in entries.keys.sorted() { entries[name]?.modifyRevision = revision }
    }

    /// Takes note of a machine. Machines stay known by name while anything may still ask for them.
    mutating func put(_ node: Node) {
        let host = Host(
            id: node.id, name: node.name, address: node.address, datacenter: node.datacenter, meta: node.meta)
        guard hosts[node.id] != host else { return }
        hosts[node.id] = host
        hostsRevision = node.modifyRevision
        modifyRevision = max(modifyRevision, node.modifyRevision)
    }

    mutating func remove(_ node: NodeID, at revision: Revision) {
        guard hosts.removeValue(forKey: node) != nil else { return }
        hostsRevision = revision
        modifyRevision = revision
    }

    /// Lets the instances of an allocation be these; those that are as they were keep their revision.
    mutating func replace(_ instances: [ServiceInstance], of allocation: AllocationID, at revision: Revision) {
        // Most allocations have no services, and most clusters few that have.
        let oldNames = namesByAllocation.isEmpty ? [] : namesByAllocation[allocation] ?? []
        guard !oldNames.isEmpty || !instances.isEmpty else { return }
        let newNames = Set(instances.map(\.name)).sorted()
        for name in Set(oldNames + newNames).sorted() {
            update(name, instances.filter { $0.name == name }, of: allocation, at: revision)
        }
        if newNames != oldNames { namesByAllocation[allocation] = newNames.isEmpty ? nil : newNames }
    }

    /// Most reports change nothing here: then the list of a service, which snapshots share, is looked at and not
    /// copied.
    private mutating func update(
        _ name: String, _ instances: [ServiceInstance], of allocation: AllocationID, at revision: Revision
    ) {
        let old = (entries[name]?.instances ?? []).filter { $0.allocation == allocation }
        let new = instances.map { instance in
            instance.following(old.first { $0.id == instance.id }, at: revision)
        }.sorted { $0.id < $1.id }
        guard new != old else { return }
        modifyRevision = max(modifyRevision, revision)
        // Changed where it lies: taking the list out and putting it back would always copy it.
        guard entries[name, default: Entry()].replace(allocation, with: new, at: revision) else { return }
        entries[name] = nil
        lastExtinction = max(lastExtinction, revision)
    }
}

extension ServiceInstance {
    /// This instance with the revisions that follow from what it was before.
    fileprivate func following(_ old: ServiceInstance?, at revision: Revision) -> ServiceInstance {
        var instance = self
        instance.createRevision = old?.createRevision ?? revision
        instance.modifyRevision = old?.modifyRevision ?? revision
        if instance != old { instance.modifyRevision = revision }
        return instance
    }
}
