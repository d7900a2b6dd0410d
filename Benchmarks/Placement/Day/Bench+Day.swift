import ClusterKit

/// A recorded day, played forward by the code of the servers.
extension Bench {
    /// Machines in use over the lower bound, mean over the day; on standard error how long instances waited.
    func day() throws -> [Figure] {
        var figure = figure(.day)
        figure.workload = "day"
        let day = BuildDay(machines: machines.count, seed: seed)
        let submissions = day.entries.enumerated().map { number, entry in
            let kind: JobKind = entry.length == nil ? .service : .batch
            let task = TaskSpec(
                name: "work", driver: "raw_exec", config: ["command": "/bin/true"],
                resources: TaskResources(cpuMHz: entry.shape.cpu, memoryMiB: entry.shape.memory))
            let group = TaskGroup(
                name: "all", tasks: [task], disk: EphemeralDisk(sizeMiB: entry.shape.disk), kind: kind)
            return Submission(
                after: .seconds(entry.second), job: Job(id: JobID("job-\(number)"), kind: kind, groups: [group]),
                lasting: entry.length.map { .seconds($0) })
        }
        var simulation = Simulation(
            of: machines.snapshot(), at: WallTime(nanoseconds: 1_800_000_000_000_000_000), seed: seed)
        try simulation.plan(submissions)
        var (used, bounds, cpu, samples, seconds) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for _ in 0..<(BuildDay.length / 600) {
            seconds += Clocks.measure { simulation.advance(by: .seconds(600)) }
            let packing = Packing(of: simulation.snapshot)
            used += Double(packing.used)
            bounds += Double(packing.lowerBound)
            cpu += packing.cpuShare
            samples += 1
        }
        let report = simulation.report
        (figure.nodesUsed, figure.lowerBound) = (used / samples, bounds / samples)
        figure.placements = report.starts.count
        figure.seconds = seconds
        figure.perSecond = Double(report.starts.count) / seconds
        let waits = report.waits
        let (most, all) = (waits.p95.components.seconds, waits.longest.components.seconds)
        let line =
            "day on \(machines.count) machines: \(submissions.count) came in, processors "
            + "\(Int(cpu / samples * 100)) % held; \(waits.waiting) waited, 95 of 100 at most \(most) s, "
            + "none longer than \(all) s; \(report.failures.count) failures"
        Remark.say(line)
        return [figure]
    }
}
