/// What an instance asks for that others may have to make room for, without what it asks of cores and devices.
struct PreemptionAsk: Hashable, Sendable {
    let cpu: Int
    let memory: Int
    let disk: Int
    /// In ascending order, 0 for those that placement chooses.
    let ports: [Int]
    /// The highest priority that gives way.
    let limit: Int
    let algorithm: PlacementAlgorithm

    func fits(in amounts: PlacementIndex.Amounts) -> Bool {
        memory <= amounts.memory && cpu <= amounts.cpu && disk <= amounts.disk
    }

    /// The best that packing may give where `free` is there before anything ends.
    func bestFit(free: PlacementIndex.Amounts, of capacity: PlacementIndex.Amounts) -> Double {
        FitScore.packingBound(
            left: PlacementIndex.Amounts(cpu: free.cpu &- cpu, memory: free.memory &- memory), of: capacity)
    }

    /// How many have to end at least where no more than `free` is there, and none holds more than `largest`; `nil`
    /// where all would not do.
    func fewest(free: PlacementIndex.Amounts, largest: PlacementIndex.Amounts) -> Int? {
        guard let byCPU = Self.fewest(cpu, free.cpu, largest.cpu),
            let byMemory = Self.fewest(memory, free.memory, largest.memory),
            let byDisk = Self.fewest(disk, free.disk, largest.disk)
        else { return nil }
        return max(byCPU, byMemory, byDisk)
    }

    private static func fewest(_ ask: Int, _ free: Int, _ largest: Int) -> Int? {
        if ask <= free { return 1 }
        return largest > 0 ? (ask &- free &- 1) / largest &+ 1 : nil
    }
}
