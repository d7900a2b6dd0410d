/// The state as `BinPackScheduler` sees it: a row of nodes in the order of their names, and who holds what.
struct BinPackSession: SchedulingSession {
    private(set) var rooms: [NodeRoom] = []
    private(set) var places: [NodeID: Int] = [:]
    /// Nodes that are not in the row yet: those that join together are put there together.
    private var joining: [NodeID: NodeRoom] = [:]
    /// Nodes that are in the row still, though they are gone: they are taken out together.
    private var leaving: Set<NodeID> = []
    /// Holders on nodes that are not known (any more) included: they are counted again when the node comes back.
    private(set) var held = HolderTable()
    /// Whose end reservations await, where they do.
    private var awaited: [AllocationID: [AllocationID]] = [:]
    private(set) var priorities = JobPriorities()
    private(set) var schedulingRules: SchedulingRules
    let localities: [LocalityScore]
    /// What the nodes' descriptions say of groups asked for lately; forgotten when a node changes.
    private var outlooks: [GroupKey: Outlook] = [:]
    /// The nodes once more in an index, when there are so many that looking at all of them takes longer.
    var field = NodeField([])
    let indexedFrom: Int
    /// Like `outlooks`, of classes of nodes; forgotten when there is a new class.
    var classOutlooks: [GroupKey: Outlook] = [:]

    /// What may come free when others end, and offers that are known; made when it is first asked.
    var yielding = YieldingStretches()
    var boards: [PreemptionBoard] = []
    /// Enough for the sizes of what comes first in the queue; each may take 24 bytes a node.
    static let mostBoards = 8

    /// Enough for the groups that wait at one time; beyond it all are forgotten at once.
    static let mostOutlooks = 256

    init(_ snapshot: Snapshot, localities: [LocalityScore], indexedFrom: Int) {
        self.indexedFrom = indexedFrom
        schedulingRules = snapshot.schedulingRules
        self.localities = localities
        rooms = Self.row(of: snapshot)
        for place in rooms.indices { rooms[place].number = held.keep(rooms[place].node.id) }
        renumber()
        for record in snapshot.jobVersions.unordered { priorities.learn(record) }
        for allocation in snapshot.allocations.unordered where !allocation.isTerminal { hold(newHolder(allocation)) }
    }

    /// Sorts numbers, for rooms are large to move.
    private static func row(of snapshot: Snapshot) -> [NodeRoom] {
        let rooms = snapshot.nodes.unordered.map(NodeRoom.init)
        let keys = rooms.enumerated().map { (name: $1.node.name, id: $1.node.id, place: $0) }
        return keys.sorted { ($0.name, $0.id) < ($1.name, $1.id) }.map { rooms[$0.place] }
    }

    private static func precedes(_ left: NodeRoom, _ right: NodeRoom) -> Bool {
        (left.node.name, left.node.id) < (right.node.name, right.node.id)
    }

    private mutating func renumber() {
        places.removeAll(keepingCapacity: true)
        for place in rooms.indices { places[rooms[place].node.id] = place }
        outlooks.removeAll()
        yielding = YieldingStretches()
        boards.removeAll()
    }

    /// Puts the nodes in the row that joined since it was looked at last, and takes those out that are gone.
    mutating func updateRow() {
        guard !joining.isEmpty || !leaving.isEmpty else { return }
        for id in leaving { held.letGo(id) }
        var new = joining.values.sorted(by: Self.precedes)[...]
        joining = [:]
        for place in new.indices {
            for holder in held.holders(on: new[place].node.id) { new[place].add(holder) }
            new[place].number = held.keep(new[place].node.id)
        }
        var (row, kinds) = ([NodeRoom](), [Int32?]())
        row.reserveCapacity(rooms.count + new.count)
        for (place, room) in rooms.enumerated() where leaving.isEmpty || !leaving.contains(room.node.id) {
            while let first = new.first, Self.precedes(first, room) {
                row.append(new.removeFirst())
                kinds.append(nil)
            }
            row.append(room)
            kinds.append(field.isEmpty ? nil : field.kinds[place])
        }
        rooms = row + new
        leaving = []
        renumber()
        reindex(kinds + new.map { _ in nil })
    }

    /// Makes the index anew if there is one. `kinds` says what is known of the classes of the row.
    private mutating func reindex(_ kinds: [Int32?]) {
        guard !field.isEmpty else { return }
        let known = field.classes.count
        field = NodeField(rooms, kinds, field.classes)
        if field.isCluttered { field = NodeField([]) }
        if field.classes.count != known { classOutlooks.removeAll() }
    }

    // MARK: What became true

    mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
        var freed: Set<NodeID> = []
        for change in batch.changes {
            if let job = priorities.note(change) { reprioritize(job) }
            switch change {
            case .putAllocation(let allocation): put(allocation, freed: &freed)
            case .removeAllocation(let id):
                if let old = drop(id) { freed.insert(old.node) }
            case .putNode(let node): put(node, freed: &freed)
            case .removeNode(let id): remove(id)
            case .putSchedulingRules(let rules): schedulingRules = rules
            default: break
            }
        }
        // A node that takes no work has nothing to give, whatever ended there.
        return FreedRoom(nodes: freed.filter { node($0)?.takesWork ?? false })
    }

    private mutating func put(_ allocation: Allocation, freed: inout Set<NodeID>) {
        guard !allocation.isTerminal else {
            if let old = drop(allocation.id) { freed.insert(old.node) }
            return
        }
        settle(allocation.id)
        var holder = newHolder(allocation)
        if let old = held[allocation.id] {
            holder.awaiting = old.awaiting
            if old.node == holder.node, old.resources == holder.resources, old.groupKey == holder.groupKey {
                replace(old, by: holder)
                return
            }
            drop(allocation.id)
            freed.insert(old.node)
        }
        hold(holder)
    }

    private func newHolder(_ allocation: Allocation) -> Held {
        var holder = Held(allocation)
        holder.priority = priorities.priority(of: allocation.job, version: allocation.jobVersion)
        return holder
    }

    /// Takes in news of a holder that keeps what it has.
    private mutating func replace(_ old: Held, by new: Held) {
        held.update(new)
        guard old.yieldingPriority != new.yieldingPriority || old.isGoing != new.isGoing,
            let place = places[new.node]
        else { return }
        rooms[place].remove(old)
        rooms[place].add(new)
        yielding.touch(place)
    }

    private mutating func change(_ id: AllocationID, _ body: (inout Held) -> Void) {
        guard let old = held[id] else { return }
        var new = old
        body(&new)
        replace(old, by: new)
    }

    /// Takes in priorities of a job that were not known, or are not any more.
    private mutating func reprioritize(_ job: JobID) {
        for holder in held.holders(of: job) {
            let priority = priorities.priority(of: job, version: holder.version)
            change(holder.id) { $0.priority = priority }
        }
    }

    /// Notes that a reservation is one no longer: whose end it awaits is what the state says.
    private mutating func settle(_ id: AllocationID) {
        guard !awaited.isEmpty else { return }
        for victim in awaited.removeValue(forKey: id) ?? [] {
            change(victim) { $0.awaiting = max(0, $0.awaiting - 1) }
        }
    }

    /// Notes whose end a reservation awaits.
    mutating func expect(_ ends: [AllocationID], by id: AllocationID) {
        awaited[id] = ends
        for end in ends { change(end) { $0.awaiting += 1 } }
    }

    private mutating func put(_ node: Node, freed: inout Set<NodeID>) {
        if let place = knownPlace(of: node.id) {
            if rooms[place].node.looksLike(node) {
                rooms[place].describe(node)
                return
            }
            if rooms[place].node.name == node.name {
                refurnish(place, as: node)
                freed.insert(node.id)
                return
            }
            remove(node.id)
        }
        joining[node.id] = NodeRoom(node)
        freed.insert(node.id)
    }

    /// Replaces the description of a node that keeps its place in the order of names.
    private mutating func refurnish(_ place: Int, as node: Node) {
        var room = NodeRoom(node)
        for holder in held.holders(on: node.id) { room.add(holder) }
        room.number = rooms[place].number
        rooms[place] = room
        yielding.touch(place)
        outlooks.removeAll()
        guard !field.isEmpty else { return }
        let known = field.classes.count
        field.replace(place, room)
        if field.isCluttered {
            field = NodeField([])
            boards.removeAll()
        }
        if field.classes.count != known { classOutlooks.removeAll() }
    }

    private mutating func remove(_ id: NodeID) {
        joining[id] = nil
        if places[id] != nil { leaving.insert(id) }
    }

    private mutating func hold(_ holder: Held) {
        held.add(holder)
        guard let place = places[holder.node] else { return }
        rooms[place].add(holder)
        noteChange(at: place)
    }

    @discardableResult
    private mutating func drop(_ id: AllocationID) -> Held? {
        settle(id)
        guard let holder = held.remove(id) else { return nil }
        guard let place = places[holder.node] else { return holder }
        rooms[place].remove(holder)
        noteChange(at: place)
        return holder
    }

    private mutating func noteChange(at place: Int) {
        if !field.isEmpty { field.update(place, free: rooms[place].free) }
        yielding.touch(place)
    }

    mutating func release(_ reserved: [AllocationID]) {
        for id in reserved where held.isReserved(id) { drop(id) }
    }

    /// What an allocation holds.
    func holder(_ id: AllocationID) -> Held? { held[id] }

    /// The description of a node.
    private func node(_ id: NodeID) -> Node? { joining[id]?.node ?? knownPlace(of: id).map { rooms[$0].node } }

    /// Where a node stands that is not gone.
    private func knownPlace(of id: NodeID) -> Int? { leaving.contains(id) ? nil : places[id] }

    func vacancy(on node: NodeID) -> Vacancy? {
        guard var room = joining[node] else { return knownPlace(of: node).map { Vacancy(rooms[$0]) } }
        for holder in held.holders(on: node) { room.add(holder) }
        return Vacancy(room)
    }

    // MARK: What is asked

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        updateRow()
        var decisions: [Decision] = []
        decisions.reserveCapacity(requests.count)
        var rest = requests[...]
        while let subject = rest.first?.subject {
            let run = rest.prefix { $0.subject == subject }
            rest = rest.dropFirst(run.count)
            if var candidates = indexedCandidates(for: subject) {
                place(run, among: &candidates, using: &entropy, into: &decisions)
                candidates.finish(&field, rooms)
            } else {
                var look = NodewiseLook(candidates: candidates(for: subject))
                for request in run { decisions.append(place(request, among: &look, using: &entropy)) }
            }
        }
        return decisions
    }

    /// The nodes for `subject`, as they are now.
    mutating func candidates(for subject: PlacementSubject) -> Candidates {
        updateRow()
        let surroundings = Candidates.Surroundings(
            rooms: rooms, held: held, algorithm: schedulingRules.algorithm, localities: localities)
        return Candidates(outlook(for: subject), in: surroundings, places: places)
    }

    private mutating func outlook(for subject: PlacementSubject) -> Outlook {
        let key = subject.key
        // Another version of the job has rules of its own.
        if let known = outlooks[key], known.rules.subject == subject { return known }
        if outlooks.count >= Self.mostOutlooks { outlooks.removeAll() }
        let outlook = Outlook(SubjectRules(subject), rooms.lazy.map(\.node))
        outlooks[key] = outlook
        return outlook
    }

    // The same steps as the other place(_:among:…); whoever changes one changes both.
    private mutating func place(
        _ request: PlacementRequest, among look: inout NodewiseLook, using entropy: inout Entropy
    ) -> Decision {
        if let refusal = refusal(of: request) { return .refused(refusal) }
        look.exclude(request.withheld, in: self)
        let refusal = look.candidates.refusal(of: request)
        if let refusal, request.replacing == nil { return .refused(refusal) }
        guard refusal == nil, let pick = look.candidates.best(for: request, places: places),
            let resources = rooms[pick.place].allocate(look.candidates.rules.needs, using: &entropy)
        else {
            if let (_, placement) = replace(for: request, among: &look, using: &entropy) { return .placed(placement) }
            if let refusal { return .refused(refusal) }
            if let (_, placement) = preempt(for: request, among: &look, using: &entropy) { return .placed(placement) }
            let refusal = Refusal(request, look.candidates, rooms: rooms, places: places)
            look.candidates.refuse(request, refusal)
            return .refused(refusal)
        }
        let node = reserve(request, look.candidates.rules.groupKey, resources, at: pick.place)
        look.noteInstance(at: pick.position, in: self)
        return .placed(
            Placement(node: node, nodeName: rooms[pick.place].name, resources: resources, score: pick.score))
    }

    /// Why a request cannot be answered at all.
    func refusal(of request: PlacementRequest) -> Refusal? {
        guard held.contains(request.allocation) else { return nil }
        return Refusal(because: "allocation \(request.allocation) has a node already")
    }

    /// Holds what a request got until it is confirmed or released.
    mutating func reserve(
        _ request: PlacementRequest, _ groupKey: GroupKey, _ resources: AllocatedResources, at place: Int
    ) -> NodeID {
        let node = rooms[place].node.id
        var holder = Held(id: request.allocation, node: node, groupKey: groupKey, resources: resources)
        holder.isReserved = true
        hold(holder)
        return node
    }

    /// What reservations of one run have in common; good until somebody goes.
    mutating func lease(of groupKey: GroupKey, _ resources: AllocatedResources) -> HolderTable.Lease {
        held.lease(of: groupKey, resources)
    }

    /// The same for what has nothing but amounts, on a node that the index leaves out. Returns the node; `nil` when the
    /// allocation has one already.
    mutating func reserve(
        _ id: AllocationID, _ lease: HolderTable.Lease, _ amounts: PlacementIndex.Amounts, at place: Int
    ) -> NodeID? {
        guard let node = held.reserve(id, lease, onNode: rooms[place].number) else { return nil }
        rooms[place].reserve(amounts)
        yielding.touch(place)
        return node
    }
}

extension Node {
    /// Whether placement can tell no difference to `other`.
    fileprivate func looksLike(_ other: Node) -> Bool {
        var (left, right) = (self, other)
        for path in [\Node.version, \.statusDescription, \.address] {
            left[keyPath: path] = ""
            right[keyPath: path] = ""
        }
        (left.events, right.events) = ([], [])
        left.statusTime = right.statusTime
        (left.createRevision, left.modifyRevision) = (right.createRevision, right.modifyRevision)
        left.drivers = left.drivers.mapValues(\.forPlacement)
        right.drivers = right.drivers.mapValues(\.forPlacement)
        return left == right
    }
}

extension DriverStatus {
    fileprivate var forPlacement: DriverStatus {
        DriverStatus(healthy: healthy, description: "", attributes: attributes)
    }
}
