import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster alloc status`
struct AllocStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows an allocation, its tasks and what happened to them.")

    @Argument(help: "The allocation, or the beginning of its identifier; all allocations without.")
    var allocation: String?

    @OptionGroup var connection: Connection

    @Flag(help: "Show whole identifiers.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            guard let allocation else {
                let answer = try await client.allocations(connection.options())
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                if answer.value.isEmpty { return Terminal.say("No allocations") }
                return Terminal.say(
                    AllocationTable.table(
                        answer.value, isVerbose: verbose, of: connection.isOfAllNamespaces ? .cluster : .namespace
                    ).text)
            }
            let answer = try await client.findAllocation(allocation, connection)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let checks = try await client.checks(
                ofAllocation: answer.value.id, ReadOptions(namespace: answer.value.namespace))
            Terminal.say(AllocationText(allocation: answer.value, checks: checks.value, isVerbose: verbose).text())
        }
    }
}

/// An allocation as people read it.
struct AllocationText {
    var allocation: AllocationWire
    /// What the checks of its services found.
    var checks: [String: CheckWire] = [:]
    var isVerbose = false
    /// How many of a task's events are shown.
    static let shownEvents = 10

    func text(now: Int64 = TimeText.now) -> String {
        var sections = [Section(title: "", body: head(now))]
        if let ports = allocation.resources?.shared.ports, !ports.isEmpty {
            let table = Table(
                header: ["Label", "Address"], rows: ports.map { [$0.label, "\($0.hostIP):\($0.value)"] })
            sections.append(Section(title: "Allocation Addresses", body: table.text))
        }
        if !checks.isEmpty { sections.append(Section(title: "Checks", body: CheckTable.table(checks, now: now).text)) }
        for (name, state) in (allocation.tasks ?? [:]).sorted(by: { $0.key < $1.key }) {
            sections.append(task(name, state))
        }
        return Section.text(sections)
    }

    private func head(_ now: Int64) -> String {
        var pairs = [
            ("ID", allocation.id), ("Eval ID", AllocationTable.shown(allocation.evaluation, isVerbose)),
            ("Name", allocation.name), ("Node ID", AllocationTable.shown(allocation.node, isVerbose)),
            ("Node Name", allocation.nodeName), ("Job ID", allocation.job),
            ("Job Version", allocation.version.map { "\($0)" } ?? ""), ("Client Status", allocation.clientStatus),
            ("Client Description", allocation.clientDescription ?? ""), ("Desired Status", allocation.desiredStatus),
            ("Desired Description", allocation.desiredDescription ?? ""),
            ("Created", TimeText.ago(allocation.createTime, now: now)),
            ("Modified", TimeText.ago(allocation.modifyTime, now: now)),
        ]
        if let cause = allocation.failureCause {
            let isInfrastructure = FailureCause(rawValue: cause)?.isInfrastructure == true
            pairs.append(("Failure Cause", isInfrastructure ? "\(cause) (not the work's own)" : cause))
        }
        if let wanted { pairs.append(("Wanted", wanted)) }
        if let work { pairs.append(("Work", work)) }
        pairs += rollout
        if let reload = reload(now) { pairs.append(("Changed Templates", reload)) }
        for (name, id) in [("Replacement Alloc ID", allocation.next), ("Replaces Alloc ID", allocation.previous)] {
            if let id, !id.isEmpty { pairs.append((name, AllocationTable.shown(id, isVerbose))) }
        }
        return Table.pairs(pairs.map { (name: $0.0, value: $0.1) })
    }

    /// What its roll-out knows of it.
    private var rollout: [(String, String)] {
        guard let id = allocation.deployment, !id.isEmpty else { return [] }
        var pairs = [("Deployment ID", AllocationTable.shown(id, isVerbose))]
        let status = allocation.deploymentStatus
        pairs.append(("Deployment Health", status?.isHealthy.map { $0 ? "healthy" : "unhealthy" } ?? "not known yet"))
        if status?.isCanary == true { pairs.append(("Canary", "true")) }
        return pairs
    }

    /// How its work stands, where it tells that.
    private var work: String? {
        guard let work = allocation.work else { return nil }
        var parts = [work.busy ? "busy" : "idle"]
        if let progress = work.progress { parts.append("\(Int((max(0, min(1, progress)) * 100).rounded())) % done") }
        if let cost = work.keepCost { parts.append("keep cost \(cost)") }
        return parts.joined(separator: ", ")
    }

    /// What is wanted of it beyond that it runs.
    private var wanted: String? {
        switch allocation.wish {
        case "retire": "that it finish its present work and end"
        case "migrate": "that another take its place on another node"
        case "replace": "that another take its place now"
        case "force-migrate": "that it leave its node now"
        default: nil
        }
    }

    /// Whether it may act on changed templates.
    private func reload(_ now: Int64) -> String? {
        let since = TimeText.ago(allocation.reloadSince ?? 0, now: now)
        return switch allocation.reloadPhase {
        case "waiting": "wait for its turn since \(since)"
        case "granted": "are being taken up, since \(since)"
        case "settling": "were taken up; it is watched until it is well"
        default: nil
        }
    }

    /// The first line of what a check said, as far as it fits, without anything that a terminal takes for an order.
    static func line(_ text: String, limit: Int = 160) -> String {
        let first = text.split(whereSeparator: \.isNewline).first ?? ""
        let clean = whole(String(first))
        let isCut = clean.count > limit || text.dropFirst(first.count).contains { !$0.isWhitespace }
        return isCut ? clean.prefix(limit - 1) + "…" : clean
    }

    /// All of a text that people wrote, on one line, without anything that a terminal takes for an order.
    static func whole(_ text: String) -> String {
        String(text.map { $0.isNewline || $0.unicodeScalars.contains(where: \.isControl) ? " " : $0 })
    }

    private func task(_ name: String, _ state: TaskStateWire) -> Section {
        var parts: [String] = []
        if let share = allocation.resources?.tasks[name] {
            let table = Table(
                header: ["CPU", "Memory", "Disk"],
                rows: [
                    [
                        "\(share.cpu.shares) MHz", "\(share.memory.memoryMiB) MiB",
                        "\(allocation.resources?.shared.diskMiB ?? 0) MiB",
                    ]
                ])
            parts.append("Task Resources\n" + table.text)
        }
        parts.append(
            Table.pairs([
                ("Started At", TimeText.point(state.startedAt)), ("Finished At", TimeText.point(state.finishedAt)),
                ("Total Restarts", "\(state.restarts)"),
            ]))
        let events = Table(
            header: ["Time", "Type", "Description"],
            rows: (state.events ?? []).suffix(Self.shownEvents).reversed().map {
                [TimeText.point($0.time), $0.type, Self.whole($0.message)]
            })
        if !events.rows.isEmpty { parts.append("Recent Events\n" + events.text) }
        let failed = state.failed ? " (failed)" : ""
        return Section(
            title: "Task \"\(name)\" is \"\(state.state)\"\(failed)", body: parts.joined(separator: "\n\n"))
    }
}

extension Unicode.Scalar {
    /// Whether a terminal may take it for an order.
    var isControl: Bool { properties.generalCategory == .control }
}
