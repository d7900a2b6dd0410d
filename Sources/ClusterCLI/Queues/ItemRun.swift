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

/// An item that was claimed.
struct ClaimedItem: Sendable {
    /// What the server answered.
    let wire: WorkClaimWire
    /// Before it was asked. The lease began between then and its answer.
    let asked: ContinuousClock.Instant
}

/// A command that runs for an item, while the lease is renewed.
struct ItemRun: Sendable {
    let client: ClusterClient
    let queue: WorkQueueID
    let claim: ClaimedItem
    let command: [String]
    let lease: Duration
    let retryDelay: Duration

    private static let leaseLost: Int32 = 4
    /// How long a command may take to end after it was told to by a signal, and the server to hear of that.
    private static let grace = Duration.seconds(10)
    /// How long one attempt to tell an end may take.
    private static let longestCall = Duration.seconds(15)
    /// The errors after which an end is told again: it may be that nothing is wrong with it.
    private static let retried: Set<ClusterError.Code> = [.unavailable, .storeRefused, .internal]

    private enum Event: Sendable {
        case ended
        case told(Int32?)
        case lost(String?)
        case late
    }

    /// What became of telling how a lease ends.
    private enum Hearing {
        case heard
        case lost
        case unheard
    }

    private var item: WorkItemWire { claim.wire.item }

    private var ticket: WorkTicket {
        WorkTicket(WorkItemKey(item.id, in: queue), token: UInt64(max(0, item.token)))
    }

