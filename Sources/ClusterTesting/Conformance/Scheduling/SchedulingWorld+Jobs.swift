package import ClusterKit

/// Jobs, most of which fit somewhere.
extension SchedulingWorld {
    /// A job with one or two groups.
    package mutating func newJob() -> Job {
        let kind = chance(80) ? JobKind.service : pick(.batch, .system, .sysbatch)
        var groups: [TaskGroup] = []
        for number in 0...below(2) { groups.append(newGroup("g\(number)", kind)) }
        var job = Job(id: JobID("j\(below(12))"), kind: kind, groups: groups)
        if character.preempts { job.priority = pick(10, 20, 45, 50, 55, 60, 90) }
        job.datacenters = chance(75) ? ["*"] : pick(["dc*"], ["dc1", "*-1"], ["dc1"])
        job.nodePool = chance(50) ? "all" : chance(85) ? "default" : "gpu"
        if chance(15) { job.constraints.append(newConstraint()) }
        if chance(5) { job.constraints.append(Constraint("", .distinctHosts, chance(20) ? "false" : "")) }
        if isRich() { job.affinities = newAffinities() }
        if isRich() { job.spreads.append(newSpread()) }
        if chance(character.richness / 4) { job.constraints.append(newDistinctProperty()) }
        return job
    }

    /// Whether something that is not everyday is used.
    private mutating func isRich() -> Bool { chance(character.richness) && chance(60) }

    private mutating func newGroup(_ name: String, _ kind: JobKind) -> TaskGroup {
        var group = TaskGroup(name: name, count: chance(90) ? 1 + below(6) : 40, kind: kind)
        for task in 0...below(2) { group.tasks.append(newTask("t\(task)")) }
        group.disk.sizeMiB = 100 + 50 * below(10)
        group.network = newNetwork()
        if chance(20) { group.constraints.append(newConstraint()) }
        if chance(10) { group.constraints.append(Constraint("", .distinctHosts)) }
        if chance(character.richness / 4) { group.constraints.append(newDistinctProperty()) }
        if isRich() { group.affinities = newAffinities() }
        if isRich() { group.spreads = (0...below(2)).map { _ in newSpread() } }
        if chance(20) {
            group.nodePools = pick(
                ["gpu", "default"], ["edge", "gpu", "all"], ["default", "all"], ["edge"], ["all", "gpu"],
                ["gpu", "all", "edge"])
        }
        if chance(15) { group.volumes = [newVolume()] }
        return group
    }

    private mutating func newVolume() -> VolumeRequest {
        VolumeRequest(name: "v", source: chance(97) ? pick("data", "cache") : "none", readOnly: chance(50))
    }

    private mutating func newTask(_ name: String) -> TaskSpec {
        var task = TaskSpec(name: name, driver: chance(92) ? "raw_exec" : "docker")
        // Round amounts make ties, odd ones show what rounding hides.
        task.resources.cpuMHz = chance(50) ? 250 * (1 + below(4)) : 100 + below(900)
        task.resources.memoryMiB = chance(50) ? 256 * (1 + below(4)) : 64 + below(1000)
        // Whoever makes room for a small one leaves something over.
        if character.preempts, chance(15) { task.resources.memoryMiB *= 1 + below(2 * character.density) }
        if chance(3) { task.resources.memoryMiB = 100_000 }
        if chance(20) {
            task.resources.cpuMHz = 0
            task.resources.cores = 1 + below(3)
        }
        if chance(3) { (task.resources.cpuMHz, task.resources.memoryMiB) = (0, 0) }
        if chance(20) { task.resources.memoryMaxMiB = task.resources.memoryMiB * 4 }
        if chance(6) { task.constraints = [newConstraint()] }
        if isRich(), chance(30) { task.affinities = newAffinities() }
        if isRich(), chance(70) { task.resources.devices = (0...below(2)).map { _ in newDeviceRequest() } }
        return task
    }

    private mutating func newNetwork() -> NetworkSpec? {
        guard chance(50) else { return nil }
        var network = NetworkSpec()
        for number in 0..<below(4) { network.ports.append(PortSpec(label: "p\(number)")) }
        if chance(30) {
            network.ports.insert(
                PortSpec(label: "fixed", number: pick(80, 8080, 20_012, 20_005)), at: below(network.ports.count + 1))
        }
        if chance(3) { network.ports.append(PortSpec(label: "twice", number: 80)) }
        return network
    }

    private mutating func newAffinities() -> [Affinity] {
        (0...below(3)).map { _ in
            let rule = newConstraint()
            let weight = chance(50) ? pick(50, 100, -50, -100) : pick(1, -1) * (1 + below(100))
            return Affinity(rule.attribute, rule.comparison, rule.value, weight: weight)
        }
    }

    private mutating func newSpread() -> Spread {
        let weight = chance(50) ? 50 : 1 + below(100)
        switch below(8) {
        case 0...2: return Spread("${meta.rack}", weight: weight)
        case 3: return Spread("${node.datacenter}", weight: weight)
        case 4: return Spread("${attr.unique.tag}", weight: weight)
        case 5:
            let share = 10 * below(11)
            let targets = [SpreadTarget("dc1", percent: share), SpreadTarget("dc2", percent: 100 - share)]
            return Spread("${node.datacenter}", weight: weight, targets: targets)
        case 6:
            let targets = [SpreadTarget("r0", percent: pick(20, 33, 50)), SpreadTarget("r1", percent: pick(0, 33))]
            return Spread("${meta.rack}", weight: weight, targets: targets)
        default: return Spread("${node.class}", weight: weight, targets: [SpreadTarget("big", percent: pick(70, 100))])
        }
    }

    private mutating func newDistinctProperty() -> Constraint {
        Constraint(
            pick("${meta.rack}", "${node.datacenter}", "${attr.unique.tag}"), .distinctProperty, pick("", "1", "2", "3")
        )
    }
}
