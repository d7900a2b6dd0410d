/// How well an instance fits: the mean of the parts that are present, as Nomad computes it, so that what people know of
/// that holds here.
struct FitScore {
    /// How full the node becomes, from 0 to 1; how empty it stays where the cluster spreads.
    var binpack: Double
    /// Present when the wishes about devices have weight: which share of it the chosen devices meet.
    var devices: Double?
    /// Present when the node runs instances of the group already.
    var antiAffinity: Double?
    /// Present when the node meets wishes of the job, and they do not cancel out.
    var affinity: Double?
    /// What the embedder's own measures add.
    var locality = PartSum()
    /// Present when the instance failed there.
    var penalty: Double?
    /// Present when the spreads of the job say something about the node.
    var spread: Double?
    /// Present when other work has to end there: the less that matters, the higher.
    var preemption: Double?

    /// `20 - 10^freeCPU - 10^freeMemory`, held within 0 to 18 and divided by 18; both are shares from 0 to 1. A cluster
    /// that spreads has `10^freeCPU + 10^freeMemory - 2` instead.
    static func fit(freeCPU: Double, freeMemory: Double, algorithm: PlacementAlgorithm = .binpack) -> Double {
        PlacementScore.score(freeCPU: freeCPU, freeMemory: freeMemory, goal: algorithm)
    }

    /// No more than this is given for packing where `left` stays free beside the instance before anything ends.
    static func packingBound(left: PlacementIndex.Amounts, of capacity: PlacementIndex.Amounts) -> Double {
        let (cpu, memory) = (max(0, left.cpu), max(0, left.memory))
        // So it is on most nodes where others have to make room: what is free is used up.
        if cpu == 0 && memory == 0 { return 1 }
        return fit(
            freeCPU: PlacementScore.share(cpu, of: capacity.cpu),
            freeMemory: PlacementScore.share(memory, of: capacity.memory))
    }

    /// The part for wishes of which `matched` of a weight of `total` is met; `nil` when it is 0.
    static func affinity(matched: Double, total: Double) -> Double? {
        matched == 0 || total == 0 ? nil : matched / total
    }

    /// The part for `siblings` of `count` instances that are on the node; `nil` when none is.
    static func antiAffinity(siblings: Int, count: Int) -> Double? {
        siblings > 0 ? -Double(siblings + 1) / Double(max(1, count)) : nil
    }

    /// The parts that change only with the node itself.
    var own: PartSum {
        var sum = PartSum(binpack)
        sum.add(preemption)
        sum.add(devices)
        sum.add(antiAffinity)
        sum.add(affinity)
        sum.add(locality)
        return sum
    }

    /// The score that nodes are compared by.
    var mean: Double { own.mean(penalty: penalty, spread: spread) }

    /// The parts by Nomad's names.
    var parts: [String: Double] {
        var parts = ["binpack": binpack]
        parts["devices"] = devices
        parts["job-anti-affinity"] = antiAffinity
        parts["node-affinity"] = affinity
        parts["node-reschedule-penalty"] = penalty
        parts["allocation-spread"] = spread
        parts["preemption"] = preemption
        return parts
    }
}

/// Some parts of a score, added up.
struct PartSum: Hashable, Sendable {
    private(set) var sum = 0.0
    private(set) var count = 0.0

    /// No part yet.
    init() {}

    /// One part.
    init(_ part: Double) { add(part) }

    /// The parts `binpack` and `preemption`, whose sum is `worth`.
    init(worth: Double) { (sum, count) = (worth, 2) }

    /// So many parts, whose sum is `sum`.
    init(sum: Double, count: Int) { (self.sum, self.count) = (sum, Double(count)) }

    /// How many parts there are.
    var parts: Int { Int(count) }

    mutating func add(_ part: Double?) {
        guard let part else { return }
        sum += part
        count += 1
    }

    mutating func add(_ other: PartSum) {
        sum += other.sum
        count += other.count
    }

    /// The mean with the two parts that depend on the request and on other nodes.
    func mean(penalty: Double?, spread: Double?) -> Double {
        var all = self
        all.add(penalty)
        all.add(spread)
        return all.count > 0 ? all.sum / all.count : 0
    }
}

extension GroupNeeds {
    /// The part `binpack` on `room`, as it will be with the instance there.
    func binpack(on room: NodeRoom.Gauge, _ algorithm: PlacementAlgorithm) -> Double {
        binpack(on: room, freeing: .none, algorithm)
    }

    /// The same when `amounts` come free before.
    func binpack(
        on room: NodeRoom.Gauge, freeing amounts: PlacementIndex.Amounts, _ algorithm: PlacementAlgorithm
    ) -> Double {
        FitScore.fit(
            freeCPU: PlacementScore.share(
                room.freeCPU &+ amounts.cpu &- cpu(coreShare: room.coreShare), of: room.cpu),
            freeMemory: PlacementScore.share(room.freeMemory &+ amounts.memory &- memory, of: room.memory),
            algorithm: algorithm)
    }

    /// No more than that when up to `amounts` come free before. Packing is best where just enough does, spreading where
    /// all does.
    func binpackBound(
        on room: NodeRoom.Gauge, freeing amounts: PlacementIndex.Amounts, _ algorithm: PlacementAlgorithm
    ) -> Double {
        guard algorithm == .binpack else { return binpack(on: room, freeing: amounts, algorithm) }
        return FitScore.packingBound(
            left: .init(cpu: room.freeCPU &- cpu(coreShare: room.coreShare), memory: room.freeMemory &- memory),
            of: .init(cpu: room.cpu, memory: room.memory))
    }
}
