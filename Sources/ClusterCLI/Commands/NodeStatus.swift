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

    @Flag(help: "Show whole identifiers, and what was found out about the machine.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            guard let node else {
                let answer = try await client.nodes(connection.options())
                if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
                if answer.value.isEmpty {
                    return Terminal.say(
                        "No nodes; start one with: cluster-agent --server \(connection.effectiveAddress)")
                }
                return Terminal.say(Self.table(answer.value, isVerbose: verbose).text)
            }
            let answer = try await client.findNode(node, connection)
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
            let table = Table(
                header: ["CPU", "Memory", "Disk"],
                rows: [
                    [
                        "\(resources.cpu.shares) MHz", "\(resources.memory.memoryMiB) MiB",
                        "\(resources.disk.diskMiB) MiB",
                    ]
                ])
            sections.append(Section(title: "Node Resources", body: table.text))
        }
        sections += offers
        let drivers = Table(
            header: ["Driver", "Detected", "Healthy", "Message"],
            rows: (node.drivers ?? [:]).sorted { $0.key < $1.key }.map {
                [$0.key, "\($0.value.detected)", "\($0.value.healthy)", $0.value.description]
            })
        if !drivers.rows.isEmpty { sections.append(Section(title: "Drivers", body: drivers.text)) }
        let table = AllocationTable.table(allocations, isVerbose: isVerbose, isOfOneNode: true, now: now)
        sections.append(
            Section(title: "Allocations", body: allocations.isEmpty ? "No allocations placed" : table.text))
        for (title, words) in [("Attributes", node.attributes), ("Meta", node.meta)] where isVerbose {
            let pairs = (words ?? [:]).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            if !pairs.isEmpty { sections.append(Section(title: title, body: Table.pairs(pairs))) }
        }
        return Section.text(sections)
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
