/// Finds the slot of an allocation. A dictionary would take five times the memory, for it keeps the identifiers once
/// more.
struct HolderIndex: Sendable {
    typealias Slots = NumberedRow<HolderTable.Slot>

    /// Slots; -1 where there is none. Who finds its bucket taken stands in the next one that is free.
    private var buckets: [Int32] = []
    private var count = 0

    private var mask: Int { buckets.count - 1 }

    private func home(of id: AllocationID) -> Int {
        let mixed = (id.low ^ id.high &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 32) & mask
    }

    /// The slot of `id`.
    func slot(of id: AllocationID, in slots: Slots) -> Int32? {
        guard !buckets.isEmpty else { return nil }
        let slot = buckets[bucket(of: id, in: slots)]
        return slot < 0 ? nil : slot
    }

    /// The bucket of `id`, or the free one where it belongs.
    private func bucket(of id: AllocationID, in slots: Slots) -> Int {
        var bucket = home(of: id)
        while buckets[bucket] >= 0, slots[buckets[bucket]].id != id { bucket = (bucket + 1) & mask }
        return bucket
    }

    /// Takes in the allocation of a slot, which is not there yet.
    mutating func add(_ slot: Int32, in slots: Slots) {
        if 3 * (count + 1) > 2 * buckets.count { grow(slots) }
        buckets[bucket(of: slots[slot].id, in: slots)] = slot
        count += 1
    }

    private mutating func grow(_ slots: Slots) {
        let old = buckets
        buckets = Array(repeating: -1, count: max(16, 2 * old.count))
        for slot in old where slot >= 0 { buckets[bucket(of: slots[slot].id, in: slots)] = slot }
    }

    /// Forgets an allocation; gives the slot that it has.
    mutating func remove(_ id: AllocationID, in slots: Slots) -> Int32? {
        guard !buckets.isEmpty else { return nil }
        var hole = bucket(of: id, in: slots)
        let slot = buckets[hole]
        guard slot >= 0 else { return nil }
        count -= 1
        // Those that follow move up, unless that took them in front of their home.
        var next = (hole + 1) & mask
        while buckets[next] >= 0 {
            let home = self.home(of: slots[buckets[next]].id)
            if (next - home) & mask >= (next - hole) & mask {
                buckets[hole] = buckets[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        buckets[hole] = -1
        return slot
    }
}
