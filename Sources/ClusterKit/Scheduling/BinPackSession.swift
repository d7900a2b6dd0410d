/// The state as `BinPackScheduler` sees it: a row of nodes in the order of their names, and who holds what.
struct BinPackSession: SchedulingSession {
    private(set) var rooms: [NodeRoom] = []
    private(set) var places: [NodeID: Int] = [:]
    private var held: [AllocationID: Held] = [:]
    /// What `place` gave and no batch has confirmed, each with those whose end it awaits.
    private var reserved: [AllocationID: [AllocationID]] = [:]
    private var priorities = JobPriorities()
    /// Holders on nodes that are not known (any more): counted again when the node comes back.
    private var strays: [NodeID: Set<AllocationID>] = [:]
    private(set) var counts = InstanceCounts()
    private(set) var rules: SchedulingRules
    let localities: [LocalityScore]
    /// What the nodes' descriptions say of groups asked for lately; forgotten when a node changes.
    private var outlooks: [InstanceKey: Outlook] = [:]
    /// The nodes once more in an index, when there are so many that looking at all of them takes longer.
    var field = NodeField([])
    let indexedFrom: Int
    /// Like `outlooks`, of classes of nodes; forgotten when there is a new class.
    var classOutlooks: [InstanceKey: Outlook] = [:]

    /// What may come free when others end, and offers that are known; made when it is first asked.
    var yielding = YieldingBlocks()
    var boards: [PreemptionBoard] = []
    /// Enough for the sizes of what comes first in the queue; each may take 16 bytes a node.
    static let mostBoards = 4

    /// Enough for the groups that wait at one time; beyond it all are forgotten at once.
    static let mostOutlooks = 256

    init(_ snapshot: Snapshot, localities: [LocalityScore], indexedFrom: Int) {
        self.indexedFrom = indexedFrom
        rules = snapshot.schedulingRules
        self.localities = localities
        rooms = snapshot.nodes.sorted.map(NodeRoom.init).sorted(by: Self.precedes)
        renumber()
        for record in snapshot.jobVersions.unordered { priorities.learn(record) }
        for allocation in snapshot.allocations.unordered where !allocation.isTerminal { hold(newHolder(allocation)) }
    }

    private static func precedes(_ left: NodeRoom, _ right: NodeRoom) -> Bool {
        (left.node.name, left.node.id) < (right.node.name, right.node.id)
    }

    private mutating func renumber() {
        places = Dictionary(uniqueKeysWithValues: rooms.enumerated().map { ($1.node.id, $0) })
        outlooks.removeAll()
        classOutlooks.removeAll()
        field = NodeField([])
        yielding = YieldingBlocks()
        boards.removeAll()
    }

    // MARK: What became true

