/// Placement through the index.
extension BinPackSession {
    /// The nodes for `subject` by way of the index; `nil` where looking at all nodes is quicker, or the only way.
    mutating func indexedCandidates(for subject: PlacementSubject) -> IndexedCandidates? {
        guard rooms.count >= indexedFrom, localities.isEmpty else { return nil }
        if field.isEmpty { field = NodeField(rooms) }
        guard let outlook = classOutlook(for: subject, field.classes) else { return nil }
        return IndexedCandidates(outlook, held: held, in: surroundings, field: &field)
    }

    var surroundings: IndexedCandidates.Surroundings {
        IndexedCandidates.Surroundings(rooms: rooms, places: places, algorithm: schedulingRules.algorithm)
    }

    private mutating func classOutlook(for subject: PlacementSubject, _ classes: NodeClasses) -> Outlook? {
        let key = subject.key
        if let known = classOutlooks[key], known.rules.subject == subject { return known }
        let rules = SubjectRules(subject)
        // Wishes about devices depend on which of them are free on each node.
        guard !rules.namesSingleNodes, rules.needs.deviceWeight == 0 else { return nil }
        if classOutlooks.count >= Self.mostOutlooks { classOutlooks.removeAll() }
        let outlook = Outlook(rules, classes.samples)
        classOutlooks[key] = outlook
        return outlook
    }

    /// Answers the requests of one run. `candidates` are for their subject.
    mutating func place(
        _ run: ArraySlice<PlacementRequest>, among candidates: inout IndexedCandidates, using entropy: inout Entropy,
        into decisions: inout [Decision]
    ) {
        var rest = run
        var nodewise: NodewiseLook?
        while let request = rest.first {
            let placed = nodewise == nil ? placeAlike(rest, among: &candidates, into: &decisions) : 0
            rest = rest.dropFirst(placed)
            if placed > 0 { continue }
            decisions.append(place(request, among: &candidates, &nodewise, using: &entropy))
            rest = rest.dropFirst()
        }
    }

    /// Places the requests at the front of `run`, as long as they are ordinary, may use the same nodes, and there is
    /// room for them. Returns how many those are.
    private mutating func placeAlike(
        _ run: ArraySlice<PlacementRequest>, among candidates: inout IndexedCandidates,
        into decisions: inout [Decision]
    ) -> Int {
        guard candidates.rules.needs.isPlain, let withheld = run.first?.withheld else { return 0 }
        candidates.exclude(withheld, in: surroundings, field: &field)
        guard !candidates.hasRefused, let first = candidates.best(rooms, &field, wanted: run.count) else { return 0 }
        let amounts = candidates.rules.needs.amounts
        let resources = candidates.rules.needs.plainResources
        // One value for all answers, for most of it they have in common.
        var placement = Placement(node: rooms[first.place].node.id, resources: resources, score: first.score)
        var lease: HolderTable.Lease?
        var count = 0
        candidates.expect(min(run.count, rooms.count))
        let isNew = held.lacksAll(run.lazy.map(\.allocation))
        let ordinary = run.indices.prefix {
            run[$0].isOrdinary && run[$0].withheld == withheld && (isNew || !held.contains(run[$0].allocation))
        }
        for number in ordinary {
            guard let pick = candidates.best(rooms, &field, wanted: ordinary.endIndex - number) else { break }
            let known = lease ?? self.lease(of: candidates.rules.groupKey, resources)
            lease = known
            // One of them may be there twice.
            guard let node = reserve(run[number].allocation, known, amounts, at: pick.place) else { break }
            candidates.willTake(pick.place, field: &field)
            candidates.didTake(pick.place, in: rooms, field)
            (placement.node, placement.nodeName, placement.score) = (node, rooms[pick.place].name, pick.score)
            decisions.append(.placed(placement))
            count += 1
        }
        return count
    }

    // The same steps as the other place(_:among:…); whoever changes one changes both.
    mutating func place(
        _ request: PlacementRequest, among candidates: inout IndexedCandidates, _ nodewise: inout NodewiseLook?,
        using entropy: inout Entropy
    ) -> Decision {
        if let refusal = refusal(of: request) { return .refused(refusal) }
        candidates.exclude(request.withheld, in: surroundings, field: &field)
        let refusal = candidates.refusal(of: request)
        if let refusal, request.replacing == nil { return .refused(refusal) }
        guard refusal == nil, let pick = candidates.best(for: request, in: surroundings, field: &field),
            let resources = allocate(candidates.rules.needs, at: pick.place, using: &entropy)
        else {
            if let placement = replace(for: request, among: &candidates, &nodewise, using: &entropy) {
                return .placed(placement)
            }
            if let refusal { return .refused(refusal) }
            let isSearched = searchesStretches(for: candidates.rules.needs)
            if isSearched, let (place, placement) = preempt(for: request, among: candidates, using: &entropy) {
                candidates.willTake(place, field: &field)
                candidates.didTake(place, in: rooms, field)
                nodewise?.noteInstance(atPlace: place, in: self)
                return .placed(placement)
            }
            // Why nobody takes it, and who makes room where stretches cannot tell, is asked of all nodes.
            var look = take(&nodewise, for: request)
            defer { nodewise = look }
            if !isSearched, let (pick, placement) = preempt(for: request, among: &look, using: &entropy) {
                candidates.willTake(pick.place, field: &field)
                candidates.didTake(pick.place, in: rooms, field)
                return .placed(placement)
            }
            let refusal = Refusal(request, look.candidates, rooms: rooms, places: places)
            candidates.refuse(request, refusal)
            return .refused(refusal)
        }
        candidates.willTake(pick.place, field: &field)
        let node = reserve(request, candidates.rules.groupKey, resources, at: pick.place)
        candidates.didTake(pick.place, in: rooms, field)
        nodewise?.noteInstance(atPlace: pick.place, in: self)
        return .placed(
            Placement(node: node, nodeName: rooms[pick.place].name, resources: resources, score: pick.score))
    }

    /// The look at all nodes, which is made when it is first needed and goes back to where it was.
    mutating func take(_ nodewise: inout NodewiseLook?, for request: PlacementRequest) -> NodewiseLook {
        var look = nodewise ?? NodewiseLook(candidates: candidates(for: request.subject))
        nodewise = nil
        look.exclude(request.withheld, in: self)
        return look
    }

    private func allocate(
        _ needs: GroupNeeds, at place: Int, using entropy: inout Entropy
    ) -> AllocatedResources? {
        needs.isPlain ? needs.plainResources : rooms[place].allocate(needs, using: &entropy)
    }
}

extension GroupNeeds {
    /// What an instance gets that asks for nothing but amounts.
    fileprivate var plainResources: AllocatedResources {
        AllocatedResources(total: Resources(cpuMHz: cpu, memoryMiB: memory, diskMiB: disk))
    }

    fileprivate var amounts: PlacementIndex.Amounts { PlacementIndex.Amounts(cpu: cpu, memory: memory, disk: disk) }
}
