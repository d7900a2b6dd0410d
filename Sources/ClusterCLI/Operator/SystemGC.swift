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
        try await connection.talk { client in
            try await client.collectGarbage()
            connection.confirmSilently(("Collected", .bool(true)))
        }
    }
}

/// `cluster system reconcile …`
struct SystemReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Exists for scripts written for Nomad: there is nothing to bring in line here.",
        subcommands: [SystemReconcileSummaries.self])
}

/// `cluster system reconcile summaries`
struct SystemReconcileSummaries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summaries", abstract: "Does nothing: what jobs do is counted whenever it is asked for.")

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.talk { client in
            try await client.reconcileSummaries()
            connection.confirmSilently(("Reconciled", .bool(true)))
        }
    }
}
