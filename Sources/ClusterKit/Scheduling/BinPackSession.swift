/// The state as `BinPackScheduler` sees it: a row of nodes in the order of their names, and who holds what.
struct BinPackSession: SchedulingSession {
    private(set) var rooms: [NodeRoom] = []
    private var places: [NodeID: Int] = [:]
    private var held: [AllocationID: Held] = [:]
    /// What `place` gave and no batch has confirmed.
    private var reserved: Set<AllocationID> = []
    /// Holders on nodes that are not known (any more): counted again when the node comes back.
    private var strays: [NodeID: Set<AllocationID>] = [:]
    /// What the nodes' rules say of groups asked for lately; forgotten when a node changes.
    private var verdicts: [InstanceKey: Verdict] = [:]

    private struct Verdict {
        let job: Job
        let admitting: [Int]
        let filtered: [String: Int]
    }

    /// Enough for the groups that wait at one time; beyond it all are forgotten at once.
    private static let mostVerdicts = 256

    init(_ snapshot: Snapshot) {
        rooms = snapshot.nodes.sorted.map(NodeRoom.init).sorted(by: Self.precedes)
        renumber()
        for allocation in snapshot.allocations.unordered where !allocation.isTerminal { hold(Held(allocation)) }
    }

    private static func precedes(_ left: NodeRoom, _ right: NodeRoom) -> Bool {
        (left.node.name, left.node.id) < (right.node.name, right.node.id)
    }

    private mutating func renumber() {
        places = Dictionary(uniqueKeysWithValues: rooms.enumerated().map { ($1.node.id, $0) })
        verdicts.removeAll()
    }

    // MARK: What became true

    mutating func apply(_ batch: ChangeBatch) -> Freed {
        var freed: Set<NodeID> = []
        for change in batch.changes {
            switch change {
            case .putAllocation(let allocation): put(allocation, freed: &freed)
            case .removeAllocation(let id):
                if let old = drop(id) { freed.insert(old.node) }
            case .putNode(let node): put(node, freed: &freed)
            case .removeNode(let id): remove(id)
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
        reserved.remove(allocation.id)
        if let old = held[allocation.id] {
            if old.node == allocation.node, old.resources == allocation.resources { return }
            drop(allocation.id)
            freed.insert(old.node)
        }
        hold(Held(allocation))
    }

    private mutating func put(_ node: Node, freed: inout Set<NodeID>) {
        if let place = places[node.id] {
            if rooms[place].node.looksLike(node) {
                rooms[place].describe(node)
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

    private mutating func remove(_ id: NodeID) {
        guard let place = places[id] else { return }
        let holders = rooms[place].holders
        if !holders.isEmpty { strays[id] = holders }
        rooms.remove(at: place)
        renumber()
    }

    private mutating func hold(_ holder: Held) {
        held[holder.id] = holder
        if let place = places[holder.node] {
            rooms[place].add(holder)
        } else {
            strays[holder.node, default: []].insert(holder.id)
        }
    }

    @discardableResult
    private mutating func drop(_ id: AllocationID) -> Held? {
        reserved.remove(id)
        guard let holder = held.removeValue(forKey: id) else { return nil }
        if let place = places[holder.node] {
            rooms[place].remove(holder)
        } else {
            strays[holder.node]?.remove(id)
            if strays[holder.node]?.isEmpty == true { strays[holder.node] = nil }
        }
        return holder
    }

    mutating func release(_ reserved: [AllocationID]) {
        for id in reserved where self.reserved.contains(id) { drop(id) }
    }

    func vacancy(on node: NodeID) -> Vacancy? { places[node].map { Vacancy(rooms[$0]) } }

    // MARK: What is asked

    mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        var decisions: [Decision] = []
        decisions.reserveCapacity(requests.count)
        guard var subject = requests.first?.subject else { return [] }
        var candidates = self.candidates(for: subject)
        for request in requests {
            if request.subject != subject {
                subject = request.subject
                candidates = self.candidates(for: subject)
            }
            decisions.append(place(request, among: &candidates, using: &entropy))
        }
        return decisions
    }

    private mutating func candidates(for subject: PlacementSubject) -> Candidates {
        let subject = Candidates.Subject(subject)
        let verdict = verdict(on: subject)
        return Candidates(subject, admitting: verdict.admitting, filtered: verdict.filtered, rooms: rooms)
    }

    private mutating func verdict(on subject: Candidates.Subject) -> Verdict {
        if let known = verdicts[subject.instance], known.job == subject.job { return known }
        let filter = NodeFilter(subject.job, subject.group)
        var admitting: [Int] = []
        var filtered: [String: Int] = [:]
        for (place, room) in rooms.enumerated() {
            if let rule = filter.failure(on: room.node) {
                filtered[rule, default: 0] += 1
            } else {
                admitting.append(place)
            }
        }
        if verdicts.count >= Self.mostVerdicts { verdicts.removeAll() }
        let verdict = Verdict(job: subject.job, admitting: admitting, filtered: filtered)
        verdicts[subject.instance] = verdict
        return verdict
    }

    private mutating func place(
        _ request: PlacementRequest, among candidates: inout Candidates, using entropy: inout Entropy
    ) -> Decision {
        let subject = candidates.subject
        guard held[request.allocation] == nil else {
            return .refused(Refusal(plain: "allocation \(request.allocation) has a node already"))
        }
        candidates.withhold(request.withheld)
        if let refusal = candidates.refusal { return .refused(refusal) }
        guard let best = candidates.best(avoiding: request.avoided, rooms: rooms),
            let resources = rooms[candidates.admitting[best.place]].allocate(subject.needs, using: &entropy)
        else {
            let refusal = Refusal(candidates, rooms: rooms)
            candidates.refusal = refusal
            return .refused(refusal)
        }
        let node = rooms[candidates.admitting[best.place]].node.id
        hold(Held(id: request.allocation, node: node, instance: subject.instance, resources: resources))
        reserved.insert(request.allocation)
        candidates.changed(best.place, rooms: rooms)
        return .placed(Placement(node: node, resources: resources, score: best.score))
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
