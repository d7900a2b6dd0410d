#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How well an instance fits: the mean of the parts that are present, as Nomad computes it, so that what people know of
/// that holds here.
struct FitScore {
    /// By Nomad's name: how full the node becomes, from 0 to 1.
    let binpack: Double
    /// By Nomad's name `job-anti-affinity`: present when the node runs instances of the group already.
    let antiAffinity: Double?
    /// By Nomad's name `node-reschedule-penalty`: present when the instance failed there.
    let penalty: Double?

    /// Scores `needs` on `room`, where `siblings` of `count` wanted instances are already.
    init(_ needs: GroupNeeds, on room: NodeRoom, siblings: Int, count: Int, avoided: Bool) {
        let cpu = Self.freeShare(room.cpu, room.freeCPU &- needs.cpu(coreShare: room.coreShare))
        let memory = Self.freeShare(room.memory, room.freeMemory &- needs.memory)
        binpack = Self.fit(freeCPU: cpu, freeMemory: memory)
        antiAffinity = siblings > 0 ? -Double(siblings + 1) / Double(max(1, count)) : nil
        penalty = avoided ? -1 : nil
    }

    /// `20 - 10^freeCPU - 10^freeMemory`, held within 0 to 18 and divided by 18; both are shares from 0 to 1.
    static func fit(freeCPU: Double, freeMemory: Double) -> Double {
        min(max(20 - (pow(10, freeCPU) + pow(10, freeMemory)), 0), 18) / 18
    }

    private static func freeShare(_ total: Int, _ free: Int) -> Double {
        total > 0 ? Double(free) / Double(total) : 0
    }

    /// The score that nodes are compared by.
    var mean: Double {
        var (sum, count) = (binpack, 1.0)
        if let antiAffinity { (sum, count) = (sum + antiAffinity, count + 1) }
        if let penalty { (sum, count) = (sum + penalty, count + 1) }
        return sum / count
    }

    /// The parts by Nomad's names.
    var parts: [String: Double] {
        var parts = ["binpack": binpack]
        parts["job-anti-affinity"] = antiAffinity
        parts["node-reschedule-penalty"] = penalty
        return parts
    }
}