    mutating func apply(_ batch: ChangeBatch) -> Freed {
        var freed: Set<NodeID> = []
        for change in batch.changes {
            if let job = priorities.note(change) { reprioritize(job) }
            switch change {
            case .putAllocation(let allocation): put(allocation, freed: &freed)
            case .removeAllocation(let id):
                if let old = drop(id) { freed.insert(old.node) }
            case .putNode(let node): put(node, freed: &freed)
            case .removeNode(let id): remove(id)
            case .putSchedulingRules(let rules): self.rules = rules
            default: break
            }
        }
        // A node that takes no work has nothing to give, whatever ended there.
        return Freed(nodes: freed.filter { id in places[id].map { rooms[$0].node.takesWork } ?? false })
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
            if old.node == allocation.node, old.resources == allocation.resources {
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
        held[new.id] = new
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
        for node in counts.ofJob(job).keys {
            let holders = places[node].map { rooms[$0].holders } ?? strays[node] ?? []
            for id in holders {
                guard let holder = held[id], holder.instance.job == job else { continue }
                let priority = priorities.priority(of: job, version: holder.version)
                change(id) { $0.priority = priority }
            }
        }
    }

    /// Notes that a reservation is one no longer: whose end it awaits is what the state says.
    private mutating func settle(_ id: AllocationID) {
        for victim in reserved.removeValue(forKey: id) ?? [] {
            change(victim) { $0.awaiting = max(0, $0.awaiting - 1) }
        }
    }

    /// Notes whose end a reservation awaits.
    mutating func expect(_ ends: [AllocationID], by id: AllocationID) {
        reserved[id] = ends
        for end in ends { change(end) { $0.awaiting += 1 } }
    }

    private mutating func put(_ node: Node, freed: inout Set<NodeID>) {
        if let place = places[node.id] {
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
        let room = NodeRoom(node)
        let place = rooms.partitioningIndex { Self.precedes(room, $0) }
        rooms.insert(room, at: place)
        renumber()
        for id in strays.removeValue(forKey: node.id) ?? [] {
            if let holder = held[id] { rooms[place].add(holder) }
        }
        freed.insert(node.id)
    }

    /// Replaces the description of a node that keeps its place in the order of names.
    private mutating func refurnish(_ place: Int, as node: Node) {
        var room = NodeRoom(node)
        for id in rooms[place].holders {
            if let holder = held[id] { room.add(holder) }
        }
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
        guard let place = places[id] else { return }
        let holders = rooms[place].holders
        if !holders.isEmpty { strays[id] = holders }
        rooms.remove(at: place)
        renumber()
    }

    private mutating func hold(_ holder: Held) {
        held[holder.id] = holder
        counts.add(holder.instance, on: holder.node)
        if let place = places[holder.node] {
            rooms[place].add(holder)
            noteChange(at: place)
        } else {
            strays[holder.node, default: []].insert(holder.id)
        }
    }

    @discardableResult
    private mutating func drop(_ id: AllocationID) -> Held? {
        settle(id)
        guard let holder = held.removeValue(forKey: id) else { return nil }
        counts.remove(holder.instance, from: holder.node)
        if let place = places[holder.node] {
            rooms[place].remove(holder)
            noteChange(at: place)
        } else {
            strays[holder.node]?.remove(id)
            if strays[holder.node]?.isEmpty == true { strays[holder.node] = nil }
        }
        return holder
    }

    private mutating func noteChange(at place: Int) {
        if !field.isEmpty { field.update(place, free: rooms[place].free) }
        yielding.touch(place)
    }

    mutating func release(_ reserved: [AllocationID]) {
        for id in reserved where self.reserved[id] != nil { drop(id) }
    }

    /// What an allocation holds.
    func holder(_ id: AllocationID) -> Held? { held[id] }

    func vacancy(on node: NodeID) -> Vacancy? { places[node].map { Vacancy(rooms[$0]) } }

    // MARK: What is asked

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        var decisions: [Decision] = []
        decisions.reserveCapacity(requests.count)
        var rest = requests[...]
        while let subject = rest.first?.subject {
            let run = rest.prefix { $0.subject == subject }
            rest = rest.dropFirst(run.count)
            if var candidates = indexedCandidates(for: subject) {
                var second: SecondLook?
                for request in run { decisions.append(place(request, among: &candidates, &second, using: &entropy)) }
                candidates.finish(&field, rooms)
            } else {
                var look = SecondLook(candidates: candidates(for: subject))
                for request in run { decisions.append(place(request, among: &look, using: &entropy)) }
            }
        }
        return decisions
    }

    /// The nodes for `subject`, as they are now.
    mutating func candidates(for subject: PlacementSubject) -> Candidates {
        let surroundings = Candidates.Surroundings(
            rooms: rooms, counts: counts, algorithm: rules.algorithm, localities: localities)
        return Candidates(outlook(for: subject), in: surroundings, places: places)
    }

    private mutating func outlook(for subject: PlacementSubject) -> Outlook {
        let key = InstanceKey(job: subject.job.id, group: subject.group.name)
        // Another version of the job has rules of its own.
        if let known = outlooks[key], known.rules.subject == subject { return known }
        if outlooks.count >= Self.mostOutlooks { outlooks.removeAll() }
        let outlook = Outlook(SubjectRules(subject), rooms.lazy.map(\.node))
        outlooks[key] = outlook
        return outlook
    }

    private mutating func place(
        _ request: PlacementRequest, among look: inout SecondLook, using entropy: inout Entropy
    ) -> Decision {
        if let refusal = refusal(of: request) ?? look.candidates.refusal(of: request) { return .refused(refusal) }
        guard let pick = look.candidates.best(for: request, places: places),
            let resources = rooms[pick.place].allocate(look.candidates.rules.needs, using: &entropy)
        else {
            if let (_, placement) = preempt(for: request, among: &look, using: &entropy) { return .placed(placement) }
            let refusal = Refusal(request, look.candidates, rooms: rooms, places: places)
            look.candidates.refuse(request, refusal)
            return .refused(refusal)
        }
        let node = reserve(request, look.candidates.rules.instance, resources, at: pick.place)
        look.changed(pick.position, in: self)
        return .placed(Placement(node: node, resources: resources, score: pick.score))
    }

    /// Why a request cannot be answered at all.
    func refusal(of request: PlacementRequest) -> Refusal? {
        guard held[request.allocation] != nil else { return nil }
        return Refusal(plain: "allocation \(request.allocation) has a node already")
    }

    /// Holds what a request got until it is confirmed or released.
    mutating func reserve(
        _ request: PlacementRequest, _ instance: InstanceKey, _ resources: AllocatedResources, at place: Int
    ) -> NodeID {
        let node = rooms[place].node.id
        hold(Held(id: request.allocation, node: node, instance: instance, resources: resources))
        reserved[request.allocation] = []
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

extension Array {
    /// The first index whose element comes after; the array is sorted by that.
    fileprivate func partitioningIndex(where comesAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if comesAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
