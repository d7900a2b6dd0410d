import Testing

@testable import ClusterKit

@Suite struct ServiceCatalogTests {
    private func instance(_ name: String, _ allocation: AllocationID, _ key: Int, port: Int) -> ServiceInstance {
        ServiceInstance(
            id: ServiceInstanceID(allocation, key: "\(name)-\(key)"), name: name, job: JobID("j"),
            allocation: allocation, epoch: Epoch(1), node: NodeID(high: 1, low: 1), nodeName: "n",
            nodeAddress: "10.0.0.1", address: "10.0.0.1", port: port)
    }

    /// However allocations come, change and go, it is as if all that runs were listed anew, and only what changed is
    /// newer.
    @Test func itIsAsIfAllWereListedAnew() {
        var entropy = Entropy(seed: 7)
        var catalog = ServiceCatalog()
        var model: [AllocationID: [ServiceInstance]] = [:]
        for step in 1...800 {
            let allocation = AllocationID(high: 1, low: UInt64(entropy.below(12)))
            let revision = Revision(UInt64(step))
            let present = (0..<3).filter { _ in entropy.below(2) == 0 }
            // In no order, and often as they were.
            let instances = present.reversed().map { key in
                instance(key == 2 ? "two" : "one", allocation, key, port: 80 + entropy.below(2))
            }
            let before = catalog
            catalog.replace(instances, of: allocation, at: revision)
            model[allocation] = instances
            for name in ["one", "two"] {
                let found = catalog.instances(of: name), old = before.instances(of: name)
                let wanted = model.values.flatMap(\.self).filter { $0.name == name }.sorted { $0.id < $1.id }
                #expect(found.map(\.id) == wanted.map(\.id) && found.map(\.port) == wanted.map(\.port))
                guard !found.isEmpty else { continue }
                let isSame = found.map(\.id) == old.map(\.id) && found.map(\.port) == old.map(\.port)
                let newest = isSame ? before.modifyRevision(of: name) : revision
                #expect(catalog.modifyRevision(of: name) == newest, "step \(step)")
                for instance in found {
                    let same = old.first { $0.id == instance.id && $0.port == instance.port }
                    #expect(instance.modifyRevision == same?.modifyRevision ?? revision)
                }
            }
            #expect(Set(catalog.instances(of: allocation).map(\.id)) == Set(instances.map(\.id)))
        }
    }
}
