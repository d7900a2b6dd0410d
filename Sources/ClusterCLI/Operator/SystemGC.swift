import ArgumentParser
import ClusterClient
import ClusterKit

/// `cluster system gc`
struct SystemGC: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Lets go of what has ended: jobs, allocations, evaluations, roll-outs, and nodes that are down.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in try await client.collectGarbage() }
    }
}

/// `cluster system reconcile …`
struct SystemReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Brings in line what the servers keep.",
        subcommands: [SystemReconcileSummaries.self])
}

/// `cluster system reconcile summaries`
struct SystemReconcileSummaries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summaries", abstract: "Counts anew what jobs do; here that is always so.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in try await client.reconcileSummaries() }
    }
}
