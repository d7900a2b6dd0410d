import ArgumentParser
import ClusterClient
import ClusterKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `cluster claim`
struct ClaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claim", abstract: "Claims an item of a queue and runs a command for it.",
        discussion: """
            The command finds the item in CLUSTER_ITEM_ID, CLUSTER_ITEM_PAYLOAD (also its standard input), \
            CLUSTER_ITEM_TOKEN, CLUSTER_ITEM_ATTEMPT and CLUSTER_QUEUE. What it writes to the file CLUSTER_ITEM_RESULT \
            becomes the item's result; `cluster queue progress` tells how far it is. While it runs, the lease is \
            renewed. Exit code 0 completes the item, any other is a failed attempt; SIGTERM and SIGINT are passed on \
            and give the item back untried. A command whose lease was lost is ended, and one whose lease cannot be \
            renewed is ended before it is over: another may have the item. A server that is away when the command \
            has ended is told again until the lease is over. Who kills this program with SIGKILL leaves the command \
            running, while another gets the item once the lease is over: end it with SIGTERM.
            Exit codes: the command's; 0 also after a signal; 3 when no item came in time; 4 when the lease was \
            lost, or over before the end could be told.
            """)

    @Argument(help: "The queue.")
    var queue: String

    @Argument(parsing: .postTerminator, help: "After --, the command and its arguments.")
    var command: [String]

    @OptionGroup var connection: Connection

    @Option(help: "What this worker is or has: key=value. May be given more than once.")
    var attr: [String] = []

    @Option(help: "The worker's name (else NOMAD_ALLOC_NAME, else this machine's with the process number).")
    var worker: String?

    @Option(help: "The allocation in which this runs, whose end gives the item back (else NOMAD_ALLOC_ID).")
    var alloc: String?

    @Option(help: "How long the item stays with this worker when the server does not hear of it.")
    var lease: String = "60s"

    @Option(help: "How long to wait for an item: 10m. For ever with -loop.")
    var wait: String = "0s"

    @Option(help: "How long nobody gets an item whose attempt failed.")
    var retryDelay: String = "0s"

    @Flag(help: "Take one item after another, until a signal.")
    var loop = false

    private static let longestWait = Duration.seconds(240)
    private static let nothingCame: Int32 = 3

    func validate() throws {
        guard !connection.json else {
            throw ValidationError("-json: what the command writes is printed as it is; leave -json out.")
        }
    }

    func run() async throws {
        guard !command.isEmpty else {
            throw ClusterError(.invalid, "Give the command after --, as in: cluster claim \(queue) -- ./build.sh")
        }
        let source = try connection.queue(queue)
        let statement = try statement()
        let lasting = loop ? nil : try QueueInput.span(wait, "-wait")
        let delay = try QueueInput.span(retryDelay, "-retry-delay")
        let signals = SignalWatch()
        var code: Int32 = 0
        try await connection.talk { client in
            repeat {
                let claim = try await signals.unlessTold {
                    try await Self.claim(client, source, statement, lasting)
                }
                guard let claim = claim ?? nil else {
                    code = signals.isTold ? 0 : Self.nothingCame
                    if code != 0 { Terminal.complain("No item came in time; see: cluster queue status \(queue)") }
                    return
                }
                let run = ItemRun(
                    client: client, queue: source, claim: claim, command: command,
                    lease: statement.lease, retryDelay: delay)
                code = try await run.run(signals)
            } while loop && !signals.isTold
        }
        if code != 0 { throw ExitCode(code) }
    }

    private func statement() throws -> WorkerStatement {
        let environment = ProcessInfo.processInfo.environment
        let text = alloc ?? environment["NOMAD_ALLOC_ID"] ?? ""
        let allocation = AllocationID(text)
        guard allocation != nil || text.isEmpty else {
            throw ClusterError(.invalid, "-alloc must be the whole identifier of an allocation, not \"\(text)\".")
        }
        let machine = "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)"
        return WorkerStatement(
            worker ?? environment["NOMAD_ALLOC_NAME"] ?? machine, attributes: try QueueInput.attributes(attr),
            allocation: allocation, lease: try QueueInput.span(lease, "-lease"))
    }

    /// Waits for an item as long as is wanted, in turns that a server holds. A server that is away meanwhile, or cannot
    /// write, is asked again after the pause, and sooner when the wait is short.
    ///
    /// - Parameter lasting: how long to wait; `nil` for ever, zero not at all.
    /// - Returns: `nil` when none came in time.
    static func claim(
        _ client: ClusterClient, _ queue: WorkQueueID, _ worker: WorkerStatement, _ lasting: Duration?,
        pause: Duration = .seconds(5)
    ) async throws -> ClaimedItem? {
        let start = ContinuousClock.now
        let end = lasting.map { start + $0 }
        let patience = Patience(
            pause: min(pause, (lasting ?? longestWait) / 10), codes: [.unavailable, .storeRefused],
            hint: "It is asked again for an item of queue \(queue)",
            farewell: (lasting ?? longestWait) > .zero ? "It was asked again for as long as -wait says." : "")
        while true {
            let claimed = try await patience.ask(until: { end ?? ContinuousClock.now + longestWait }) {
                () async throws -> ClaimedItem? in
                let asked = ContinuousClock.now
                let rest = end.map { asked.duration(to: $0) } ?? longestWait
                let wait = min(max(rest, .zero), longestWait)
                let claim = try await client.claim(from: queue, as: worker, wait: wait)
                return claim.map { ClaimedItem(wire: $0, asked: asked) }
            }
            if let claimed { return claimed }
            if let end, ContinuousClock.now >= end { return nil }
        }
    }
}
