/// Finds the slot of an allocation. A dictionary would take five times the memory, for it keeps the identifiers once
/// more.
struct HolderIndex: Sendable {
    typealias Slots = NumberedRow<HolderTable.Slot>

    /// Part of the identifier stands beside the slot, so that hardly ever a slot is looked at in vain.
    private struct Bucket {
        var hash: UInt32
        /// -1 where there is none.
        var slot: Int32

        static let free = Bucket(hash: 0, slot: -1)
    }

    /// Who finds its bucket taken stands in the next one that is free.
    private var buckets: [Bucket] = []
    private var count = 0

    private var mask: Int { buckets.count - 1 }

    private static func hash(of id: AllocationID) -> UInt32 {
        let mixed = (id.low ^ id.high &* 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: mixed >> 32)
    }

    /// The slot of `id`.
    func slot(of id: AllocationID, in slots: Slots) -> Int32? {
        guard !buckets.isEmpty else { return nil }
        let slot = buckets[bucket(of: id, Self.hash(of: id), in: slots)].slot
        return slot < 0 ? nil : slot
    }

    /// Whether certainly none of `ids` is there: all their home buckets are free. Looks at all of them before it
    /// answers, so that the accesses to memory overlap, and what is asked of `ids` next is in the cache.
    func lacksAll(_ ids: some Sequence<AllocationID>) -> Bool {
        guard !buckets.isEmpty else { return true }
        // The sign says which are free.
        return ids.reduce(-1) { $0 & buckets[Int(Self.hash(of: $1)) & mask].slot } < 0
    }

    /// The bucket of `id`, or the free one where it belongs.
    private func bucket(of id: AllocationID, _ hash: UInt32, in slots: Slots) -> Int {
        var number = Int(hash) & mask
        while buckets[number].slot >= 0 {
            if buckets[number].hash == hash, slots[buckets[number].slot].id == id { break }
            number = (number + 1) & mask
        }
        return number
    }

    /// Takes in an allocation under the number of the slot that it is about to get. Returns whether it was not there
    /// yet; otherwise nothing happens.
    mutating func add(_ id: AllocationID, as slot: Int32, in slots: Slots) -> Bool {
        // Half of them stay free: a second look costs more than the memory is worth.
        if 2 * (count + 1) > buckets.count { grow() }
        let hash = Self.hash(of: id)
        let number = bucket(of: id, hash, in: slots)
        guard buckets[number].slot < 0 else { return false }
        buckets[number] = Bucket(hash: hash, slot: slot)
        count += 1
        return true
    }

    private mutating func grow() {
        let old = buckets
        buckets = Array(repeating: .free, count: max(16, 2 * old.count))
        let mask = mask
        buckets.withUnsafeMutableBufferPointer { buckets in
            for bucket in old where bucket.slot >= 0 {
                var number = Int(bucket.hash) & mask
                while buckets[number].slot >= 0 { number = (number + 1) & mask }
                buckets[number] = bucket
            }
        }
    }

    /// Forgets an allocation. Returns the slot that it has.
    mutating func remove(_ id: AllocationID, in slots: Slots) -> Int32? {
        guard !buckets.isEmpty else { return nil }
        var hole = bucket(of: id, Self.hash(of: id), in: slots)
        let slot = buckets[hole].slot
        guard slot >= 0 else { return nil }
        count -= 1
        // Those that follow move up, unless that took them in front of their home.
        var next = (hole + 1) & mask
        while buckets[next].slot >= 0 {
            let home = Int(buckets[next].hash) & mask
            if (next - home) & mask >= (next - hole) & mask {
                buckets[hole] = buckets[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        buckets[hole] = .free
        return slot
    }
}
