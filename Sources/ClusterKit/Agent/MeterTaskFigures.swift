/// Makes measurements of what a task used between two looks at it: a value without clocks or files.
struct MeterTaskFigures {
    /// The name of the machine.
    let host: String
    /// What a core is worth.
    let coreMHz: Int

    /// One look at a task.
    struct Look {
        var usage: TaskUsage
        var at: Uptime
    }

    /// What the two looks tell. Shares of time need both.
    func samples(of entry: MeterBoard.Entry, _ look: Look, since earlier: Look?) -> [Sample] {
        let labels = labels(of: entry)
        var samples: [Sample] = []
        func add(_ metric: Metric, _ value: Double?) {
            if let value { samples.append(Sample(metric, labels, .value(value))) }
        }
        let usage = look.usage
        let promised = entry.resources.cores > 0 ? entry.resources.cores * coreMHz : entry.resources.cpuMHz
        add(.taskCPUAllocated, Double(promised))
        add(.taskMemoryAllocated, Double(entry.resources.memoryMiB) * 1_048_576)
        if let earlier, look.at > earlier.at {
            let span = (look.at - earlier.at).fractionalSeconds
            // Less than before: processes ended whose time nobody counts any more.
            let user = max(0, (usage.userTime - earlier.usage.userTime).fractionalSeconds) / span
            let system = max(0, (usage.systemTime - earlier.usage.systemTime).fractionalSeconds) / span
            add(.taskCPUTicks, (user + system) * Double(coreMHz))
            add(.taskCPUPercent, (user + system) * 100)
            add(.taskCPUUser, user * 100)
            add(.taskCPUSystem, system * 100)
        }
        add(.taskThrottledTime, (usage.throttledTime?.nanoseconds).map(Double.init))
        add(.taskThrottledPeriods, usage.throttledPeriods.map(Double.init))
        add(.taskMemoryUsage, usage.memory.map(Double.init))
        add(.taskMemoryRSS, usage.residentMemory.map(Double.init))
        add(.taskMemoryCache, usage.cache.map(Double.init))
        add(.taskMemorySwap, usage.swap.map(Double.init))
        add(.taskMemoryMaxUsage, usage.peakMemory.map(Double.init))
        add(.taskMemoryKernel, usage.kernelMemory.map(Double.init))
        add(.taskProcesses, usage.processes.map(Double.init))
        for (mode, time) in [("user", usage.userTime), ("system", usage.systemTime)] {
            samples.append(Sample(.taskCPUSeconds, labels + [mode], .total(max(0, time.fractionalSeconds))))
        }
        return samples
    }

    /// How often a task was ended for taking too much memory. There is one from the task's first start on, so that the
    /// first time is seen as a step from 0.
    func sample(of name: MeterBoard.TaskName, memoryKills: Int) -> Sample {
        Sample(
            .taskMemoryKills, [host, name.job.id, name.job.namespace, name.task, name.group],
            .value(Double(memoryKills)))
    }

    private func labels(of entry: MeterBoard.Entry) -> [String] {
        [
            entry.allocation.description, host, entry.job.id, entry.job.namespace, entry.handle.task, entry.group,
        ]
    }

    /// What an allocation takes of the disk: what it was promised, and what the last whole look through its folder
    /// found, with the age of that.
    func samples(
        of id: AllocationID, _ place: MeterBoard.Place, _ found: DiskSurvey.Finding?, at now: Uptime
    ) -> [Sample] {
        let labels = [id.description, host, place.job.id, place.job.namespace, place.group]
        var samples = [Sample(.diskAllocated, labels, .value(Double(place.diskMiB) * 1_048_576))]
        if let found {
            samples.append(Sample(.diskUsage, labels, .value(Double(found.bytes))))
            samples.append(Sample(.diskFiles, labels, .value(Double(found.files))))
            samples.append(Sample(.diskAge, labels, .value(max(0, (now - found.at).fractionalSeconds))))
        }
        return samples
    }
}
