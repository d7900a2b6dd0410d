extension JobValidation {
    static func checkTask(
        _ task: TaskSpec, of kind: JobKind, into found: inout MistakeCollector, _ path: JobPath
    ) {
        if let mistake = JobNames.mistake(inTask: task.name) { found.add(path, "the task's name \(mistake)") }
        if task.driver.isEmpty {
            found.add(path.attribute("driver"), "must say how the task runs, \"raw_exec\" for example")
        } else if let mistake = JobNames.mistake(in: task.driver) {
            found.add(path.attribute("driver"), mistake)
        }
        checkConfig(.object(task.config), path.block("config"), into: &found)
        checkEnvironment(task.environment, path.block("env"), into: &found)
        checkResources(task.resources, path.block("resources"), into: &found)
        checkDevices(task.resources.devices, of: kind, in: path.block("resources"), into: &found)
        checkConstraints(task.constraints, in: path, of: .task, into: &found)
        checkAffinities(task.affinities, of: kind, in: path, about: .task, into: &found)
        checkMeta(task.meta, path.block("meta"), into: &found)
        found.duration(task.killTimeout, path.attribute("kill_timeout"))
        found.duration(task.shutdownDelay, path.attribute("shutdown_delay"))
        if let signal = task.killSignal, !SignalNames.all.contains(signal) {
            found.add(
                path.attribute("kill_signal"),
                "no signal is called \(signal.quotedForDisplay); use \"SIGTERM\", for example")
        }
        found.number(task.logs.files, in: 1...JobLimits.amount, path.block("logs").attribute("max_files"))
        found.number(task.logs.fileSizeMiB, in: 1...JobLimits.amount, path.block("logs").attribute("max_file_size"))
        checkTemplates(task, into: &found, path)
        if let file = task.payloadFile, let mistake = mistake(inDestination: file) {
            found.add(path.block("dispatch_payload").attribute("file"), mistake)
        }
        if let restart = task.restart { checkRestart(restart, path.block("restart"), into: &found) }
    }

    private static func checkResources(
        _ resources: TaskResources, _ path: JobPath, into found: inout MistakeCollector
    ) {
        if resources.cores == 0 {
            found.number(resources.cpuMHz, in: 1...JobLimits.amount, path.attribute("cpu"))
        } else {
            found.number(resources.cores, in: 1...JobLimits.count, path.attribute("cores"))
            found.require(
                resources.cpuMHz == 0, path.attribute("cpu"),
                "whole cores are asked for already; remove either cpu or cores")
        }
        found.number(
            resources.memoryMiB, in: TaskResources.leastMemoryMiB...JobLimits.amount, path.attribute("memory"))
        guard resources.memoryMaxMiB != 0 else { return }
        let most = path.attribute("memory_max")
        found.number(resources.memoryMaxMiB, in: 0...JobLimits.amount, most)
        found.require(
            resources.memoryMaxMiB < 0 || resources.memoryMaxMiB >= resources.memoryMiB, most,
            "must not be below memory, which is \(resources.memoryMiB), is \(resources.memoryMaxMiB); "
                + "raise it, or remove it to have no more than memory")
    }

    /// Names and values become `NAME=value` strings of C.
    private static func checkEnvironment(
        _ environment: [String: String], _ path: JobPath, into found: inout MistakeCollector
    ) {
        found.limit(environment.count, path, "variables")
        for name in environment.keys.sorted().prefix(JobLimits.blocks) {
            found.require(
                !name.isEmpty && !name.utf8.contains(0) && !name.utf8.contains(UInt8(ascii: "=")), path.attribute(name),
                "a variable's name must not be empty nor hold \"=\" or NUL")
            found.require(environment[name]?.utf8.contains(0) != true, path.attribute(name), "must not hold NUL")
        }
    }

    private static func checkConfig(
        _ value: ConfigValue, _ path: JobPath, depth: Int = 0, into found: inout MistakeCollector
    ) {
        guard depth <= JobLimits.nesting else {
            return found.add(path, "is nested more than \(JobLimits.nesting) deep")
        }
        switch value {
        case .object(let values):
            for key in values.keys.sorted() {
                guard let value = values[key] else { continue }
                checkConfig(value, depth == 0 ? path.attribute(key) : path, depth: depth + 1, into: &found)
            }
        case .list(let values):
            for value in values { checkConfig(value, path, depth: depth + 1, into: &found) }
        case .string(let text): found.require(!text.utf8.contains(0), path, "must not hold NUL")
        case .double(let number): found.require(number.isFinite, path, "must be a finite number")
        case .null, .bool, .int: break
        }
    }
}
