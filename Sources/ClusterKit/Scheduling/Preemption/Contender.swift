/// What matters of a holder where it is chosen who ends: numbers only, for many are looked at.
struct Contender: Sendable {
    let id: AllocationID
    let createTime: WallTime
    let total: Resources
    /// `Int.max` when it is not known.
    let priority: Int
    /// The same for all of one group, and for nobody else.
    let group: Int32
    /// Whether it may have to make room for more important work.
    let yields: Bool
    /// Whether it ends to make room.
    let isGoing: Bool

    init(_ slot: HolderTable.Slot, _ total: Resources) {
        (id, createTime, group, self.total) = (slot.id, slot.createTime, slot.group, total)
        priority = slot.priority == .min ? .max : Int(slot.priority)
        yields = slot.marks.contains(.live) && slot.awaiting == 0 && slot.priority != .min
        isGoing = slot.marks.contains(.evicted) || slot.awaiting > 0
    }

    /// For holders that stand in no table.
    init(_ held: Held, group: Int32) {
        (id, createTime, self.group, total) = (held.id, held.createTime, group, held.resources.total)
        (priority, yields, isGoing) = (held.priority ?? .max, held.yieldingPriority != nil, held.isGoing)
    }

    /// What comes free when it ends.
    var amounts: PlacementIndex.Amounts { NodeRoom.amounts(of: total) }
}
