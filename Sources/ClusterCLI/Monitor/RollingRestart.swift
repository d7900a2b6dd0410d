import ClusterClient
import ClusterKit

/// What a rolling restart does with a job: on a server, or in a story made up by a test.
protocol RestartedJob: Sendable {
    /// Stops an allocation, so that another takes its place.
    func stop(_ allocation: String) async throws
    /// The allocations of the job, as soon as one is newer than `index`; after a while also when nothing changed.
    func allocations(after index: Revision) async throws -> ([AllocationWire], Revision)
}

/// Replaces instances, a batch at a time: the next ones end once what takes the place of the last ones runs.
struct RollingRestart {
    let job: any RestartedJob
    /// How long a batch is waited for.
    var patience = Duration.seconds(600)
    /// Tells a line.
    var say: (String) -> Void = { Terminal.say($0) }

    /// Replaces `chosen`, `size` of them at a time, and says how it ended. `known` are all that the job had before.
    func run(_ chosen: [AllocationWire], _ size: Int, among known: [AllocationWire]) async throws -> Ending {
        let known = Set(known.map(\.id))
        for start in stride(from: 0, to: chosen.count, by: size) {
            let batch = chosen[start..<min(start + size, chosen.count)]
            for old in batch {
                say("    Replacing \(old.name) (\(AllocationTable.shown(old.id)))")
                try await job.stop(old.id)
            }
            let outcome = try await wait(for: chosen[..<batch.endIndex], beside: known)
            if outcome != .success { return outcome }
        }
        return .success
    }

    /// Waits until what takes the place of all that were stopped runs.
    private func wait(for stopped: ArraySlice<AllocationWire>, beside known: Set<String>) async throws -> Ending {
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        var missing = 0
        var index = Revision.zero
        repeat {
            let (all, next) = try await job.allocations(after: index)
            index = next
            let succession = Succession(of: stopped, among: all, beside: known)
            if let failed = succession.failed {
                let id = AllocationTable.shown(failed.id)
                say("==> The new instance \(failed.name) failed; the others were left alone")
                say("    See: cluster alloc status \(id)")
                return .failure
            }
            missing = succession.missing
            if missing == 0 { return .success }
        } while clock.now < deadline
        say("==> \(missing) of \(stopped.count) new instances do not run yet; the others were left alone")
        return .notPlaced
    }
}

/// How what takes the place of stopped instances is.
///
/// A successor may be placed only when the other has ended, and need not have its number: the lowest that is free is
/// given. Where no server tells who follows an instance, any new one of its group may that follows no other.
private struct Succession {
    /// The first successor that failed.
    private(set) var failed: AllocationWire?
    /// How many successors do not run yet.
    private(set) var missing = 0

    /// Looks at the successors of `stopped` in `all`; `known` were there before.
    init(of stopped: ArraySlice<AllocationWire>, among all: [AllocationWire], beside known: Set<String>) {
        let present = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
        var unnamed: [String: Int] = [:]
        for old in stopped {
            if let next = present[old.id]?.successor {
                let next = present[next]
                if next?.clientStatus == "failed" { failed = failed ?? next }
                if next?.runsOrIsDone != true { missing += 1 }
            } else {
                unnamed[old.group, default: 0] += 1
            }
        }
        let named = Set(all.compactMap(\.successor))
        let others = all.filter { !known.contains($0.id) && !named.contains($0.id) }
        for (group, count) in unnamed.sorted(by: { $0.key < $1.key }) {
            let new = others.filter { $0.group == group }
            failed = failed ?? new.first { $0.clientStatus == "failed" }
            missing += max(0, count - new.count { $0.runsOrIsDone })
        }
    }
}

extension AllocationWire {
    /// The allocation that takes its place, where a server tells that.
    fileprivate var successor: String? { next.flatMap { $0.isEmpty ? nil : $0 } }

    fileprivate var runsOrIsDone: Bool { clientStatus == "running" || clientStatus == "complete" }
}

/// A job of a server.
struct ServedJob: RestartedJob {
    let client: ClusterClient
    let id: String
    let namespace: String

    func stop(_ allocation: String) async throws { _ = try await client.stopAllocation(allocation) }

    func allocations(after index: Revision) async throws -> ([AllocationWire], Revision) {
        let options = ReadOptions(namespace: namespace, index: index, wait: .seconds(5))
        let answer = try await Patience().ask { try await client.allocations(of: id, options) }
        return (answer.value, answer.index)
    }
}