    /// Runs the command to its end and tells the server; gives the code to exit with.
    func run(_ signals: SignalWatch) async throws -> Int32 {
        let keeper = LeaseKeeper(
            client, ticket, lease: lease, asked: claim.asked,
            length: .seconds(min(max(0, claim.wire.leaseSeconds), 1e9)))
        guard let doubt: String? = try await signals.unlessTold({ await keeper.confirm() }) else {
            return try await release(keeper, signals)
        }
        if let doubt { return lose(doubt) }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "cluster-result-\(ProcessInfo.processInfo.processIdentifier)-\(item.token)")
        defer { try? FileManager.default.removeItem(at: file) }
        let child: ChildProcess
        do {
            child = try ChildProcess(
                command, environment: environment(result: file.path), input: Array((item.payload ?? "").utf8))
        } catch {
            // Nothing is wrong with the item: another worker may be able to run its command.
            let wish = WorkReturn.released(error.message)
            _ = try? await tell(keeper, signals, "The command could not be started") {
                _ = try await client.giveBack(ticket, wish)
            }
            throw error
        }
        let (isTold, loss) = await attend(child, keeper, signals)
        // What it leaves behind in its group must not go on either.
        if loss != nil { child.send(SIGKILL) }
        let code = child.reap()
        if let loss { return lose(loss) }
        if isTold { return try await release(keeper, signals) }
        return try await settle(code, file.path, keeper, signals) == .heard ? code : Self.leaseLost
    }

    /// Waits until the command has ended, and sees to it that it does when the worker is told to stop or the lease is
    /// lost. The command is not reaped.
    private func attend(
        _ child: ChildProcess, _ keeper: LeaseKeeper, _ signals: SignalWatch
    ) async -> (isTold: Bool, loss: String?) {
        var (isTold, loss): (Bool, String?) = (false, nil)
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                await child.ended()
                return .ended
            }
            group.addTask { .told(await signals.told()) }
            group.addTask { .lost(await keeper.keep(.yielding)) }
            // Beside the renewals and not after them: one that hangs must not hold this up.
            group.addTask { .lost(await keeper.expiry()) }
            for await event in group {
                switch event {
                case .ended: return group.cancelAll()
                case .told(let signal?):
                    isTold = true
                    child.send(signal)
                    group.addTask { await Self.late(at: ContinuousClock.now + Self.grace) }
                case .lost(let reason?):
                    if loss != nil { continue }
                    loss = reason
                    child.send(SIGTERM)
                    let term = keeper.term
                    group.addTask { await Self.late(at: min(term.kill, ContinuousClock.now + term.grace)) }
                case .late: child.send(SIGKILL)
                case .told(nil), .lost(nil): break
                }
            }
        }
        return (isTold, loss)
    }

    private static func late(at moment: ContinuousClock.Instant) async -> Event {
        do {
            try await Task.sleep(until: moment, clock: .continuous)
            return .late
        } catch {
            return .told(nil)
        }
    }

    // MARK: - Telling the end

    /// Tells how the command ended. Throws `.tooLarge` and `.invalid` for a result that the server does not take; the
    /// item has failed for good then.
    private func settle(
        _ code: Int32, _ file: String, _ keeper: LeaseKeeper, _ signals: SignalWatch
    ) async throws -> Hearing {
        let ending = "The command ended with exit code \(code)"
        guard code == 0 else {
            let reason = "\(command[0]) ended with exit code \(code)"
            let wish = WorkReturn.failed(reason, delay: retryDelay, isFinal: false)
            return try await tell(keeper, signals, ending) { _ = try await client.giveBack(ticket, wish) }
        }
        let data = try? Data(contentsOf: URL(fileURLWithPath: file))
        let result = data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        do {
            return try await tell(keeper, signals, ending) { _ = try await client.complete(ticket, result: result) }
        } catch let error as ClusterError where error.code == .tooLarge || error.code == .invalid {
            // Done once more it would say the same.
            let reason = "its result is not taken: \(error.message)"
            let wish = WorkReturn.failed(reason, delay: .zero, isFinal: true)
            _ = try await tell(keeper, signals, ending) { _ = try await client.giveBack(ticket, wish) }
            throw error
        }
    }

    /// Gives the item back untried, for a worker that was told to stop: it stops in any case.
    private func release(_ keeper: LeaseKeeper, _ signals: SignalWatch) async throws -> Int32 {
        let wish = WorkReturn.released("the worker was told to stop")
        let hearing = try await tell(keeper, signals, "The worker was told to stop") {
            _ = try await client.giveBack(ticket, wish)
        }
        return hearing == .lost ? Self.leaseLost : 0
    }

    /// Tells how the lease ends, again and again while the server is away or cannot write: what took hours must not be
    /// done once more because it was restarted. The lease is renewed meanwhile. What is told too late is refused, so
    /// only the lease and, after a signal, the patience of whoever sent it bound this.
    ///
    /// - Parameter ending: what is told, as the beginning of a sentence.
    /// - Throws: what the server has against the end itself.
    private func tell(
        _ keeper: LeaseKeeper, _ signals: SignalWatch, _ ending: String,
        _ call: @escaping @Sendable () async throws -> Void
    ) async throws -> Hearing {
        let namespace = queue.namespace == "default" ? "" : "-namespace \(queue.namespace) "
        let patience = Patience(
            pause: keeper.term.pause, codes: Self.retried,
            hint: "\(ending); that is told again until the lease is over",
            farewell: "\(ending), which could not be told in time: once the lease is over, another worker gets the "
                + "item.\nWhen the server is back, see: cluster queue status \(namespace)\(queue.name) \(item.id)")
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = await keeper.keep(.insisting) }
                defer { group.cancelAll() }
                var last: ContinuousClock.Instant?
                let end: () -> ContinuousClock.Instant = {
                    if signals.isTold { last = last ?? ContinuousClock.now + Self.grace }
                    return min(keeper.term.end, last ?? keeper.term.end)
                }
                try await patience.ask(until: end) { try await Patience.bounded(by: Self.longestCall, call) }
            }
            return .heard
        } catch let error as ClusterError where LeaseKeeper.losses.contains(error.code) {
            complain(error.message)
            return .lost
        } catch let error as ClusterError where Self.retried.contains(error.code) {
            complain(error.message)
            return .unheard
        }
    }

    private func lose(_ reason: String) -> Int32 {
        complain(reason)
        return Self.leaseLost
    }

    private func complain(_ reason: String) { Terminal.complain("item \(item.id): \(reason)") }

    private func environment(result: String) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["CLUSTER_QUEUE"] = queue.name
        environment["CLUSTER_QUEUE_NAMESPACE"] = queue.namespace
        environment["CLUSTER_ITEM_ID"] = item.id
        environment["CLUSTER_ITEM_TOKEN"] = "\(item.token)"
        environment["CLUSTER_ITEM_ATTEMPT"] = "\(item.attempts + 1)"
        environment["CLUSTER_ITEM_PAYLOAD"] = item.payload ?? ""
        environment["CLUSTER_ITEM_RESULT"] = result
        return environment
    }
}
