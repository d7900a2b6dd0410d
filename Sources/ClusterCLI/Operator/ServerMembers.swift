import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster server …`
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Works with servers.", subcommands: [ServerMembers.self])
}

/// `cluster server members`
struct ServerMembers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "members", abstract: "Shows the servers, and which of them leads.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            let answer = try await client.members()
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            Terminal.say(Self.table(answer.value, leader: try await client.leader().value).text)
            guard let refusal = try await client.agentSelf().value.storeRefusal else { return }
            Terminal.complain("\nWarning: the server's store refused the last write: \(refusal)")
        }
    }

    static func table(_ servers: MembersWire, leader: String) -> Table {
        Table(
            header: ["Name", "Address", "Port", "Status", "Leader", "Build", "Datacenter", "Region"],
            rows: servers.members.sorted { $0.name < $1.name }.map { member in
                let tags = member.tags ?? [:]
                return [
                    member.name, member.address, "\(member.port)", member.status,
                    "\(leader == "\(member.address):\(member.port)")", tags["build"] ?? "", tags["dc"] ?? "",
                    tags["region"] ?? "",
                ]
            })
    }
}
