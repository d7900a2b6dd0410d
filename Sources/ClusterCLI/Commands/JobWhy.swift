import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster job why`
struct JobWhy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Shows why instances are where they are, and what keeps others waiting.",
        discussion: """
            Of each group the instance that waits is explained or, when none does, the latest that was placed. Every \
            node is named once: those that would take it with the parts of their score, the others by the first rule \
            that fails. Of a cluster of more than 64 nodes, 10 that would take it are named, and 8 by each rule; with \
            -verbose all are.
            """)

    @Argument(help: "A job, JOB.GROUP, or the beginning of the job's identifier.")
    var job: String

    @OptionGroup var connection: Connection

    @Option(help: "Explain this instance, by the beginning of its identifier.")
    var alloc: String?

    @Flag(help: "Name every node of a cluster of more than 64 too, and every instance that would end first.")
    var verbose = false

    func run() async throws {
        try await connection.talk { client in
            let (found, group) = try await target(client)
            let answer = try await client.placement(
                of: found.id, namespace: found.namespace ?? "default", group: group, allocation: alloc)
            if connection.json { return Terminal.write(JSONText.indented(answer.body)) }
            let isNodewise = JobKind(rawValue: found.type)?.runsEverywhere == true
            let texts = answer.value.groups.map {
                PlacementText(group: $0, isNodewise: isNodewise, isVerbose: verbose).text()
            }
            Terminal.say(texts.joined(separator: "\n\n\n"))
        }
    }

    /// A job may have dots in its identifier: the whole text is tried first.
    private func target(_ client: ClusterClient) async throws -> (JobListItem, String?) {
        do {
            return (try await client.findJob(job, connection), nil)
        } catch let error as ClusterError where error.code == .notFound {
            guard let dot = job.lastIndex(of: ".") else { throw error }
            return (try await client.findJob(String(job[..<dot]), connection), String(job[job.index(after: dot)...]))
        }
    }
}
