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

/// A command that runs for an item, while the lease is renewed.
struct ItemRun: Sendable {
    let client: ClusterClient
    let queue: WorkQueueID
    let claim: WorkClaimWire
    let command: [String]
    let lease: Duration
    let retryDelay: Duration

    private static let leaseLost: Int32 = 4
    /// How long a command may take to end after it was told to.
    private static let grace = Duration.seconds(10)

    private enum Event: Sendable {
        case ended(Int32)
        case told(Int32?)
        case lost(String?)
        case late
    }

    private var ticket: WorkTicket {
        WorkTicket(WorkItemKey(claim.item.id, in: queue), token: UInt64(max(0, claim.item.token)))
    }

    /// Runs the command to its end and tells the server; gives the code to exit with.
    func run(_ signals: SignalWatch) async throws -> Int32 {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cluster-result-\(ProcessInfo.processInfo.processIdentifier)-\(claim.item.token)")
        defer { try? FileManager.default.removeItem(at: file) }
        let child: ChildProcess
        do {
            child = try ChildProcess(
                command, environment: environment(result: file.path), input: Array((claim.item.payload ?? "").utf8))
        } catch {
            // Nothing is wrong with the item: another worker may be able to run its command.
            _ = try? await client.giveBack(ticket, .released(error.message))
            throw error
        }
        var (code, isTold, loss): (Int32, Bool, String?) = (0, false, nil)
        await withTaskGroup(of: Event.self) { group in
            group.addTask { .ended(await child.end) }
            group.addTask { .told(await signals.told()) }
            group.addTask { .lost(await keep()) }
            for await event in group {
                switch event {
                case .ended(let status):
                    code = status
                    return group.cancelAll()
                case .told(let signal?):
                    isTold = true
                    child.send(signal)
                    group.addTask { await Self.wait() }
                case .lost(let reason?):
                    loss = reason
                    child.send(SIGTERM)
                    group.addTask { await Self.wait() }
                case .late: child.send(SIGKILL)
                case .told(nil), .lost(nil): break
                }
            }
        }
        if let loss {
            Terminal.complain("item \(claim.item.id): \(loss)")
            return Self.leaseLost
        }
        if isTold {
            try await client.giveBack(ticket, .released("the worker was told to stop"))
            return 0
        }
        try await settle(code, file.path)
        return code
    }

    private func settle(_ code: Int32, _ file: String) async throws {
        guard code == 0 else {
            let reason = "\(command[0]) ended with exit code \(code)"
            try await client.giveBack(ticket, .failed(reason, delay: retryDelay, isFinal: false))
            return
        }
        let result = (try? Data(contentsOf: URL(fileURLWithPath: file))).map { String(decoding: $0, as: UTF8.self) }
        do {
            try await client.complete(ticket, result: result ?? "")
        } catch let error as ClusterError where error.code == .tooLarge || error.code == .invalid {
            // Done once more it would say the same.
            let reason = "its result is not taken: \(error.message)"
            try await client.giveBack(ticket, .failed(reason, delay: .zero, isFinal: true))
            throw error
        }
    }

    private static func wait() async -> Event {
        do {
            try await Task.sleep(for: grace)
            return .late
        } catch {
            return .told(nil)
        }
    }

    /// Renews the lease until the task is canceled; gives the reason when it is lost. Its end is counted from before
    /// the server was asked, so that it never lies later here than there.
    private func keep() async -> String? {
        var end = ContinuousClock.now + lease
        while true {
            do {
                try await Task.sleep(for: lease / 3)
                let asked = ContinuousClock.now
                end = asked + (try await client.renew(ticket))
            } catch let error as ClusterError where error.code == .conflict || error.code == .notFound {
                return error.message
            } catch {
                if Task.isCancelled { return nil }
                if ContinuousClock.now >= end {
                    return "the server was not reached for the length of the lease: \(error)"
                }
            }
        }
    }

    private func environment(result: String) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["CLUSTER_QUEUE"] = queue.name
        environment["CLUSTER_QUEUE_NAMESPACE"] = queue.namespace
        environment["CLUSTER_ITEM_ID"] = claim.item.id
        environment["CLUSTER_ITEM_TOKEN"] = "\(claim.item.token)"
        environment["CLUSTER_ITEM_ATTEMPT"] = "\(claim.item.attempts + 1)"
        environment["CLUSTER_ITEM_PAYLOAD"] = claim.item.payload ?? ""
        environment["CLUSTER_ITEM_RESULT"] = result
        return environment
    }
}
