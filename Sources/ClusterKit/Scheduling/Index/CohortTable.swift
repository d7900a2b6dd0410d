/// All cohorts of an index, each found by its key.
///
/// Open addressing with linear probing: a slot holds a cohort's number and its hash, so that a wrong cohort is hardly
/// ever looked at, and a removed one leaves no trace because the slots behind it move up.
struct CohortTable: BitwiseCopyable {
    private struct Slot: BitwiseCopyable {
        var hash: UInt32
        var cohort: Int32
    }

    private(set) var cohorts: Column<Cohort>
    private var firstUnused = Cohort.none
    private var slots: Column<Slot>
    private(set) var count = 0

    init() {
        cohorts = Column()
        slots = Column(repeating: Slot(hash: 0, cohort: Cohort.none), count: 16)
    }

    func deallocate() {
        cohorts.deallocate()
        slots.deallocate()
    }

    func copy() -> CohortTable {
        var copy = self
        copy.cohorts = cohorts.copy()
        copy.slots = slots.copy()
        return copy
    }

    var byteCount: Int { cohorts.capacity * MemoryLayout<Cohort>.stride + slots.capacity * MemoryLayout<Slot>.stride }

    @inline(__always)
    subscript(number: Int32) -> Cohort {
        unsafeAddress { UnsafePointer(cohorts.base + Int(number)) }
        nonmutating unsafeMutableAddress { cohorts.base + Int(number) }
    }

    /// The cohort with this key, if any.
    @inline(__always)
    func number(of key: Cohort.Key, hash: UInt32) -> Int32 {
        var place = Int(hash) & mask
        while slots[place].cohort != Cohort.none {
            if slots[place].hash == hash, cohorts[slots[place].cohort].key == key { return slots[place].cohort }
            place = (place &+ 1) & mask
        }
        return Cohort.none
    }

    /// Adds a cohort whose key no other has.
    ///
    /// At most `most` cohorts are ever there: room for more is not made.
    mutating func add(_ cohort: Cohort, hash: UInt32, most: Int) -> Int32 {
        if count &* 5 >= slots.count &* 4 { grow() }
        var number = firstUnused
        if number != Cohort.none {
            firstUnused = cohorts[number].next
            cohorts[number] = cohort
        } else {
            number = Int32(truncatingIfNeeded: cohorts.count)
            if cohorts.count == cohorts.capacity { cohorts.reserve(min(max(16, cohorts.count * 3 / 2), most)) }
            cohorts.append(cohort)
        }
        slots[unusedSlot(for: hash)] = Slot(hash: hash, cohort: number)
        count &+= 1
        return number
    }

    mutating func remove(_ number: Int32) {
        var place = Int(cohorts[number].key.hash) & mask
        while slots[place].cohort != number { place = (place &+ 1) & mask }
        close(place)
        cohorts[number].next = firstUnused
        firstUnused = number
        count &-= 1
    }

    /// Empties a slot; those behind it that were only put there because it was taken move up.
    private func close(_ place: Int) {
        var hole = place
        var other = (place &+ 1) & mask
        while slots[other].cohort != Cohort.none {
            let wanted = Int(slots[other].hash) & mask
            if (other &- wanted) & mask >= (other &- hole) & mask {
                slots[hole] = slots[other]
                hole = other
            }
            other = (other &+ 1) & mask
        }
        slots[hole].cohort = Cohort.none
    }

    @inline(__always)
    private var mask: Int { slots.count &- 1 }

    private func unusedSlot(for hash: UInt32) -> Int {
        var place = Int(hash) & mask
        while slots[place].cohort != Cohort.none { place = (place &+ 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = slots
        slots = Column(repeating: Slot(hash: 0, cohort: Cohort.none), count: old.count * 2)
        for place in 0..<old.count where old[place].cohort != Cohort.none {
            slots[unusedSlot(for: old[place].hash)] = old[place]
        }
        old.deallocate()
    }
}
