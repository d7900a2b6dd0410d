extension JobValidation {
    /// What surrounds the services of one block.
    private struct Surroundings {
        var job: String
        var group: String
        /// The labels of the group's ports, and the names of its tasks.
        var ports: Set<String>
        var tasks: Set<String>
        /// `nil` for services of the group.
        var task: String?

        init(_ group: TaskGroup, of job: Job) {
            self.job = job.name
            self.group = group.name
            ports = Set(group.network?.ports.map(\.label) ?? [])
            tasks = Set(group.tasks.map(\.name))
        }
    }

    /// All services of a group: its own and those of its tasks.
    static func checkServices(
        of group: TaskGroup, in job: Job, _ path: JobPath, into found: inout MistakeCollector
    ) {
        var place = Surroundings(group, of: job)
        check(group.services, in: place, path, into: &found)
        for (index, task) in group.tasks.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("task", task.name, index: index)
            place.task = task.name
            check(task.services, in: place, path, into: &found)
        }
    }

    private static func check(
        _ services: [ServiceSpec], in place: Surroundings, _ path: JobPath, into found: inout MistakeCollector
    ) {
        found.limit(services.count, path, "services")
        var names: [(name: String, path: JobPath)] = []
        for (index, service) in services.prefix(JobLimits.blocks).enumerated() {
            let path = path.block("service", service.name, index: index)
            let known = ServiceNames(job: place.job, group: place.group, task: place.task ?? "")
            // Other references get their value on the node; a letter stands for it here.
            let name = known.replacing(in: service.name) { _ in "x" }
            if let mistake = JobNames.mistake(inService: name) { found.add(path.attribute("name"), mistake) }
            names.append((service.name + "\0" + service.portLabel, path))
            check(service, in: place, path, into: &found)
        }
        var seen: Set<String> = []
        for (name, path) in names where !seen.insert(name).inserted {
            found.add(path, "a service of this name and port is there already; remove one or give it another port")
        }
    }

    private static func check(
        _ service: ServiceSpec, in place: Surroundings, _ path: JobPath, into found: inout MistakeCollector
    ) {
        checkPort(service.portLabel, in: place, path.attribute("port"), into: &found)
        found.word(service.provider, among: ["consul", "nomad"], path.attribute("provider"))
        found.word(service.addressMode, among: ["auto", "host", "alloc"], path.attribute("address_mode"))
        checkMeta(service.meta, path.block("meta"), into: &found)
        checkTaskName(service.task, in: place, path.attribute("task"), into: &found)
        found.limit(service.checks.count, path, "checks")
        for (index, check) in service.checks.prefix(JobLimits.blocks).enumerated() {
            checkCheck(check, of: service, in: place, path.block("check", check.name, index: index), into: &found)
        }
    }

    private static func checkCheck(
        _ check: CheckSpec, of service: ServiceSpec, in place: Surroundings, _ path: JobPath,
        into found: inout MistakeCollector
    ) {
        checkKind(check, of: service, in: place, path, into: &found)
        for (name, span) in [("interval", check.interval), ("timeout", check.timeout)] {
            let path = path.attribute(name)
            found.require(span != .zero, path, "must be stated, as in \(name) = \"10s\", and be at least 1s")
            if span != .zero { found.duration(span, atLeast: .seconds(1), path) }
        }
        found.word(
            check.initialStatus, among: ["", "passing", "warning", "critical"], path.attribute("initial_status"))
        let bounds = 0...JobLimits.count
        found.number(check.successBeforePassing, in: bounds, path.attribute("success_before_passing"))
        found.number(check.failuresBeforeCritical, in: bounds, path.attribute("failures_before_critical"))
        found.number(check.restartLimit, in: bounds, path.block("check_restart").attribute("limit"))
        found.duration(check.restartGrace, path.block("check_restart").attribute("grace"))
        found.word(
            check.onUpdate, among: ["require_healthy", "ignore_warnings", "ignore"], path.attribute("on_update"))
        guard check.restartLimit > 0 else { return }
        found.require(
            check.onUpdate != "ignore", path.attribute("on_update"),
            "\"ignore\" and a check_restart contradict each other; remove one")
        found.require(
            check.onUpdate != "ignore_warnings" || check.restartIgnoresWarnings, path.attribute("on_update"),
            "\"ignore_warnings\" needs ignore_warnings = true in check_restart too")
    }

    private static func checkKind(
        _ check: CheckSpec, of service: ServiceSpec, in place: Surroundings, _ path: JobPath,
        into found: inout MistakeCollector
    ) {
        switch check.kind {
        case "http", "tcp":
            checkPort(check.portLabel, in: place, path.attribute("port"), into: &found)
            found.require(
                !(check.portLabel.isEmpty && service.portLabel.isEmpty), path.attribute("port"),
                "a check of type \(check.kind) needs a port; set it here or in the service")
            guard check.kind == "http" else { return }
            found.require(
                check.path.hasPrefix("/"), path.attribute("path"),
                "a check of type http needs a path that begins with \"/\"")
            found.word(check.protocol, among: ["http", "https"], path.attribute("protocol"))
            found.require(isToken(check.method), path.attribute("method"), "must be a method such as \"GET\"")
            for (name, values) in check.header.sorted(by: { $0.key < $1.key }) {
                let isClean = values.allSatisfy { !$0.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } }
                found.require(
                    isToken(name) && isClean, path.block("header").attribute(name),
                    "is no header: its name must be a word, its values free of control characters")
            }
        case "script":
            found.require(!check.command.isEmpty, path.attribute("command"), "a check of type script needs a command")
            found.require(
                service.provider != "nomad", path.attribute("type"),
                "services of provider \"nomad\" take checks of type http and tcp only")
            checkTaskName(check.task, in: place, path.attribute("task"), into: &found)
        case "":
            found.add(path.attribute("type"), "must be http, tcp or script")
        default:
            found.add(
                path.attribute("type"),
                "checks of type \(check.kind.quotedForDisplay) are not supported; use http, tcp or script")
        }
    }

    private static func checkPort(
        _ label: String, in place: Surroundings, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard !label.isEmpty, !place.ports.contains(label) else { return }
        // A program that chooses its port itself states the number in the place of a label.
        if let number = Int(label) {
            return found.require(
                (1...65_535).contains(number), path, "must be a port from 1 to 65535 or the label of one, is \(label)")
        }
        let labels = place.ports.sorted().prefix(8).joined(separator: ", ")
        let known = labels.isEmpty ? "the group has none" : "the group has \(labels)"
        found.add(path, "no port is called \(label.quotedForDisplay); \(known)")
    }

    private static func checkTaskName(
        _ name: String, in place: Surroundings, _ path: JobPath, into found: inout MistakeCollector
    ) {
        guard !name.isEmpty else { return }
        if let task = place.task {
            found.require(name == task, path, "must be the task around it, \(task.quotedForDisplay)")
        } else {
            found.require(place.tasks.contains(name), path, "the group has no task \(name.quotedForDisplay)")
        }
    }

    /// What RFC 9110 calls a token: names of headers and methods.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= JobLimits.nameBytes
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
