import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster node pool …`
struct NodePoolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Works with pools of nodes.",
        discussion: "They are not made: one exists while a node is in it, as its agent's --node-pool says.",
        subcommands: [NodePoolList.self])
}

/// `cluster node pool list`
struct NodePoolList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows the pools that nodes are in, and those that are always there.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.nodePools()
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let nodes = try await client.nodes(connection.options()).value
            Terminal.say(Self.table(answer.value, nodes).text)
        }
    }

    static func table(_ pools: [NodePoolWire], _ nodes: [NodeWire]) -> Table {
        Table(
            header: ["Name", "Nodes", "Description"],
            rows: pools.sorted { $0.name < $1.name }.map { pool in
                let count = nodes.count { pool.name == "all" || $0.pool ?? "default" == pool.name }
                return [pool.name, "\(count)", pool.description]
            })
    }
}
