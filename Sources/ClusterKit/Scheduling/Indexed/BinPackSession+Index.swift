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
        IndexedCandidates.Surroundings(rooms: rooms, places: places, algorithm: rules.algorithm)
    }

    private mutating func classOutlook(for subject: PlacementSubject, _ classes: NodeClasses) -> Outlook? {
        let key = InstanceKey(job: subject.job.id, group: subject.group.name)
        if let known = classOutlooks[key], known.rules.subject == subject { return known }
        let rules = SubjectRules(subject)
        // Wishes about devices depend on which of them are free on each node.
        guard !rules.namesSingleNodes, rules.needs.deviceWeight == 0 else { return nil }
        if classOutlooks.count >= Self.mostOutlooks { classOutlooks.removeAll() }
        let outlook = Outlook(rules, classes.samples)
        classOutlooks[key] = outlook
        return outlook
    }

    mutating func place(
        _ request: PlacementRequest, among candidates: inout IndexedCandidates, _ second: inout SecondLook?,
        using entropy: inout Entropy
    ) -> Decision {
        if let refusal = refusal(of: request) ?? candidates.refusal(of: request) { return .refused(refusal) }
        guard let pick = candidates.best(for: request, in: surroundings, field: &field),
            let resources = allocate(candidates.rules.needs, at: pick.place, using: &entropy)
        else {
            let isSearched = searchesBlocks(for: candidates.rules.needs)
            if isSearched, let (place, placement) = preempt(for: request, among: candidates, using: &entropy) {
                candidates.takes(place, field: &field)
                candidates.took(place, in: surroundings)
                second?.changed(at: place, in: self)
                return .placed(placement)
            }
            // Why nobody takes it, and who makes room where stretches cannot tell, is asked of all nodes.
            var look = second ?? SecondLook(candidates: self.candidates(for: request.subject))
            second = nil
            defer { second = look }
            if !isSearched, let (pick, placement) = preempt(for: request, among: &look, using: &entropy) {
                candidates.takes(pick.place, field: &field)
                candidates.took(pick.place, in: surroundings)
                return .placed(placement)
            }
            let refusal = Refusal(request, look.candidates, rooms: rooms, places: places)
            candidates.refuse(request, refusal)
            return .refused(refusal)
        }
        candidates.takes(pick.place, field: &field)
        let node = reserve(request, candidates.rules.instance, resources, at: pick.place)
        candidates.took(pick.place, in: surroundings)
        second?.changed(at: pick.place, in: self)
        return .placed(Placement(node: node, resources: resources, score: pick.score))
    }

    private func allocate(
        _ needs: GroupNeeds, at place: Int, using entropy: inout Entropy
    ) -> AllocatedResources? {
        guard needs.isPlain else { return rooms[place].allocate(needs, using: &entropy) }
        return AllocatedResources(
            total: Resources(cpuMHz: needs.cpu, memoryMiB: needs.memory, diskMiB: needs.disk))
    }
}
