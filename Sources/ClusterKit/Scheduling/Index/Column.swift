/// A growable row of plain values in memory of its own.
///
/// The index lives on memory accesses: this is an array without bounds checks in release builds, without reference
/// counts and without uniqueness checks. Assigning one copies the pointer, not the elements: `copy()` does. Each column
/// is freed once, by the table that holds it, and every table by `PlacementMemory`.
struct Column<Element: BitwiseCopyable>: BitwiseCopyable {
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private(set) var capacity: Int

    init(capacity: Int = 0) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    init(repeating value: Element, count: Int) {
        self.init(capacity: count)
        extend(by: count, value)
    }

    func deallocate() { base.deallocate() }

    func copy() -> Column {
        var copy = Column(capacity: capacity)
        copy.base.update(from: base, count: count)
        copy.count = count
        return copy
    }

    subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            assert(index >= 0 && index < count)
            return UnsafePointer(base + index)
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            assert(index >= 0 && index < count)
            return base + index
        }
    }

    subscript(index: Int32) -> Element {
        @inline(__always) unsafeAddress {
            assert(index >= 0 && index < count)
            return UnsafePointer(base + Int(index))
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            assert(index >= 0 && index < count)
            return base + Int(index)
        }
    }

    /// Makes room for `wanted` elements at least.
    mutating func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    /// Grows by half, so that appending stays cheap and at most a third of the memory waits unused.
    mutating func append(_ value: Element) {
        if count == capacity { reserve(count &+ max(8, count >> 1)) }
        (base + count).initialize(to: value)
        count &+= 1
    }

    mutating func extend(by more: Int, _ value: Element) {
        if count &+ more > capacity { reserve(max(count &+ more, count &+ count >> 1)) }
        (base + count).initialize(repeating: value, count: more)
        count &+= more
    }
}
