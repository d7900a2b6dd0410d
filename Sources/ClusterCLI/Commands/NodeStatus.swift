import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster node status`
struct NodeStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows all nodes, or one with what it runs.")

    @Argument(help: "A node's name, or the beginning of its identifier; all nodes without.")
    var node: String?

    @OptionGroup var connection: Connection

    @Flag(name: .customLong("self"), help: "The node that this machine is.")
    var isSelf = false

    @Flag(help: "Show whole identifiers, all events, and what was found out about the machine.")
    var verbose = false

    func validate() throws {
        guard node == nil || !isSelf else { throw ValidationError("Name a node, or say -self.") }
    }

    func run() async throws {
        try await connection.talk { client in
            guard node != nil || isSelf else {
                let answer = try await client.nodes(connection.options())
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                if answer.value.isEmpty {
                    return Terminal.say(
                        "No nodes; start one with: cluster-agent --server \(connection.effectiveAddress)")
                }
                return Terminal.say(Self.table(answer.value, isVerbose: verbose).text)
            }
            let answer = try await client.findNode(node, isSelf: isSelf, connection)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let allocations = try await client.allocations(onNode: answer.value.id, connection.options()).value
            Terminal.say(NodeText(node: answer.value, allocations: allocations, isVerbose: verbose).text())
        }
    }

    static func table(_ nodes: [NodeWire], isVerbose: Bool) -> Table {
        Table(
            header: ["ID", "Node Pool", "DC", "Name", "Class", "Drain", "Eligibility", "Status"],
            rows: nodes.sorted { ($0.name, $0.id) < ($1.name, $1.id) }.map {
                [
                    AllocationTable.shown($0.id, isVerbose), $0.pool ?? "default", $0.datacenter, $0.name, $0.nodeClass,
                    "\($0.drain)", $0.eligibility, $0.status,
                ]
            })
    }
}

/// A node as people read it.
struct NodeText {
    var node: NodeWire
    var allocations: [AllocationWire]
    var isVerbose = false

    func text(now: Int64 = TimeText.now) -> String {
        var sections = [Section(title: "", body: head)]
        if let resources = node.resources {
            sections.append(Section(title: "Node Resources", body: amounts(of: resources).text))
            sections.append(Section(title: "Allocated Resources", body: allocated(of: resources).text))
        }
        sections += offers
        let drivers = Table(
            header: ["Driver", "Detected", "Healthy", "Message"],
            rows: (node.drivers ?? [:]).sorted { $0.key < $1.key }.map {
                [$0.key, "\($0.value.detected)", "\($0.value.healthy)", $0.value.description]
            })
        if !drivers.rows.isEmpty { sections.append(Section(title: "Drivers", body: drivers.text)) }
        if let events { sections.append(Section(title: "Node Events", body: events.text)) }
        let table = AllocationTable.table(allocations, isVerbose: isVerbose, of: .node, now: now)
        sections.append(
            Section(title: "Allocations", body: allocations.isEmpty ? "No allocations placed" : table.text))
        for (title, words) in [("Attributes", node.attributes), ("Meta", node.meta)] where isVerbose {
            let pairs = (words ?? [:]).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            if !pairs.isEmpty { sections.append(Section(title: title, body: Table.pairs(pairs))) }
        }
        return Section.text(sections)
    }

    private func amounts(of resources: NodeWire.Amounts) -> Table {
        Table(
            header: ["CPU", "Memory", "Disk"],
            rows: [
                [
                    "\(resources.cpu.shares) MHz", "\(resources.memory.memoryMiB) MiB", "\(resources.disk.diskMiB) MiB",
                ]
            ])
    }

    /// What of it the allocations hold that have not ended, beside what jobs may hold at all.
    private func allocated(of resources: NodeWire.Amounts) -> Table {
        let held = allocations.filter { !$0.isOver }.compactMap(\.resources)
        let tasks = held.flatMap(\.tasks.values)
        let rows = [
            ("MHz", tasks.map(\.cpu.shares), resources.cpu.shares, node.reserved?.cpu.shares),
            ("MiB", tasks.map(\.memory.memoryMiB), resources.memory.memoryMiB, node.reserved?.memory.memoryMiB),
            ("MiB", held.map(\.shared.diskMiB), resources.disk.diskMiB, node.reserved?.disk.diskMiB),
        ]
        return Table(
            header: ["CPU", "Memory", "Disk"],
            rows: [rows.map { unit, parts, all, kept in "\(parts.reduce(0, &+))/\(all &- (kept ?? 0)) \(unit)" }])
    }

    /// How many of its events are shown.
    static let shownEvents = 10

    /// What happened to it, the newest first.
    private var events: Table? {
        let all = node.events ?? []
        guard !all.isEmpty else { return nil }
        return Table(
            header: ["Time", "Subsystem", "Message"],
            rows: all.suffix(isVerbose ? all.count : Self.shownEvents).reversed().map {
                [TimeText.point($0.time), $0.subsystem, AllocationText.line($0.message, limit: 400)]
            })
    }

    /// What jobs may ask for by name, where there is any of it.
    private var offers: [Section] {
        let volumes = Table(
            header: ["Name", "ReadOnly", "Source"],
            rows: (node.hostVolumes ?? [:]).sorted { $0.key < $1.key }.map {
                [$0.key, "\($0.value.readOnly)", $0.value.path]
            })
        let devices = Table(
            header: ["Device", "Instances", "Healthy"],
            rows: (node.resources?.devices ?? []).map { group in
                let instances = group.instances ?? []
                return [
                    "\(group.vendor)/\(group.kind)/\(group.model)", "\(instances.count)",
                    "\(instances.count { $0.healthy })",
                ]
            })
        return [("Host Volumes", volumes), ("Devices", devices)].filter { !$0.1.rows.isEmpty }.map {
            Section(title: $0.0, body: $0.1.text)
        }
    }

    /// Whether its work is moved away, and why.
    private var drain: String {
        guard let reason = node.drainStrategy?.reason, !reason.isEmpty else { return "\(node.drain)" }
        return "\(node.drain): \(AllocationText.line(reason, limit: 256))"
    }

    private var head: String {
        Table.pairs([
            ("ID", AllocationTable.shown(node.id, isVerbose)), ("Name", node.name),
            ("Node Pool", node.pool ?? "default"),
            ("Class", node.nodeClass), ("DC", node.datacenter), ("Drain", drain),
            ("Eligibility", node.eligibility), ("Status", node.status),
            ("Status Description", node.statusDescription),
        ])
    }
}
