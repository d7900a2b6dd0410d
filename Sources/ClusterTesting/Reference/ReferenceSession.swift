package import ClusterKit

/// Something that holds room on a node.
struct ReferenceHolder: Sendable {
    var id: AllocationID
    var node: NodeID
    var job: JobID
    var group: String
    var resources: AllocatedResources
    /// The version of the job that it runs.
    var version = 0
    /// The priority of that version, filled in where it matters; `nil` when the version is not known.
    var priority: Int?
    var createTime = WallTime(nanoseconds: 0)
    /// Given by this session and not confirmed yet.
    var isReserved = false
    /// Meant to run on.
    var isLive = true
    /// Told to make room.
    var isGoing = false
}

/// All nodes and all that is held. What is held counts until its end is confirmed, also when it was told to make room.
package struct ReferenceSession: SchedulingSession {
    private(set) var rules: SchedulingRules
    /// By name, then identifier.
    private(set) var nodes: [Node]
    private(set) var holders: [NodeID: [ReferenceHolder]] = [:]
    private var homes: [AllocationID: NodeID] = [:]
    private var priorities: [JobID: [Int: Int]] = [:]
    /// What reservations told to end, by who told it.
    private var evictions: [AllocationID: [AllocationID]] = [:]

    package init(_ snapshot: Snapshot) {
        rules = snapshot.schedulingRules
        nodes = snapshot.nodes.sorted
        for record in snapshot.jobVersions.sorted { learn(record) }
        sortNodes()
        for allocation in snapshot.allocations.sorted { put(allocation) }
    }

    private mutating func sortNodes() { nodes.sort { ($0.name, $0.id) < ($1.name, $1.id) } }

    // MARK: What becomes true

    package mutating func apply(_ batch: ChangeBatch) -> FreedRoom {
        var freed = FreedRoom()
        for change in batch.changes {
            switch change {
            case .putJob(let record): learn(record)
            case .removeJob(let id): priorities[id] = nil
            case .removeJobVersion(let version):
                // The newest version is the job itself and stays.
                if priorities[version.job]?.keys.max() != version.version {
                    priorities[version.job]?[version.version] = nil
                }
            case .putAllocation(let allocation):
                if allocation.isTerminal, let node = homes[allocation.id] { freed.nodes.insert(node) }
                put(allocation)
            case .removeAllocation(let id):
                if let node = homes[id] { freed.nodes.insert(node) }
                drop(id)
            case .putNode(let node):
                nodes.removeAll { $0.id == node.id }
                nodes.append(node)
                sortNodes()
                freed.nodes.insert(node.id)
            case .removeNode(let id): nodes.removeAll { $0.id == id }
            case .putSchedulingRules(let rules): self.rules = rules
            default: break
            }
        }
        freed.nodes = freed.nodes.filter { id in nodes.contains { $0.id == id && $0.takesWork } }
        return freed
    }

    private mutating func learn(_ record: JobRecord) {
        priorities[record.job.id, default: [:]][record.version] = record.job.priority
    }

    private mutating func put(_ allocation: Allocation) {
        drop(allocation.id)
        guard !allocation.isTerminal else { return }
        var holder = ReferenceHolder(
            id: allocation.id, node: allocation.node, job: allocation.job, group: allocation.group,
            resources: allocation.resources, version: allocation.jobVersion, createTime: allocation.createTime)
        holder.isLive = allocation.isLive
        holder.isGoing = allocation.desired == .evict
        add(holder)
    }

    private mutating func add(_ holder: ReferenceHolder) {
        holders[holder.node, default: []].append(holder)
        homes[holder.id] = holder.node
    }

    private mutating func drop(_ id: AllocationID) {
        evictions[id] = nil
        if let node = homes.removeValue(forKey: id) { holders[node]?.removeAll { $0.id == id } }
    }

    // MARK: What is promised

    package mutating func place(_ requests: [PlacementRequest], using entropy: inout Entropy) -> [Decision] {
        requests.map { request in
            guard homes[request.allocation] == nil else {
                return .refused(Refusal(because: "the allocation has a node already"))
            }
            let verdicts = judge(request)
            guard let best = Self.best(of: verdicts), let offer = best.offer else {
                return .refused(Self.refusal(verdicts))
            }
            let here = (holders[best.node.id] ?? []).filter { !offer.evicting.contains($0.id) }
            let room = ReferenceRoom(best.node, here)
            let placement = Placement(
                node: best.node.id,
                resources: room.resources(for: request.subject.group, devices: offer.devices, using: &entropy),
                score: offer.score, evicting: offer.evicting)
            reserve(request, placement)
            return .placed(placement)
        }
    }

    /// The first of the best: lower tiers, then higher scores, then the order of names.
    package static func best(of verdicts: [ReferenceVerdict]) -> ReferenceVerdict? {
        var best: ReferenceVerdict?
        for verdict in verdicts {
            guard let offer = verdict.offer else { continue }
            guard let known = best?.offer else {
                best = verdict
                continue
            }
            if offer.tier < known.tier || offer.tier == known.tier && offer.score > known.score { best = verdict }
        }
        return best
    }

    private static func refusal(_ verdicts: [ReferenceVerdict]) -> Refusal {
        var refusal = Refusal()
        refusal.nodesEvaluated = verdicts.count
        for verdict in verdicts {
            switch verdict.opinion {
            case .takes: break
            case .forbids(let rule): refusal.filtered[rule, default: 0] += 1
            case .lacks(let resource): refusal.exhausted[resource, default: 0] += 1
            }
        }
        refusal.shortages = refusal.exhausted.keys.sorted() + (verdicts.isEmpty ? ["no nodes"] : [])
        return refusal
    }

    /// What is wrong with the ports, cores and amounts of a placement beside all that is held.
    package func mistake(in placement: Placement, for request: PlacementRequest) -> String? {
        guard let node = nodes.first(where: { $0.id == placement.node }) else { return "gives an unknown node" }
        let here = (holders[node.id] ?? []).filter { !placement.evicting.contains($0.id) }
        return ReferenceRoom(node, here).mistake(in: placement.resources, for: request.subject.group)
    }

    /// Whether an instance was told to make room.
    package func isGoing(_ id: AllocationID) -> Bool {
        let holder = homes[id].flatMap { holders[$0] }?.first { $0.id == id }
        return holder?.isGoing == true || evictions.values.contains { $0.contains(id) }
    }

    /// Takes a placement as its own, whoever chose it: what a comparison needs to go on from the same state.
    package mutating func reserve(_ request: PlacementRequest, _ placement: Placement) {
        var holder = ReferenceHolder(
            id: request.allocation, node: placement.node, job: request.subject.job.id,
            group: request.subject.group.name, resources: placement.resources)
        holder.isReserved = true
        add(holder)
        evictions[request.allocation] = placement.evicting
    }

    package mutating func release(_ reserved: [AllocationID]) {
        for id in reserved {
            guard let node = homes[id], holders[node]?.contains(where: { $0.id == id && $0.isReserved }) == true
            else { continue }
            drop(id)
        }
    }

    package func vacancy(on id: NodeID) -> Vacancy? {
        guard let node = nodes.first(where: { $0.id == id }) else { return nil }
        let (empty, room) = (ReferenceRoom(node, []), ReferenceRoom(node, holders[id] ?? []))
        // Where more is kept back than there is, the whole counts as 0; what is held is then missing.
        let left = { (amounts: (Double, Double)) in Int(max(0, amounts.0) - (amounts.0 - amounts.1)) }
        return Vacancy(
            cpuMHz: left((empty.free.cpu, room.free.cpu)), memoryMiB: left((empty.free.memory, room.free.memory)),
            diskMiB: left((empty.free.disk, room.free.disk)), cores: room.freeCores.count)
    }

    // MARK: Judging

    /// What is thought of each node, in the order of names. Nodes on which the instance would wait for those who make
    /// room already come into question only when none takes it as it is, and those on which others would be told to
    /// end only when there are no such nodes either.
    package func judge(_ request: PlacementRequest) -> [ReferenceVerdict] {
        let tally = ReferenceTally(request.subject, nodes: nodes, holders: holders)
        let verdicts = nodes.map { node in
            ReferenceVerdict(node: node, opinion: opinion(of: node, on: request, tally))
        }
        guard !verdicts.contains(where: { $0.offer != nil }) else { return verdicts }
        if let verdict = replacing(request) { return verdicts.map { $0.node.id == verdict.node.id ? verdict : $0 } }
        guard rules.preempting.contains(request.subject.job.kind) else { return verdicts }
        let offers = verdicts.map { verdict -> ReferenceOffer? in
            guard case .lacks = verdict.opinion else { return nil }
            return preempting(on: verdict.node, for: request, tally)
        }
        let mustTell = !offers.contains { $0?.tellsNobody == true }
        return zip(verdicts, offers).map { verdict, offer in
            guard let offer, mustTell || offer.tellsNobody else { return verdict }
            return ReferenceVerdict(node: verdict.node, opinion: .takes(offer))
        }
    }

    /// What the node thinks where the one runs that is to be replaced, as if that had ended; `nil` when it cannot end
    /// for this one, or the node does not take this one even so.
    private func replacing(_ request: PlacementRequest) -> ReferenceVerdict? {
        guard let id = request.replacing, let home = homes[id], let node = nodes.first(where: { $0.id == home }),
            let old = holders[home]?.first(where: { $0.id == id }), old.job == request.subject.job.id,
            old.group == request.subject.group.name, old.isLive, !old.isReserved, !isGoing(id)
        else { return nil }
        var trial = self
        trial.drop(id)
        let tally = ReferenceTally(request.subject, nodes: nodes, holders: trial.holders)
        guard case .takes(var offer) = trial.opinion(of: node, on: request, tally) else { return nil }
        offer.evicting = [id]
        return ReferenceVerdict(node: node, opinion: .takes(offer))
    }

    private func opinion(
        of node: Node, on request: PlacementRequest, _ tally: ReferenceTally
    ) -> ReferenceVerdict.Opinion {
        let here = holders[node.id] ?? []
        if let rule = ReferenceRules.broken(by: node, request, here, tally) { return .forbids(rule) }
        let room = ReferenceRoom(node, here)
        if let resource = room.shortage(for: request.subject.group) { return .lacks(resource) }
        return .takes(offer(on: room, beside: here, for: request, tally))
    }

    /// How a node that lacks nothing would take the instance.
    private func offer(
        on room: ReferenceRoom, beside here: [ReferenceHolder], for request: PlacementRequest, _ tally: ReferenceTally
    ) -> ReferenceOffer {
        let group = request.subject.group
        let choice = ReferenceDevices.choice(for: group, on: room.node, taken: room.devices)
        var parts = ReferenceScore.parts(of: room, beside: here, for: request, algorithm: rules.algorithm)
        parts["devices"] = choice.flatMap { ReferenceDevices.part($0, for: group) }
        parts["allocation-spread"] = tally.spreadPart(of: room.node, count: group.count)
        return ReferenceOffer(
            tier: ReferenceRules.tier(of: room.node, request.subject) ?? .max, parts: parts,
            devices: choice?.given ?? [], free: [room.free.cpu, room.free.memory, room.free.disk])
    }

    private func preempting(
        on node: Node, for request: PlacementRequest, _ tally: ReferenceTally
    ) -> ReferenceOffer? {
        let told = Set(evictions.values.joined())
        let here = (holders[node.id] ?? []).map { holder in
            var holder = holder
            if told.contains(holder.id) { holder.isGoing = true }
            holder.priority = priorities[holder.job]?[holder.version]
            return holder
        }
        let preemption = ReferencePreemption(node: node, here: here, subject: request.subject)
        guard let (told, awaited) = preemption.ends() else { return nil }
        let ends = told + awaited
        let left = here.filter { holder in !ends.contains { $0.id == holder.id } }
        var offer = offer(on: ReferenceRoom(node, left), beside: here, for: request, tally)
        offer.parts["preemption"] = ReferencePreemption.part(told)
        offer.evicting = ends.map(\.id)
        offer.tellsNobody = told.isEmpty
        return offer
    }
}
