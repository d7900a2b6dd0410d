extension Server: SampleLink {
    /// Passes on what an agent measured. What is not for agents to measure, or is about other machines' allocations, is
    /// dropped and counted; whatever an agent says its machine is called, the series carry the node's registered name.
    public func record(_ samples: [Sample], from node: NodeID) async throws {
        let snapshot = snapshot
        guard let known = snapshot.nodes[node] else {
            throw ClusterError(.notFound, "node \(node.short) is not known; register first")
        }
        var check = SampleCheck(node: known, snapshot: snapshot)
        let taken = samples.compactMap { check.checked($0) }
        metrics.record(taken)
        if taken.count < samples.count {
            let count = Double(samples.count - taken.count)
            metrics.record([Sample(.droppedSamples, [Metric.DropReason.unknown.rawValue], .increment(count))])
        }
    }

    /// What can be said of the server and its state now: to go beside what was recorded, when figures are asked for.
    public var figures: [Sample] {
        ServerFigures.samples(of: snapshot, host: configuration.name, at: time.now().wall) + ProcessFigures.samples()
    }
}

/// Decides what of an agent's measurements is taken.
private struct SampleCheck {
    let node: Node
    let snapshot: Snapshot
    private var owned: [String: Bool] = [:]

    /// Enough for every name that a job may have.
    private static let longestLabel = 512

    init(node: Node, snapshot: Snapshot) {
        self.node = node
        self.snapshot = snapshot
    }

    mutating func checked(_ sample: Sample) -> Sample? {
        let metric = sample.metric
        guard metric.isMeasuredByAgents, Metric.named(metric.name) == metric,
            sample.labels.count == metric.labels.count,
            sample.labels.allSatisfy({ $0.utf8.count <= Self.longestLabel })
        else { return nil }
        var sample = sample
        for (place, label) in metric.labels.enumerated() {
            switch label {
            case "host": sample.labels[place] = node.name
            case "node_id": sample.labels[place] = node.id.description
            case "alloc_id": guard owns(sample.labels[place]) else { return nil }
            default: break
            }
        }
        return sample
    }

    private mutating func owns(_ text: String) -> Bool {
        if let known = owned[text] { return known }
        let answer = AllocationID(text).flatMap { snapshot.allocations[$0] }?.node == node.id
        owned[text] = answer
        return answer
    }
}
