/// Who holds what: by allocation, by node, and by group of a job.
///
/// There may be a million of them, so each takes a slot of 64 bytes; what they have in common is kept once. Each slot
/// is part of two chains, of those on its node and of those in its group.
struct HolderTable: Sendable {
    struct Link: Sendable {
        var next: Int32 = -1
        var previous: Int32 = -1
    }

    struct Slot: Sendable {
        let id: AllocationID
        var createTime: WallTime
        let node: Int32
        let group: Int32
        let shape: Int32
        var version: Int32
        /// `Int32.min` when it is not known.
        var priority: Int32
        var onNode = Link()
        var inGroup = Link()
        /// Held at its largest number.
        var awaiting: UInt16
        var marks: Marks

        mutating func update(_ held: Held) {
            createTime = held.createTime
            version = Int32(clamping: held.version)
            priority = HolderTable.priority(of: held)
            awaiting = UInt16(clamping: held.awaiting)
            marks = Marks(held)
        }
    }

    struct Marks: OptionSet {
        let rawValue: UInt8

        static let live = Marks(rawValue: 1)
        static let evicted = Marks(rawValue: 2)
        static let reserved = Marks(rawValue: 4)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ held: Held) {
            self = []
            if held.isLive { insert(.live) }
            if held.isEvicted { insert(.evicted) }
            if held.isReserved { insert(.reserved) }
        }
    }

    private struct NodeEntry: Sendable {
        let id: NodeID
        var first: Int32 = -1
        /// Whether it has its number also while nobody is there.
        var isKept = false
    }

    private struct GroupEntry: Sendable {
        let key: GroupKey
        var first: Int32 = -1
        /// The next group of the job.
        var next: Int32
    }

    private struct Shape: Sendable {
        let resources: AllocatedResources
        let total: Resources
        var count = 0

        init(_ resources: AllocatedResources) { (self.resources, total) = (resources, resources.total) }
    }

    // Whoever goes leaves nothing behind but its place, so both kinds of chains hold only who is there.
    private var slots = NumberedRow<Slot>()
    private var index = HolderIndex()
    private var nodes = NumberedRow<NodeEntry>()
    private var nodeNumbers: [NodeID: Int32] = [:]
    private var groups = NumberedRow<GroupEntry>()
    /// The first group of each job.
    private var jobs: [JobID: Int32] = [:]
    private var shapes = NumberedRow<Shape>()
    /// The shapes that are nothing but amounts.
    private var plainShapes: [Resources: Int32] = [:]
    /// The group and the shape of whoever came last: those that follow are mostly alike.
    private var latest: (group: Int32, shape: Int32) = (-1, -1)

    // MARK: Who is there

    /// What `id` holds.
    subscript(id: AllocationID) -> Held? { slot(of: id).map { held(slots[$0]) } }

    func contains(_ id: AllocationID) -> Bool { slot(of: id) != nil }

    /// Whether certainly none of `ids` is there. What is asked of them next is quick.
    func lacksAll(_ ids: some Sequence<AllocationID>) -> Bool { index.lacksAll(ids) }

    /// Whether `id` has what it holds only until a batch confirms it.
    func isReserved(_ id: AllocationID) -> Bool { slot(of: id).map { slots[$0].marks.contains(.reserved) } ?? false }

    private func slot(of id: AllocationID) -> Int32? { index.slot(of: id, in: slots) }

    private func held(_ slot: Slot) -> Held {
        var held = Held(
            id: slot.id, node: nodes[slot.node].id, groupKey: groups[slot.group].key,
            resources: shapes[slot.shape].resources)
        held.version = Int(slot.version)
        held.createTime = slot.createTime
        held.isLive = slot.marks.contains(.live)
        held.priority = slot.priority == .min ? nil : Int(slot.priority)
        held.awaiting = Int(slot.awaiting)
        held.isEvicted = slot.marks.contains(.evicted)
        held.isReserved = slot.marks.contains(.reserved)
        return held
    }

    /// All on a node, known or not.
    func holders(on node: NodeID) -> [Held] {
        guard let number = nodeNumbers[node] else { return [] }
        var found: [Held] = []
        var next = nodes[number].first
        while next >= 0 {
            found.append(held(slots[next]))
            next = slots[next].onNode.next
        }
        return found
    }

    /// Shows `body` who is on the node of a number that was kept.
    func visit(onNode number: Int32, _ body: (Contender) -> Void) {
        var next = nodes[number].first
        while next >= 0 {
            body(Contender(slots[next], shapes[slots[next].shape].total))
            next = slots[next].onNode.next
        }
    }

    /// All of a job.
    func holders(of job: JobID) -> [Held] {
        var found: [Held] = []
        for group in numbers(of: job) { visit(group) { found.append(held($0)) } }
        return found
    }

    /// How many of one group each node has.
    func ofGroup(_ key: GroupKey) -> [NodeID: Int] { number(of: key).map { counts(of: [$0]) } ?? [:] }

    /// How many of all groups of a job each node has.
    func ofJob(_ job: JobID) -> [NodeID: Int] { counts(of: numbers(of: job)) }

    private func counts(of groups: [Int32]) -> [NodeID: Int] {
        var counts: [NodeID: Int] = [:]
        for group in groups { visit(group) { counts[nodes[$0.node].id, default: 0] += 1 } }
        return counts
    }

    private func visit(_ group: Int32, _ body: (Slot) -> Void) {
        var next = groups[group].first
        while next >= 0 {
            body(slots[next])
            next = slots[next].inGroup.next
        }
    }

    // MARK: Who comes and goes

    /// Takes in a holder that is not there yet.
    mutating func add(_ held: Held) {
        let lease = lease(of: held.groupKey, held.resources)
        add(
            Slot(
                id: held.id, createTime: held.createTime, node: number(of: held.node), group: lease.group,
                shape: lease.shape, version: Int32(clamping: held.version), priority: Self.priority(of: held),
                awaiting: UInt16(clamping: held.awaiting), marks: Marks(held)))
    }

    /// Returns whether it was not there yet; otherwise nothing happens.
    @discardableResult
    private mutating func add(_ new: Slot) -> Bool {
        var slot = new
        let number = slots.next
        guard index.add(slot.id, as: number, in: slots) else { return false }
        slot.onNode.next = nodes[slot.node].first
        slot.inGroup.next = groups[slot.group].first
        slots.add(slot)
        if slot.onNode.next >= 0 { slots[slot.onNode.next].onNode.previous = number }
        if slot.inGroup.next >= 0 { slots[slot.inGroup.next].inGroup.previous = number }
        nodes[slot.node].first = number
        groups[slot.group].first = number
        shapes[slot.shape].count += 1
        return true
    }

    /// The group and shape of the instances of one run, by number. Good until a holder is removed.
    struct Lease {
        fileprivate let group: Int32
        fileprivate let shape: Int32
    }

    /// The caller adds a holder right away: a group or shape that never has one is never forgotten.
    mutating func lease(of key: GroupKey, _ resources: AllocatedResources) -> Lease {
        Lease(group: makeNumber(of: key), shape: number(of: resources))
    }

    /// Takes in a reservation on the node of a number that was kept. Returns the node; `nil` when `id` is there
    /// already.
    mutating func reserve(_ id: AllocationID, _ lease: Lease, onNode number: Int32) -> NodeID? {
        let slot = Slot(
            id: id, createTime: WallTime(nanoseconds: 0), node: number, group: lease.group, shape: lease.shape,
            version: 0, priority: .min, awaiting: 0, marks: .reserved)
        return add(slot) ? nodes[number].id : nil
    }

    /// Gives a node a number that it has until it is let go, so that it need not be looked up.
    mutating func keep(_ node: NodeID) -> Int32 {
        let number = number(of: node)
        nodes[number].isKept = true
        return number
    }

    /// Ends `keep`.
    mutating func letGo(_ node: NodeID) {
        guard let number = nodeNumbers[node] else { return }
        nodes[number].isKept = false
        if nodes[number].first < 0 { forgetNode(number) }
    }

    /// Takes in news of a holder that is there, and holds the same on the same node for the same group.
    mutating func update(_ held: Held) {
        if let slot = slot(of: held.id) { slots[slot].update(held) }
    }

    private static func priority(of held: Held) -> Int32 {
        held.priority.map { max(.min + 1, Int32(clamping: $0)) } ?? .min
    }

    /// Forgets a holder. Returns what it held.
    mutating func remove(_ id: AllocationID) -> Held? {
        guard let number = index.remove(id, in: slots) else { return nil }
        let slot = slots[number]
        let held = held(slot)
        slots.remove(number)
        if slot.onNode.next >= 0 { slots[slot.onNode.next].onNode.previous = slot.onNode.previous }
        if slot.inGroup.next >= 0 { slots[slot.inGroup.next].inGroup.previous = slot.inGroup.previous }
        if slot.onNode.previous >= 0 {
            slots[slot.onNode.previous].onNode.next = slot.onNode.next
        } else {
            nodes[slot.node].first = slot.onNode.next
            if slot.onNode.next < 0, !nodes[slot.node].isKept { forgetNode(slot.node) }
        }
        if slot.inGroup.previous >= 0 {
            slots[slot.inGroup.previous].inGroup.next = slot.inGroup.next
        } else {
            groups[slot.group].first = slot.inGroup.next
            if slot.inGroup.next < 0 { forgetGroup(slot.group) }
        }
        give(slot.shape)
        return held
    }
}

