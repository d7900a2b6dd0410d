/// What those who route know of the services: the newest catalog that they were told of.
package struct RegistryView: Sendable {
    /// What is known.
    package private(set) var catalog = ServiceCatalog()
    /// How far the store had come when it last said something.
    package private(set) var revision = Revision.zero
    private var used: Revision?

    /// Knows nothing yet.
    package init() {}

    /// Takes what a store says. Gives whether the catalog is another one than before.
    package mutating func take(_ element: FollowElement) -> Bool {
        let snapshot =
            switch element {
            case .batch(_, let newest): newest
            case .resync(let newest): newest
            }
        revision = snapshot.revision
        guard snapshot.catalog.modifyRevision != used else { return false }
        used = snapshot.catalog.modifyRevision
        catalog = snapshot.catalog
        return true
    }

    /// The store says nothing any more. What is known stays: an error is no news of any service. Gives whether the
    /// catalog is another one than before.
    package mutating func loseSource() -> Bool {
        #if MUTANTS
            if Sabotage.active == .emptyOnError {
                catalog = ServiceCatalog()
                return true
            }
        #endif
        return false
    }
}
