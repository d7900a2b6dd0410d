/// Who answers: which instances of which services run, and how well.
///
/// A conformer's promises: an instance is in the catalog only while its allocation runs, and one whose checks fail is
/// never among those that the catalog offers. A conformer that cannot learn the present state keeps the last catalog
/// it had: an error never becomes an empty catalog.
public protocol ServiceRegistry: Sendable {
    /// What is known now. A conformer answers at once, from memory.
    var catalog: ServiceCatalog { get }

    /// Hands `use` the present catalog, then each newer one, until the calling task is canceled or nothing more can
    /// come. Catalogs that are overtaken while `use` is at work are left out.
    ///
    /// Whoever routes to instances follows this way: an allocation is told to stop only after `use` has returned from
    /// the catalog that no longer holds it, or has taken too long.
    func follow(_ use: (ServiceCatalog) async -> Void) async
}

/// The registry of a cluster: what its allocations say of themselves. Nothing is registered apart from them.
public struct StoreRegistry: ServiceRegistry {
    private let store: any Store
    private let gate: WithdrawalGate

    /// Shows the services of what is kept in `store`. Of all registries of a store only `Server.registry` holds orders
    /// to stop back for those who follow it: whoever routes takes that one.
    public init(store: any Store) { self.init(store: store, gate: WithdrawalGate()) }

    package init(store: any Store, gate: WithdrawalGate) {
        self.store = store
        self.gate = gate
    }

    public var catalog: ServiceCatalog { store.durable.catalog }

    public func follow(_ use: (ServiceCatalog) async -> Void) async {
        let member = gate.join()
        defer { gate.leave(member) }
        var view = RegistryView()
        for await element in store.follow(after: .start) {
            if view.take(element) { await use(view.catalog) }
            gate.member(member, reached: view.revision)
        }
        if view.loseSource() { await use(view.catalog) }
    }
}