// What several have in common, by number.
extension HolderTable {
    private mutating func number(of node: NodeID) -> Int32 {
        if let known = nodeNumbers[node] { return known }
        let number = nodes.add(NodeEntry(id: node))
        nodeNumbers[node] = number
        return number
    }

    private mutating func forgetNode(_ number: Int32) {
        nodeNumbers[nodes[number].id] = nil
        nodes.remove(number)
    }

    private func number(of key: GroupKey) -> Int32? {
        numbers(of: key.job).first { groups[$0].key.group == key.group }
    }

    /// The groups of a job.
    func numbers(of job: JobID) -> [Int32] {
        var numbers: [Int32] = []
        var next = jobs[job] ?? -1
        while next >= 0 {
            numbers.append(next)
            next = groups[next].next
        }
        return numbers
    }

    private mutating func makeNumber(of key: GroupKey) -> Int32 {
        if latest.group >= 0, groups[latest.group].key == key { return latest.group }
        latest.group = number(of: key) ?? makeGroup(key)
        return latest.group
    }

    private mutating func makeGroup(_ key: GroupKey) -> Int32 {
        let number = groups.add(GroupEntry(key: key, next: jobs[key.job] ?? -1))
        jobs[key.job] = number
        return number
    }

    private mutating func forgetGroup(_ number: Int32) {
        let (job, next) = (groups[number].key.job, groups[number].next)
        if jobs[job] == number {
            jobs[job] = next < 0 ? nil : next
        } else if let before = numbers(of: job).first(where: { groups[$0].next == number }) {
            groups[before].next = next
        }
        if latest.group == number { latest.group = -1 }
        groups.remove(number)
    }

    private mutating func number(of resources: AllocatedResources) -> Int32 {
        var number = latest.shape
        if number < 0 || shapes[number].resources != resources {
            if resources.isPlain, let known = plainShapes[resources.total] {
                number = known
            } else {
                number = shapes.add(Shape(resources))
                if resources.isPlain { plainShapes[resources.total] = number }
            }
        }
        latest.shape = number
        return number
    }

    private mutating func give(_ shape: Int32) {
        shapes[shape].count -= 1
        guard shapes[shape].count == 0 else { return }
        let resources = shapes[shape].resources
        if plainShapes[resources.total] == shape { plainShapes[resources.total] = nil }
        if latest.shape == shape { latest.shape = -1 }
        shapes.remove(shape)
    }
}
