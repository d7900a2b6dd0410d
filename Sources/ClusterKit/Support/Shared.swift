/// A large value kept on the heap: copies of it share one place until one of them changes.
///
/// It is one pointer to move, and a value all the same: a change of one copy is never seen in another.
struct Shared<Value: Sendable>: Sendable {
    // Changed only while this is its one owner, which the compiler cannot see.
    final class Place: @unchecked Sendable {
        // Whoever reaches it goes through `value` below, whose accesses are checked already.
        @exclusivity(unchecked) fileprivate(set) var value: Value

        fileprivate init(_ value: Value) { self.value = value }
    }

    private(set) var place: Place

    init(_ value: Value) { place = Place(value) }

    /// Another copy of a value that is there already.
    init(at place: Place) { self.place = place }

    /// The value itself; changing it copies what is shared first.
    var value: Value {
        @inline(__always) _read { yield place.value }
        @inline(__always) _modify {
            if !isKnownUniquelyReferenced(&place) { place = Place(place.value) }
            yield &place.value
        }
    }

    /// Whether both are one place, and so equal without a look.
    func isSame(as other: Shared) -> Bool { place === other.place }
}

extension Shared: Equatable where Value: Equatable {
    static func == (left: Shared, right: Shared) -> Bool { left.isSame(as: right) || left.value == right.value }
}

extension Shared: CustomReflectable {
    /// Shows the value, not where it is kept.
    var customMirror: Mirror { Mirror(reflecting: value) }
}

extension Shared: Hashable where Value: Hashable {
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
