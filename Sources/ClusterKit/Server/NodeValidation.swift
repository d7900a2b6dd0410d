extension Node {
    /// Sums of amounts up to this cannot overflow, however many nodes and allocations there are.
    private static let most = 1 << 40

    /// What is wrong with the description of a machine; `nil` when it can be stored.
    var mistake: String? {
        guard !name.isEmpty, name.utf8.count <= 256 else { return "its name must have 1 to 256 bytes" }
        let amounts = [capacity, reserved].flatMap { [$0.cpuMHz, $0.memoryMiB, $0.diskMiB] }
        guard amounts.allSatisfy({ (0...Self.most).contains($0) }) else {
            return "its amounts of cpu, memory and disk must lie in 0...\(Self.most)"
        }
        guard reserved.fits(in: capacity) else { return "it keeps back more than it has" }
        guard (0...65_536).contains(cores) else { return "its cores must lie in 0...65536, they are \(cores)" }
        let ports = reservedPorts + [dynamicPorts.lowerBound, dynamicPorts.upperBound]
        guard ports.allSatisfy({ (1...65_535).contains($0) }) else { return "its ports must lie in 1...65535" }
        return nil
    }
}
